package kinds

import "unicode/utf8"

const (
	// stretchBefore and stretchAfter bound how many characters are read around a
	// digit: the longest value is an IBAN in groups, 42 characters.
	stretchBefore = 44
	stretchAfter  = 80
	// stretchRoom is what is left before a word for letters and a blank.
	stretchRoom = 4
	// plainWord is the length of a word of letters that ends a stretch: no number
	// has so many letters together.
	plainWord = 5
)

// stretch is a part of a line around a digit, in ASCII as next reads it, with
// the places of each character in the text. Characters lo to hi are set.
type stretch struct {
	c        [stretchBefore + stretchAfter]byte
	from, to [stretchBefore + stretchAfter]int32
	lo, hi   int
	// cutLeft says that the word before the digit goes on to the left, cutRight that
	// the line goes on to the right.
	cutLeft, cutRight bool
}

// fill reads the stretch around the digit at i, which becomes the character
// stretchBefore.
func (s *stretch) fill(text string, i int) {
	s.lo, s.hi = stretchBefore, stretchBefore
	s.cutLeft, s.cutRight = false, false
	s.fillBefore(text, i)
	s.fillAfter(text, i)
}

func (s *stretch) fillBefore(text string, i int) {
	word := true
	for {
		r, from, to := before(text, i)
		if r <= ' ' || r >= utf8.RuneSelf {
			break
		}
		if s.lo == stretchRoom {
			s.cutLeft = word
			return
		}
		word = word && isAlnum(byte(r))
		s.put(s.lo-1, r, from, to)
		s.lo--
		i = from
	}
	if s.lo == stretchBefore || s.c[s.lo] == '(' && s.lo == stretchBefore-1 {
		s.fillLetters(text, i)
	}
}

// fillLetters takes in one to three capitals that a blank parts from the number.
func (s *stretch) fillLetters(text string, i int) {
	r, from, to := before(text, i)
	if r != ' ' {
		return
	}
	was := s.lo
	s.put(s.lo-1, r, from, to)
	s.lo--
	for i = from; ; {
		if r, from, to = before(text, i); r >= utf8.RuneSelf || r < 0 || !isAlnum(byte(r)) && r != '_' {
			break
		}
		if s.lo < was-3 || !isUpper(byte(r)) {
			s.lo = was
			return
		}
		s.put(s.lo-1, r, from, to)
		s.lo--
		i = from
	}
	if s.lo == was-1 {
		s.lo = was
	}
}

func (s *stretch) fillAfter(text string, i int) {
	letters, word := 0, 0
	for s.hi < len(s.c) {
		r, from, to := next(text, i)
		if r < ' ' || r >= utf8.RuneSelf {
			return
		}
		if isLetter(byte(r)) {
			if letters++; letters == plainWord && word > 0 {
				s.hi = word
				return
			}
		} else {
			letters = 0
		}
		if r == ' ' {
			word = s.hi
		} else if letters == 0 {
			word = 0
		}
		s.put(s.hi, r, from, to)
		s.hi++
		i = to
	}
	s.cutRight = true
}

func (s *stretch) put(k int, r rune, from, to int) {
	s.c[k], s.from[k], s.to[k] = byte(r), int32(from), int32(to)
}

// at gives the character at k, or a blank outside the stretch.
func (s *stretch) at(k int) byte {
	if k < s.lo || k >= s.hi {
		return ' '
	}
	return s.c[k]
}

// wordStart gives where the letters begin that end before k.
func (s *stretch) wordStart(k int) int {
	for k > s.lo && isLetter(s.c[k-1]) {
		k--
	}
	return k
}

// runEnd gives where letters and digits end that begin at k.
func (s *stretch) runEnd(k int) int {
	for k < s.hi && isAlnum(s.c[k]) {
		k++
	}
	return k
}

// lettersNear says whether a letter stands in the word from k to run, or behind one
// other character beside it.
func (s *stretch) lettersNear(k, run int) bool {
	return isLetter(s.at(run-1)) || !isAlnum(s.at(k-1)) && isLetter(s.at(k-2)) || !isAlnum(s.at(run)) && isLetter(s.at(run+1)) || isMask(s.at(run))
}

// inPath says whether the slash before k stands in an address or a path rather
// than between the items of a list: behind a word of letters alone, or anywhere
// behind a host, but not behind an e-mail address.
func (s *stretch) inPath(k int) bool {
	k -= 2
	word := k >= s.lo && isLetter(s.c[k])
	for i := k; i >= s.lo && s.c[i] != '/' && word; i-- {
		word = isLetter(s.c[i]) || s.c[i] == '-'
	}
	host, letters := false, false
	i := k
	for ; i >= s.lo && s.c[i] != ' '; i-- {
		letters = letters || isLetter(s.c[i])
		switch {
		case s.c[i] == '@':
			return false
		case s.c[i] == '.' && isLetter(s.at(i-1)) && isLetter(s.at(i+1)):
			host = true
		}
	}
	host = host || letters && i < stretchRoom // what is so long is a path
	return word || host
}
