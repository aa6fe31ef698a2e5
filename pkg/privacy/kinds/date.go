package kinds

// date looks for a date in figures, or with the name of a month, that begins
// with group g. It is a date of birth if a word says so; any other is passed, so
// that its parts are taken for nothing else.
func (r *Recogniser) date(d *digits, g int) int {
	s := &r.line
	start := int(s.from[d.groups[g].start])
	if n := d.length(g); n == 8 && isDay(s.c[d.groups[g].start:d.groups[g].end]) {
		if r.standsAlone(d, g, g) && r.birthday(start, int(s.to[d.groups[g].end-1]), Likely) {
			return 1
		}
		return 0
	} else if n <= 2 || n == 4 {
		if stop := r.dateWords(start, int(s.to[d.groups[g].end-1]), n); stop > 0 {
			n := 1
			for g+n < d.n && int(s.from[d.groups[g+n].start]) < stop {
				n++
			}
			return n
		}
	}
	joint := d.joint(s, g)
	if g+2 == d.n && (joint == '/' || joint == '-') && d.length(g) <= 2 && d.length(g+1) <= 2 {
		return r.dayAlone(d, g)
	}
	if g+2 >= d.n || joint != d.joint(s, g+1) || joint != '-' && joint != '/' && joint != '.' && joint != ' ' {
		return 0
	}
	var v [3]int
	for i := range v {
		if d.length(g+i) > 4 {
			return 0
		}
		v[i] = int(number(s.c[d.groups[g+i].start:d.groups[g+i].end]))
	}
	sure := d.length(g) == 4 || d.length(g+2) == 4
	if joint == '.' && (d.joint(s, g+2) == '.' || s.at(d.groups[g].start-1) == '.') || !isDate(v, d.length(g), d.length(g+2)) {
		return 0
	}
	born := r.birthday(start, int(s.to[d.groups[g+2].end-1]), Sure)
	if !born && (!sure || joint == ' ') {
		return 0
	}
	return 3
}

// dayAlone takes a day without a year, 2/1, after a cue.
func (r *Recogniser) dayAlone(d *digits, g int) int {
	s := &r.line
	a := int(number(s.c[d.groups[g].start:d.groups[g].end]))
	b := int(number(s.c[d.groups[g+1].start:d.groups[g+1].end]))
	start := int(s.from[d.groups[g].start])
	if !validDay(1900, a, b) && !validDay(1900, b, a) || r.cueBefore(start) != birthCue {
		return 0
	}
	r.add(birth, start, int(s.to[d.groups[g+1].end-1]), Likely)
	return 2
}

func number(digits []byte) (n int64) {
	for _, c := range digits {
		n = n*10 + int64(c-'0')
	}
	return n
}

// isDate reads three numbers as year, month and day, or the other way round, in
// either order of month and day; first and last are how many digits those have.
func isDate(v [3]int, first, last int) bool {
	year, a, b := v[0], v[1], v[2]
	switch {
	case first == 4 && last <= 2:
	case last == 4 && first <= 2:
		year, b = v[2], v[0]
	case first <= 2 && last == 2:
		year, b = 1900+v[2], v[0]
	default:
		return false
	}
	return validDay(year, a, b) || first <= 2 && validDay(year, b, a)
}

// birthday notes a date if the words before or behind it say that somebody was
// born then.
func (r *Recogniser) birthday(start, stop int, c Confidence) bool {
	if r.cueBefore(start) != birthCue && !bornBehind(r.text, stop) {
		return false
	}
	r.add(birth, start, stop, c)
	return true
}

// bornBehind says whether what follows a date says that somebody was born then.
func bornBehind(text string, i int) bool {
	for range 2 {
		c, _, to := next(text, i)
		if c != ' ' && c != '(' && c != ',' && c != '，' {
			break
		}
		i = to
	}
	var word [4]rune
	for k := range word {
		word[k], _, i = next(text, i)
	}
	switch {
	case word[0] == '出' && (word[1] == '生' || word[1] == '世'), word[0] == '生' && word[1] == '日':
		return word[2] != '率' && word[2] != '會' && word[2] != '会'
	case word[0] == '生':
		return !isHan(word[1])
	}
	return lowerRune(word[0]) == 'b' && lowerRune(word[1]) == 'o' && lowerRune(word[2]) == 'r' && lowerRune(word[3]) == 'n'
}

func lowerRune(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		return r + 'a' - 'A'
	}
	return r
}

// numeral reads up to four digits at i.
func numeral(text string, i int) (n, size, stop int) {
	for stop = i; size <= 4; size++ {
		c, _, to := next(text, stop)
		if c < '0' || c > '9' {
			break
		}
		n = n*10 + int(c-'0')
		stop = to
	}
	return n, size, stop
}

// unit reads one of the signs behind a number, which a blank may part.
func unit(text string, i int, signs ...rune) (stop int) {
	c, _, to := next(text, i)
	if c == ' ' {
		c, _, to = next(text, to)
	}
	for _, sign := range signs {
		if c == sign {
			return to
		}
	}
	return 0
}

func skipBlank(text string, i int) int {
	if c, _, to := next(text, i); c == ' ' {
		return to
	}
	return i
}

// birthHan looks at i for 1990年1月2日, or 1月2日 after a cue, and returns where
// to go on; 0 if there is no date.
func (r *Recogniser) birthHan(i int) int {
	year, size, stop := numeral(r.text, i)
	if size == 0 || size > 4 {
		return 0
	}
	at := unit(r.text, stop, '年')
	withYear := at > 0
	month, day := year, 0
	if withYear {
		if month, size, stop = numeral(r.text, skipBlank(r.text, at)); size == 0 {
			return 0
		}
	}
	if at = unit(r.text, stop, '月'); at == 0 || month < 1 || month > 12 {
		return 0
	}
	monthEnd := at
	if day, size, stop = numeral(r.text, skipBlank(r.text, at)); size == 0 && withYear {
		r.birthday(i, monthEnd, Likely)
		return monthEnd
	}
	if size == 0 || day < 1 || day > 31 {
		return 0
	}
	if at = unit(r.text, stop, '日', '號', '号'); at == 0 {
		return 0
	}
	c := Likely
	if withYear && year >= 1900 {
		c = Sure
	}
	r.birthday(i, at, c)
	return at
}

// dateWords looks for a date with the name of a month around the number of size
// digits from start to stop: 2 January 1990, 1990 January 2, January 2, 1990. It
// returns where the date ends, 0 if there is none.
func (r *Recogniser) dateWords(start, stop, size int) int {
	month, after := monthAt(r.text, skipMarks(r.text, skipOrdinal(r.text, stop)))
	first := start
	if !month && size <= 2 {
		if first, month = monthBefore(r.text, start); !month {
			return 0
		}
		after = skipOrdinal(r.text, stop)
	}
	if !month {
		return 0
	}
	n, digits, end := numeral(r.text, skipMarks(r.text, after))
	switch {
	case size <= 2 && digits == 4 && 1900 <= n && n <= 2099:
	case size == 4 && 0 < digits && digits <= 2 && n <= 31:
	case size <= 2 && r.cueBefore(first) == birthCue: // the day alone
		end = max(after, stop)
	default:
		return 0
	}
	r.birthday(first, end, Sure)
	return end
}

// skipMarks passes up to three blanks, commas, full stops and hyphens, and "of".
func skipMarks(text string, i int) int {
	for range 3 {
		c, _, to := next(text, i)
		if c != ' ' && c != ',' && c != '.' && c != '-' && c != '/' {
			break
		}
		i = to
	}
	if c, _, to := next(text, i); lowerRune(c) == 'o' {
		if c, _, to = next(text, to); lowerRune(c) == 'f' {
			if c, _, to = next(text, to); c == ' ' {
				return to
			}
		}
	}
	return i
}

// skipOrdinal passes st, nd, rd or th.
func skipOrdinal(text string, i int) int {
	a, _, to := next(text, i)
	if !isLetterRune(a) {
		return i
	}
	b, _, to := next(text, to)
	switch [2]rune{lowerRune(a), lowerRune(b)} {
	case [2]rune{'s', 't'}, [2]rune{'n', 'd'}, [2]rune{'r', 'd'}, [2]rune{'t', 'h'}:
		return to
	}
	return i
}
