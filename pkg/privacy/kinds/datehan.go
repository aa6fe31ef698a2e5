package kinds

// mostNumerals bounds the numerals of a year, a month or a day.
const mostNumerals = 5

// birthNumerals looks around the character 月 from i to j for a date in Chinese
// numerals, 一九九〇年三月五日, or 三月五日 alone, which is a date of birth if a word
// says so. It returns where to go on.
func (r *Recogniser) birthNumerals(i, j int) int {
	start := numeralsBefore(r.text, i)
	if start == i {
		return j
	}
	stop, c := j, Likely
	withYear := false
	at := skipBlankBack(r.text, start)
	if y, from, _ := before(r.text, at); y == '年' {
		from = skipBlankBack(r.text, from)
		if year := numeralsBefore(r.text, from); year < from {
			start, withYear = year, true
		}
	}
	if day := numeralsAfter(r.text, skipBlank(r.text, j)); day > j {
		if at := unit(r.text, day, '日', '號', '号'); at > 0 {
			stop = at
		}
	}
	switch {
	case withYear && stop > j:
		c = Sure
	case !withYear && stop == j:
		return j
	}
	r.birthday(start, stop, c)
	return stop
}

// numeralsBefore gives where Chinese numerals begin that end at i; i if there are
// none. Digits may stand among them, and circles for nought.
func numeralsBefore(text string, i int) int {
	for range mostNumerals {
		c, from, _ := before(text, i)
		if !isDateNumeral(c) {
			break
		}
		i = from
	}
	return i
}

// numeralsAfter gives where Chinese numerals end that begin at i.
func numeralsAfter(text string, i int) int {
	for range mostNumerals {
		c, _, to := next(text, i)
		if !isDateNumeral(c) {
			break
		}
		i = to
	}
	return i
}

// isDateNumeral is isNumeral with what else stands in dates. The circle that some
// write for nought is read as an asterisk.
func isDateNumeral(c rune) bool {
	return isNumeral(c) || '0' <= c && c <= '9' || c == '*' || c == '元' || c == '正' || c == '两'
}
