package kinds

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/publicsuffix"
)

// mostLocal and mostDomain bound the parts of an address, in characters.
const (
	mostLocal  = 64
	mostDomain = 120
)

// atSign looks at the at sign from i to j and returns where to go on.
func (r *Recogniser) atSign(i, j int) int {
	disguised := false
	if c, from, _ := before(r.text, i); closes(c) != 0 { // [@]
		if d, _, to := next(r.text, j); d == closes(c) {
			i, j, disguised = from, to, true
		}
	} else if c == ' ' {
		if stop := r.spacedMail(i, j); stop > 0 {
			return stop
		}
	}
	if stop := r.mail(i, j, disguised); stop > 0 {
		return stop
	}
	return j
}

// bracket looks at the opening bracket from i to j for an "at" written out.
func (r *Recogniser) bracket(i, j int) int {
	opening, _, _ := next(r.text, i)
	k := skipBlank(r.text, j)
	a, _, to := next(r.text, k)
	if lowerRune(a) != 'a' {
		return j
	}
	t, _, to := next(r.text, to)
	to = skipBlank(r.text, to)
	closing, _, to := next(r.text, to)
	if lowerRune(t) != 't' || closing != closes(opening) {
		return j
	}
	if stop := r.mail(i, to, true); stop > 0 {
		return stop
	}
	return j
}

// closes gives the bracket that closes one, 0 for another character.
func closes(opening rune) rune {
	switch opening {
	case '(':
		return ')'
	case '[':
		return ']'
	case '{':
		return '}'
	case '<':
		return '>'
	case '【':
		return '】'
	}
	return 0
}

// mail looks for an address around an at that lies from i to j, and returns where
// it ends; 0 if there is none. In a disguised one blanks may stand around it.
func (r *Recogniser) mail(i, j int, disguised bool) int {
	if disguised {
		if c, from, _ := before(r.text, i); c == ' ' {
			i = from
		}
		j = skipBlank(r.text, j)
	}
	start := r.localStart(i)
	if start == i {
		return 0
	}
	stop := r.domainEnd(j, false)
	if stop == 0 {
		return 0
	}
	c := Sure
	if disguised {
		c = Likely
	}
	r.add(email, start, stop, c)
	return stop
}

// localStart gives where the part before the at begins, i if there is none.
// Chinese characters belong to it only if there is nothing else.
func (r *Recogniser) localStart(i int) int {
	start, any := i, false
	for n := 0; n < mostLocal; n++ {
		c, from, _ := before(r.text, start)
		if !isLocal(c) {
			if !any && isHan(c) {
				return r.hanStart(i)
			}
			break
		}
		any = any || c != '.' && c != '-'
		start = from
	}
	for start < i { // quotation marks and dots of the sentence
		c, _, to := next(r.text, start)
		if c != '.' && c != '-' && c != '\'' && c != '*' {
			break
		}
		start = min(to, i)
	}
	if !any {
		return i
	}
	return start
}

// isLocal says whether a character belongs to the part before the at.
func isLocal(c rune) bool {
	if c < utf8.RuneSelf {
		return c > 0 && (isAlnum(byte(c)) || strings.IndexByte("._%+-'~*&=", byte(c)) >= 0)
	}
	return c < 0x530 && unicode.IsLetter(c)
}

// hanStart gives where up to six Chinese characters begin that end at i.
func (r *Recogniser) hanStart(i int) int {
	for range 6 {
		c, from, _ := before(r.text, i)
		if !isHan(c) {
			break
		}
		i = from
	}
	return i
}

// domainEnd gives where the domain ends that begins at j, 0 if there is none: two
// labels or more, the last one a top-level name. In a spelled one "dot" may stand
// between blanks.
func (r *Recogniser) domainEnd(j int, spelled bool) int {
	labels, stop, n := 0, 0, 0
	for n < mostDomain {
		from := j
		ascii, size, to := r.label(j)
		if size == 0 {
			break
		}
		labels++
		n += size
		if labels > 1 && r.isTop(from, to, ascii) {
			stop = to
		}
		if c, _, _ := next(r.text, to); c == '。' && stop == to {
			break // the end of a sentence
		}
		if j = r.dot(to); j == 0 && spelled {
			j = wordAt(r.text, to, 'd', 'o', 't')
		}
		if j == 0 {
			break
		}
	}
	return stop
}

// label reads one label of a domain: ASCII letters, digits and hyphens, or
// letters of one other kind.
func (r *Recogniser) label(j int) (ascii bool, size, stop int) {
	stop = j
	for ; size < 63; size++ {
		c, _, to := next(r.text, j)
		plain := c >= 0 && c < utf8.RuneSelf
		if plain && !isAlnum(byte(c)) && (c != '-' || size == 0) || !plain && (c < 0 || !unicode.IsLetter(c)) {
			break
		}
		// Sentences in Chinese stand right behind an address: the kind must not
		// change, but for accented letters among plain ones.
		if size == 0 {
			ascii = c < 0x530
		} else if ascii != (c < 0x530) {
			break
		}
		j = to
		if c != '-' {
			stop = to
		}
	}
	return ascii, size, stop
}

// dot reads the dot between two labels, in brackets or spelled, and returns where
// the next begins; 0 if there is none.
func (r *Recogniser) dot(i int) int {
	i = skipBlankBefore(r.text, i)
	c, _, to := next(r.text, i)
	switch c {
	case '.', '。', '｡':
		return to
	}
	closing := closes(c)
	if closing == 0 {
		return 0
	}
	to = skipBlank(r.text, to)
	c, _, to = next(r.text, to)
	if lowerRune(c) == 'd' {
		o, _, to2 := next(r.text, to)
		t, _, to3 := next(r.text, to2)
		if lowerRune(o) != 'o' || lowerRune(t) != 't' {
			return 0
		}
		to = to3
	} else if c != '.' && c != '點' && c != '点' {
		return 0
	}
	to = skipBlank(r.text, to)
	if c, _, to = next(r.text, to); c != closing {
		return 0
	}
	return skipBlank(r.text, to)
}

// skipBlankBefore passes a blank that stands before a bracket.
func skipBlankBefore(text string, i int) int {
	if c, _, to := next(text, i); c == ' ' {
		if d, _, _ := next(text, to); closes(d) != 0 {
			return to
		}
	}
	return i
}

// isTop says whether the label from i to j is a top-level name.
func (r *Recogniser) isTop(i, j int, ascii bool) bool {
	if !ascii {
		return true
	}
	var room [24]byte
	n, wide := 0, false
	for i < j {
		c, _, to := next(r.text, i)
		if n == len(room) || c >= utf8.RuneSelf {
			wide = true
			break
		}
		if n > 0 || isLetter(byte(c)) {
			room[n] = lower(byte(c))
			n++
		} else {
			return false
		}
		i = to
	}
	switch name := room[:n]; {
	case wide:
		return n < len(room)
	case n == 2:
		return isLetter(name[1])
	}
	switch string(room[:n]) {
	case "com", "org", "net", "edu", "gov", "info", "example", "test", "invalid", "localhost", "onion":
		return true
	}
	if n < 2 {
		return false
	}
	_, icann := publicsuffix.PublicSuffix(string(room[:n]))
	return icann
}
