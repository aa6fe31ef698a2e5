package kinds

import doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"

// mostGroups bounds the groups of digits that are read as one number.
const mostGroups = 12

// group is a run of digits of a stretch.
type group struct{ start, end int }

// digits is a chain of groups that at most three separators part, as numbers are
// written, and which group is looked at.
type digits struct {
	groups [mostGroups]group
	n      int
	// cue is what the words before the chain call it, asked when needed.
	cue   cueKind
	asked bool
	// taken is the number of groups before the first that belongs to no value yet,
	// if the one before it does; lastPhone says that this is a phone: the second of
	// two has the cue of the first.
	taken     int
	lastPhone bool
}

func (d *digits) length(g int) int { return d.groups[g].end - d.groups[g].start }

// lengthOr0 is length also for groups that there are none of.
func (d *digits) lengthOr0(g int) int {
	if g < 0 || g >= d.n {
		return 0
	}
	return d.length(g)
}

// number looks at the digit at i and returns where to go on.
func (r *Recogniser) number(i int) int {
	s := &r.line
	s.fill(r.text, i)
	k := stretchBefore
	if stop := r.shortNumber(i, k); stop > 0 {
		return stop
	}
	run := s.runEnd(k)
	first := s.wordStart(k)
	if stop := r.lettered(first, k, run); stop > 0 {
		return stop
	}
	var d digits
	stop := d.read(s, k)
	for g := 0; g < d.n; {
		if g > 0 && d.goesOn(s, g) {
			return int(s.from[d.groups[g].start])
		}
		taken := r.group(&d, g)
		if taken > 0 {
			d.taken = g + taken
		} else {
			taken = 1
			r.countNumber(&d, g)
		}
		g += taken
	}
	if d.n == 1 && run > stop && run-first >= encodedRun {
		stop = run // a hash, a key, the address of a wallet
	}
	return r.place(stop)
}

// shortNumber looks for what begins with up to five digits, the first of them at
// i: an English address, or a date before whose signs in Chinese they stand.
func (r *Recogniser) shortNumber(i, k int) int {
	s := &r.line
	stop := k
	for stop < s.hi && isDigit(s.c[stop]) {
		stop++
	}
	if stop-k > 5 {
		return 0
	}
	if stop == s.hi || s.c[stop] == ' ' && stop+1 == s.hi {
		if stop := r.birthHan(i); stop > 0 {
			return stop
		}
	}
	switch c := s.at(stop); {
	case c == ' ', c == '/', c == ',', c == '-', c == '.', isLetter(c):
		return r.passAddress(i)
	}
	return 0
}

// encodedRun is the length from which letters and digits in one word are
// encoded.
const encodedRun = 12

// place gives the place in the text behind the character before k; a number that
// the stretch does not hold to its end is passed whole.
func (r *Recogniser) place(k int) int {
	s := &r.line
	i := int(s.to[k-1])
	if !s.cutRight || k < s.hi {
		return i
	}
	for {
		c, _, to := next(r.text, i)
		if c < '0' || c > '9' {
			return i
		}
		i = to
	}
}

// countNumber notes a number that is nothing, but for small ones, years and those
// inside a word or an e-mail address.
func (r *Recogniser) countNumber(d *digits, g int) {
	s := &r.line
	start, stop := d.groups[g].start, d.groups[g].end
	before, after := s.at(start-1), s.at(stop)
	switch {
	case stop-start < 3, isLetter(before), before == '_', before == '.', isLetter(after), after == '_', after == '@':
		return
	case stop-start == 4 && (s.c[start] == '1' && s.c[start+1] == '9' || s.c[start] == '2' && s.c[start+1] == '0'):
		return
	}
	r.numbers++
}

// lettered looks for values that mix letters and digits, in the word from first
// to run with its first digit at k; 0 if there is none.
func (r *Recogniser) lettered(first, k, run int) int {
	stop := 0
	if first < k || r.line.lettersNear(k, run) || isMiddleDot(r.text, int(r.line.from[k])) {
		if stop = r.iban(first, k); stop == 0 {
			stop = r.plate(first, k, run)
		}
		if stop == 0 {
			stop = r.hkid(first, k)
		}
	}
	if stop == 0 {
		stop = r.passport(first, k, run)
	}
	if stop == 0 {
		return 0
	}
	return r.place(stop)
}

// group looks for a value that begins with group g and returns of how many
// groups it is; 0 if there is none.
func (r *Recogniser) group(d *digits, g int) int {
	if r.line.cutLeft || r.line.cutRight && d.groups[g].end == r.line.hi {
		return 0
	}
	n := r.mainland(d, g)
	if n == 0 {
		n = r.card(d, g)
	}
	if n == 0 {
		n = r.date(d, g)
	}
	if n > 0 {
		d.lastPhone = false
		return n
	}
	n = r.phone(d, g)
	d.lastPhone = n > 0
	return n
}

// read takes in the chain that begins at k and returns where it ends.
func (d *digits) read(s *stretch, k int) int {
	stop := k
	for d.n < mostGroups {
		start := k
		for k < s.hi && isDigit(s.c[k]) {
			k++
		}
		if start == k {
			break
		}
		d.groups[d.n] = group{start, k}
		d.n++
		stop = k
		for k < s.hi && k-stop < 3 && isSeparator(s.c[k]) {
			k++
		}
		if k == stop {
			break
		}
	}
	return stop
}

// isSeparator says whether a character may stand between groups of digits.
func isSeparator(c byte) bool {
	switch c {
	case ' ', '-', '.', '(', ')', '/', '+':
		return true
	}
	return false
}

// joint gives the separator between group g and the next: a character if it is
// alone, 0 if there are several, '|' where the chain ends.
func (d *digits) joint(s *stretch, g int) byte {
	if g < 0 || g+1 >= d.n {
		return '|'
	}
	if d.groups[g+1].start-d.groups[g].end != 1 {
		return 0
	}
	return s.c[d.groups[g].end]
}

// cueOf says what the words before the chain call it.
func (r *Recogniser) cueOf(d *digits) cueKind {
	if !d.asked {
		d.asked = true
		i := int(r.line.from[d.groups[0].start])
		if d.cue = r.cueBefore(i); d.cue == noCue && r.followsPhone(i) {
			d.cue = phoneCue
		}
	}
	return d.cue
}

// followsPhone says whether a phone that had a cue, or a prefix, ends just before
// the place i: lists have one cue.
func (r *Recogniser) followsPhone(i int) bool {
	if len(r.spans) == 0 {
		return false
	}
	last := r.spans[len(r.spans)-1]
	const gap = 10
	return last.Kind == phone && last.Confidence > Shape && i >= last.End && i-last.End <= gap
}

// goesOn says whether a value that begins with group g might not be read to its
// end: it is looked at again from there.
func (d *digits) goesOn(s *stretch, g int) bool {
	const longestGroups, longestValue = 5, 24
	return d.n == mostGroups && d.n-g < longestGroups || s.cutRight && s.hi-d.groups[g].start < longestValue
}

// collect copies the digits of groups g to h.
func (d *digits) collect(s *stretch, dst []byte, g, h int) []byte {
	for ; g <= h; g++ {
		dst = append(dst, s.c[d.groups[g].start:d.groups[g].end]...)
	}
	return dst
}

// emit notes a value between two characters of the stretch.
func (r *Recogniser) emit(kind doxtrailv1.PersonalDataKind, start, stop int, c Confidence) {
	r.add(kind, int(r.line.from[start]), int(r.line.to[stop-1]), c)
}
