package kinds

// mainlandPlate looks for 粤B·12345 and, of electric cars, 粤B·D12345: a province,
// the letter of a city, perhaps a dot, and five or six letters and digits. Nothing
// else is written so, and no cue is asked for.
func (r *Recogniser) mainlandPlate(first, k, run int) int {
	s := &r.line
	start, dotted := cityBefore(r.text, int(s.from[first]))
	if !dotted && first < k {
		start, first = int(s.from[first]), first+1
	}
	c, start, _ := before(r.text, start)
	if !isProvince(c) {
		return 0
	}
	letters := 0
	for i := first; i < run; i++ {
		if isLetter(s.c[i]) {
			letters++
		}
	}
	switch n := run - first; {
	case n != 5 && n != 6, letters > 2, s.at(run) == '(', s.at(run) == '_', s.at(run) == '@':
		return 0
	case !dotted && n == 6 && letters == 0: // an identity number of Hong Kong
		return 0
	}
	r.add(plate, start, int(s.to[run-1]), Sure)
	return run
}

// cityBefore gives where the letter of a city begins that a dot parts from the place
// i.
func cityBefore(text string, i int) (start int, dotted bool) {
	c, from, _ := before(text, i)
	if !isDot(c) {
		return 0, false
	}
	c, from, _ = before(text, from)
	if !isLetterRune(c) {
		return 0, false
	}
	return from, true
}

// isMiddleDot says whether a dot that is no full stop ends at i.
func isMiddleDot(text string, i int) bool {
	if i < 3 || text[i-3] != 0xE2 && text[i-3] != 0xE3 { // where Unicode has them
		return false
	}
	c, _, _ := before(text, i)
	return isDot(c)
}

// isDot knows the full stop, as next reads it, and the dots that are set higher.
func isDot(c rune) bool {
	switch c {
	case '.', '•', '・', '‧', '∙', '⋅', '･':
		return true
	}
	return false
}
