package kinds

// plate looks for a vehicle's plate, after a cue only: letters and digits, up to
// eight, of which Hong Kong's are two letters and up to four digits.
func (r *Recogniser) plate(first, k, run int) int {
	s := &r.line
	if stop := r.mainlandPlate(first, k, run); stop > 0 {
		return stop
	}
	first = s.lettersApart(first, k)
	start := int(s.from[first])
	province := false
	if c, from, _ := before(r.text, start); isProvince(c) {
		start, province = from, true
	}
	if run-first > 8 || r.cueBefore(start) != plateCue {
		return 0
	}
	stop := plateEnd(s, first, k, run)
	if stop == 0 && !province {
		return 0
	}
	stop = max(stop, run)
	c := Likely
	if k-first == 2 || s.c[k-1] == ' ' && k-first == 3 {
		c = hkPlate(s.c[first:first+2], s.c[k:stop])
	}
	end := int(s.to[stop-1])
	if r, _, to := next(r.text, end); r == '港' || r == '澳' {
		end = to
	}
	r.add(plate, start, end, c)
	return stop
}

// hkPlate says how sure two letters and digits are a plate of Hong Kong, which
// has neither I, O nor Q and no leading zero.
func hkPlate(letters, digits []byte) Confidence {
	for _, c := range letters {
		if c = upper(c); c == 'I' || c == 'O' || c == 'Q' {
			return Likely
		}
	}
	if len(digits) > 4 || digits[0] == '0' || !isDigit(digits[len(digits)-1]) {
		return Likely
	}
	return Sure
}

// plateEnd gives where letters and digits end that make a plate, 0 if they make
// none: both are there, and no more digits than a plate has.
func plateEnd(s *stretch, first, k, run int) int {
	if first == k { // ABC behind the digits, with or without a hyphen
		stop := run
		if c := s.at(run); (c == '-' || c == ' ') && isUpper(s.at(run+1)) {
			stop = s.runEnd(run + 1)
		}
		if stop-k > 8 || !isLetter(s.c[stop-1]) {
			return 0
		}
		return stop
	}
	for s.at(run) == '-' && isDigit(s.at(run+1)) && s.runEnd(run+1)-first <= 9 { // MA-12-34
		run = s.runEnd(run + 1)
	}
	if run-k > 6 || isAlnum(s.at(first-1)) {
		return 0
	}
	return run
}

// isProvince knows the characters that begin a plate of mainland China.
func isProvince(r rune) bool {
	switch r {
	case '京', '津', '沪', '滬', '渝', '冀', '豫', '云', '雲', '辽', '遼', '黑', '湘', '皖', '鲁', '魯', '新', '苏', '蘇', '浙', '赣', '贛', '鄂', '桂', '甘', '晋', '晉',
		'蒙', '陕', '陝', '吉', '闽', '閩', '贵', '貴', '粤', '粵', '青', '藏', '川', '宁', '寧', '琼', '瓊':
		return true
	}
	return false
}
