package kinds

import "bytes"

// phone looks for a telephone number that begins with group g: first with a
// prefix of a country, then in the forms of Hong Kong, the mainland, Taiwan and
// Great Britain, and at last whatever a cue calls one.
func (r *Recogniser) phone(d *digits, g int) int {
	last, c := r.phoneForm(d, g)
	if last < g {
		return 0
	}
	r.emitPhone(d, g, last, c)
	return last - g + 1
}

// phoneForm gives the last group of a phone and how sure it is; none if there is
// no phone.
func (r *Recogniser) phoneForm(d *digits, g int) (last int, c Confidence) {
	if last, c = r.phonePlus(d, g); last >= g {
		return last, c
	}
	switch r.line.c[d.groups[g].start] {
	case '0':
		if last, c = r.phoneZeros(d, g); last < g {
			last, c = r.phoneNational(d, g)
		}
	case '1':
		last, c = r.phoneMobile(d, g)
	default:
		if last, c = r.phoneCountry(d, g); last < g {
			last, c = r.phoneHongKong(d, g)
		}
	}
	if last < g {
		return r.phoneCued(d, g)
	}
	return last, c
}

// none is what a rule returns that finds no phone.
const none = -1

// emitPhone notes groups g to last with the plus sign before them, and the bracket
// if it closes among them.
func (r *Recogniser) emitPhone(d *digits, g, last int, c Confidence) {
	s := &r.line
	start := d.groups[g].start
	if s.at(start-1) == '+' {
		start--
	}
	if s.at(start-1) == '(' && bytes.IndexByte(s.c[start:d.groups[last].end], ')') >= 0 {
		start--
	}
	if c == Shape {
		r.bare++
	}
	r.emit(phone, start, d.groups[last].end, c)
}

// phonePlus reads +852 1234 5678 and the like of any country.
func (r *Recogniser) phonePlus(d *digits, g int) (int, Confidence) {
	s := &r.line
	k := d.groups[g].start
	if s.at(k-1) == ' ' && s.at(k-2) == '+' {
		k--
	}
	if s.at(k-1) != '+' || isDigit(s.at(k-2)) {
		return none, 0
	}
	if last := r.national(d, g, 0); last >= g {
		return last, Sure
	}
	total, last := 0, none
	for h := g; h < d.n && total+d.length(h) <= 15 && (h == g || joins(d.joint(s, h-1))); h++ {
		if total += d.length(h); total >= 9 {
			last = h
		}
	}
	if last < g || !isCountry(s.c[d.groups[g].start:d.groups[g].end]) || !r.endsPhone(d, last) || r.countsSomething(d, last) {
		return none, 0
	}
	return last, Likely
}

// joins says whether a separator may stand inside a phone number; 0 are several.
func joins(joint byte) bool { return joint != '|' && joint != '/' && joint != '+' }

// phoneZeros reads 00852 1234 5678, for the countries whose lengths are known.
func (r *Recogniser) phoneZeros(d *digits, g int) (int, Confidence) {
	c := r.line.c[d.groups[g].start:d.groups[g].end]
	if len(c) < 4 || c[0] != '0' || c[1] != '0' || !r.beginsPhone(d, g) {
		return none, 0
	}
	return r.national(d, g, 2), Sure
}

// phoneCountry reads 852 1234 5678, with a bracket around the prefix or not.
func (r *Recogniser) phoneCountry(d *digits, g int) (int, Confidence) {
	c := r.line.c[d.groups[g].start:d.groups[g].end]
	if len(c) < 2 || c[0] != '8' || !r.beginsPhone(d, g) {
		return none, 0
	}
	last := r.national(d, g, 0)
	if last < g || string(c[:2]) != "86" && string(c[:2]) != "85" && string(c[:2]) != "88" {
		return none, 0
	}
	switch cue := r.cueOf(d); {
	case cue == phoneCue:
		return last, Sure
	case g == 0 && cue.claims():
		return none, 0
	}
	if last == g && r.line.at(d.groups[g].start-1) == '-' {
		return none, 0
	}
	return last, Likely
}

// phoneHongKong reads eight digits from 2 to 9 on, whole, in two fours, in
// pairs or one by one.
func (r *Recogniser) phoneHongKong(d *digits, g int) (int, Confidence) {
	s := &r.line
	last, c := g, Shape
	switch first := s.c[d.groups[g].start]; {
	case first < '2':
		return none, 0
	case d.length(g) == 8:
	case d.length(g) == 4 && g+1 < d.n && d.length(g+1) == 4 && joins(d.joint(s, g)) && d.joint(s, g) != 0:
		if last, c = g+1, Likely; d.joint(s, g) == '.' {
			c = Shape
		}
	case d.pairs(s, g):
		last = g + 3
	default:
		if last = d.singles(s, g, 8); last < g {
			return none, 0
		}
	}
	var room [8]byte
	value := d.collect(s, room[:0], g, last)
	cued := r.cueOf(d) == phoneCue && (g == 0 || d.lastPhone)
	if !r.beginsPhone(d, g) || !r.endsPhone(d, last) || d.hasNeighbours(s, g, last) && !cued {
		return none, 0
	}
	if cued {
		return last, Sure
	}
	if g == 0 && r.cueOf(d).claims() || isRecentDay(value) || isRound(value) || last == g+1 && isPair(value, d.joint(s, g)) || r.countsSomething(d, last) {
		return none, 0
	}
	return last, c
}

// hasNeighbours says whether other groups stand right before or behind groups g
// to last, so that these are a part of something longer.
func (d *digits) hasNeighbours(s *stretch, g, last int) bool {
	own := byte(0)
	if last > g {
		own = d.joint(s, last-1)
	}
	if d.taken < g && belongs(own, d.joint(s, g-1), d.lengthOr0(g-1)) {
		return true
	}
	return belongs(own, d.joint(s, last), d.lengthOr0(last+1))
}

// belongs says whether a group of a length belongs to groups that own parts, if
// joint stands between: a blank parts a number from the next unless it parts its
// groups too.
func belongs(own, joint byte, length int) bool {
	switch joint {
	case '|', '/', 0:
		return false
	case ' ':
		return own == ' ' && isPart(length)
	}
	return true
}

// isPart says whether a group is neither a number of its own nor a small one.
func isPart(length int) bool { return 3 <= length && length <= 6 }

// isPair says whether two fours are two numbers rather than the halves of one:
// years, a range, hundreds.
func isPair(v []byte, joint byte) bool {
	return areYears(v) || joint == '-' && isRange(v) || v[2] == '0' && v[3] == '0' && v[6] == '0' && v[7] == '0'
}

// areYears says whether eight digits are two years.
func areYears(v []byte) bool {
	a, b := number(v[:4]), number(v[4:])
	return 1900 <= a && a <= lastYear && 1900 <= b && b <= lastYear
}

// lastYear is the last that dates are expected of.
const lastYear = 2035

// isRecentDay says whether eight digits are a day.
func isRecentDay(v []byte) bool { return isDay(v) && number(v[:4]) <= lastYear }

// isRange says whether eight digits are two numbers near each other, as pages and
// rooms are.
func isRange(v []byte) bool {
	const near = 50
	a, b := number(v[:4]), number(v[4:])
	return a < b && b <= a+near
}

// isRound says whether eight digits are all the same, or end in five noughts, as
// counts and examples do.
func isRound(v []byte) bool {
	same := true
	for _, c := range v {
		same = same && c == v[0]
	}
	return same || string(v[3:]) == "00000"
}

// claims says whether a cue says that a number is something other than a phone.
func (c cueKind) claims() bool {
	switch c {
	case numberCue, identityCue, cardCue, passportCue, birthCue:
		return true
	}
	return false
}

// phoneMobile reads a mainland mobile number, 1[3-9] and nine digits.
func (r *Recogniser) phoneMobile(d *digits, g int) (int, Confidence) {
	s := &r.line
	last := d.spell(s, g, 11, "11", "344", "434")
	if last < g || s.c[d.groups[g].start] != '1' || !r.beginsPhone(d, g) || !r.endsPhone(d, last) {
		return none, 0
	}
	if d.length(g) > 1 && s.c[d.groups[g].start+1] < '3' {
		return none, 0
	}
	return r.trust(d, g, last)
}

// phoneNational reads numbers with the 0 of long-distance calls: mobiles of
// Taiwan (09) and Great Britain (07), and grouped ones as of Japan and Korea.
func (r *Recogniser) phoneNational(d *digits, g int) (int, Confidence) {
	s := &r.line
	c := s.c[d.groups[g].start:d.groups[g].end]
	if c[0] != '0' || len(c) < 2 || c[1] == '0' || !r.beginsPhone(d, g) {
		return none, 0
	}
	last := none
	switch c[1] {
	case '9':
		last = d.spell(s, g, 10, "10", "433", "46", "28", "244")
	case '7':
		last = d.spell(s, g, 11, "11", "56", "533", "344")
	}
	if last < g {
		last = max(d.spell(s, g, 11, "344", "38", "47", "433"), d.spell(s, g, 10, "244", "28", "37", "334"), d.spell(s, g, 12, "48"), d.spell(s, g, 9, "234"))
	}
	if last < g || !r.endsPhone(d, last) {
		return none, 0
	}
	return r.trust(d, g, last)
}

// trust says what a number of a well-known form counts for.
func (r *Recogniser) trust(d *digits, g, last int) (int, Confidence) {
	switch cue := r.cueOf(d); {
	case cue == phoneCue:
		return last, Sure
	case g == 0 && cue.claims() || d.hasNeighbours(&r.line, g, last) || r.countsSomething(d, last):
		return none, 0
	}
	return last, Likely
}

// phoneCued reads whatever a cue calls a phone: seven to fifteen digits, in
// groups that one separator parts, also digit by digit.
func (r *Recogniser) phoneCued(d *digits, g int) (int, Confidence) {
	s := &r.line
	if sum := d.groups[d.n-1].end - d.groups[g].start; g > 0 || sum < 7 || r.cueOf(d) != phoneCue || isAlnum(s.at(d.groups[g].start-1)) {
		return none, 0
	}
	total, last := 0, none
	for h := g; h < d.n && (h == g || joins(d.joint(s, h-1))); h++ {
		if total += d.length(h); total > 15 || d.length(h) > 12 {
			break
		}
		if total >= 7 {
			last = h
		}
		if total == 8 && s.c[d.groups[g].start] >= '2' { // whole as it is
			break
		}
	}
	if last < g || !r.endsPhone(d, last) {
		return none, 0
	}
	return last, Likely
}
