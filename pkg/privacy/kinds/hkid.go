package kinds

// hkidDigits is how many digits follow the letters.
const hkidDigits = 6

// identity is a Hong Kong identity number's shape in a stretch.
type identity struct {
	start, stop int // with the check character and its brackets
	letters     int // where they begin; there are count of them
	count       int
	digits      [hkidDigits]byte
	masked      bool
	// spaced says that the letters stand apart from the digits.
	spaced bool
	// check is the check character, 0 if there is none; bracketed says how it
	// stands there.
	check     byte
	bracketed bool
}

// hkid looks for one or two letters, six digits, of which the last may be
// masked, and perhaps a check character, in any of the ways they are written:
// A123456(3), A1234563, A123456-3, A 123 456 (3), and with the letter X or * in the
// place of digits.
func (r *Recogniser) hkid(first, k int) int {
	s := &r.line
	id := identity{spaced: first == k}
	if id.spaced && k > s.lo && (s.c[k-1] == ' ' || s.c[k-1] == '-') {
		first = s.wordStart(k - 1)
		id.letters, id.count = first, k-1-first
	} else {
		id.letters, id.count = first, k-first
	}
	if id.count < 1 || id.count > 2 || s.cutLeft && first == s.lo || isDigit(s.at(first-1)) || s.at(first-1) == '_' {
		return 0
	}
	id.start = first
	if !id.readDigits(s, k) {
		return 0
	}
	id.readCheck(s)
	if !id.bracketed && !id.ends(s) {
		return 0
	}
	valid := !id.masked && id.check != 0 && id.check == hkidCheck(s.c[id.letters:id.letters+id.count], id.digits[:])
	c, ok := r.weighHKID(&id, valid)
	if !ok {
		return 0
	}
	r.emit(hkid, id.start, id.stop, c)
	return id.stop
}

// readDigits reads six digits or masks; single blanks and hyphens may part them.
func (id *identity) readDigits(s *stretch, k int) bool {
	n := 0
	for n < hkidDigits {
		c := s.at(k)
		switch {
		case isDigit(c) && !id.masked:
			id.digits[n] = c
			n++
		case isMask(c) && n >= 1:
			id.masked = true
			n++
		case n > 0 && (c == ' ' || c == '-') && k < s.hi && (isDigit(s.at(k+1)) || isMask(s.at(k+1))):
		default:
			return false
		}
		k++
	}
	id.stop = k
	return true
}

// readCheck reads the check character, if there is one.
func (id *identity) readCheck(s *stretch) {
	k := id.stop
	if isCheck(s.at(k)) && isAlnum(s.at(k)) && !isAlnum(s.at(k+1)) {
		id.check, id.stop = upper(s.at(k)), k+1
		return
	}
	for s.at(k) == ' ' && k < s.hi && k < id.stop+2 {
		k++
	}
	opening := s.at(k)
	switch opening {
	case '(', '[', '{', '<':
		k++
		if s.at(k) == ' ' {
			k++
		}
		if !isCheck(s.at(k)) {
			return
		}
		check := s.at(k)
		if k++; s.at(k) == ' ' {
			k++
		}
		if c := s.at(k); c == ')' || c == ']' || c == '}' || c == '>' {
			id.check, id.bracketed, id.stop = upper(check), true, k+1
		}
	case '-', '/', '.':
		k++
		fallthrough
	default:
		if k > id.stop && isCheck(s.at(k)) && !isAlnum(s.at(k+1)) && s.at(k+1) != '-' &&
			upper(s.at(k)) == hkidCheck(s.c[id.letters:id.letters+id.count], id.digitsOrZero()) {
			id.check, id.stop = upper(s.at(k)), k+1
		}
	}
}

// ends says whether what follows a number without brackets lets it end there.
func (id *identity) ends(s *stretch) bool {
	switch c := s.at(id.stop); c {
	case '_', '@':
		return false
	case '*':
		return !id.masked
	case '.', '-':
		return !isAlnum(s.at(id.stop + 1))
	default:
		return !isAlnum(c)
	}
}

// digitsOrZero gives the digits as they can be computed with.
func (id *identity) digitsOrZero() []byte {
	for i, c := range id.digits {
		if c == 0 {
			id.digits[i] = '0'
		}
	}
	return id.digits[:]
}

func isMask(c byte) bool { return c == 'X' || c == 'x' || c == '*' || c == '#' }

func isCheck(c byte) bool { return isDigit(c) || c == 'A' || c == 'a' || isMask(c) }

// weighHKID says what the shape counts for. Shapes without a right check digit
// count, because people mistype and leave it out; but where other words or signs
// claim the number, or it may as well be a word before a number, it needs more.
func (r *Recogniser) weighHKID(id *identity, valid bool) (Confidence, bool) {
	s := &r.line
	c := Shape
	switch {
	case valid && id.bracketed:
		return Sure, true
	case valid || id.bracketed:
		c = Likely
	}
	switch r.cueBefore(int(s.from[id.start])) {
	case identityCue:
		if valid {
			return Sure, true
		}
		return Likely, true
	case numberCue, plateCue, cardCue, passportCue:
		return c, id.bracketed && c > Shape
	}
	if id.bracketed {
		return c, true
	}
	switch s.at(id.start - 1) {
	case '/':
		if s.inPath(id.start) {
			return c, false
		}
	case '#', '@', '=', '&', '%', '\\', '-', '.', '$', '~':
		return c, false
	}
	capitals := isUpper(s.c[id.letters]) && isUpper(s.c[id.letters+id.count-1])
	if id.spaced {
		return c, capitals && (valid || id.masked)
	}
	return c, capitals
}
