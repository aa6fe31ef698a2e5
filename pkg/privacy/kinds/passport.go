package kinds

// passport looks for the number of a passport or a permit to travel, which only
// the words before it tell from others: up to three letters and six to nine
// digits, or digits and letters mixed.
func (r *Recogniser) passport(first, k, run int) int {
	first = r.line.lettersApart(first, k)
	numbers := 0
	for i := k; i < run; i++ {
		if isDigit(r.line.c[i]) {
			numbers++
		}
	}
	if n := run - first; n < 6 || n > 12 || numbers < 5 || k-first > 4 || r.line.at(first-1) == '_' || r.line.at(run) == '@' {
		return 0
	}
	if r.cueBefore(int(r.line.from[first])) != passportCue {
		return 0
	}
	if r.line.at(run) == '(' && isDigit(r.line.at(run+1)) && r.line.at(run+2) == ')' {
		run += 3 // of a permit
	}
	r.emit(passport, first, run, Likely)
	return run
}

// lettersApart gives where the letters of a value begin that one blank or hyphen
// may part from its first digit at k.
func (s *stretch) lettersApart(first, k int) int {
	if first < k || k-1 <= s.lo || s.c[k-1] != ' ' && s.c[k-1] != '-' && s.c[k-1] != '.' {
		return first
	}
	if start := s.wordStart(k - 1); k-1-start > 0 && k-1-start <= 3 && isUpper(s.c[start]) && isUpper(s.c[k-2]) {
		return start
	}
	return first
}
