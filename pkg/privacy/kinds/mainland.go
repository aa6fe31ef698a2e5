package kinds

// mainlandDigits is the length of a mainland identity number: six of a region,
// eight of a date of birth, three and a check character.
const mainlandDigits = 18

// mainland looks for a mainland identity number of 18 characters, whole, in
// groups or masked, or one of the old ones of 15 after a cue.
func (r *Recogniser) mainland(d *digits, g int) int {
	s := &r.line
	var room [mainlandDigits]byte
	id, h, stop := room[:0], g, 0
	for ; h < d.n && len(id)+d.length(h) <= mainlandDigits; h++ {
		if h > g && d.joint(s, h-1) != ' ' && d.joint(s, h-1) != '-' {
			break
		}
		id = append(id, s.c[d.groups[h].start:d.groups[h].end]...)
		stop = d.groups[h].end
		if len(id) >= mainlandDigits-1 {
			break
		}
	}
	if len(id) == mainlandDigits-1 {
		if (s.at(stop) == ' ' || s.at(stop) == '-') && isX(s.at(stop+1)) {
			stop++
		}
		if isX(s.at(stop)) {
			id = append(id, 'X')
			stop++
		}
	}
	switch {
	case len(id) == mainlandDigits:
		return r.mainlandWhole(d, g, h, id, stop)
	case d.length(g) == 15:
		return r.mainlandOld(d, g)
	}
	return r.mainlandMasked(d, g)
}

func (r *Recogniser) mainlandWhole(d *digits, g, h int, id []byte, stop int) int {
	s := &r.line
	if isAlnum(s.at(stop)) || s.at(stop) == '@' || h == g && isAlnum(s.at(d.groups[g].start-1)) {
		return 0
	}
	plausible := isRegion(id) && isDay(id[6:14])
	c := Shape
	switch cue := r.cueOf(d); {
	case mod11(id) && plausible:
		c = Sure
	case id[17] != 'X' && !r.standsAlone(d, g, h):
		return 0
	case cue == identityCue && (plausible || mod11(id)), plausible && id[17] == 'X':
		c = Likely
	case cue == identityCue && h == g:
	case !plausible, h > g && d.length(g) != 6, cue == numberCue, cue == cardCue:
		return 0
	}
	r.emit(mainlandID, d.groups[g].start, stop, c)
	return h - g + 1
}

// mainlandOld takes a number of 15, which has no check character and only two
// digits of the year.
func (r *Recogniser) mainlandOld(d *digits, g int) int {
	s := &r.line
	id := s.c[d.groups[g].start:d.groups[g].end]
	day := [8]byte{'1', '9'}
	copy(day[2:], id[6:12])
	if g > 0 || !isRegion(id) || !isDay(day[:]) || r.cueOf(d) != identityCue || !r.standsAlone(d, g, g) {
		return 0
	}
	r.emit(mainlandID, d.groups[g].start, d.groups[g].end, Likely)
	return 1
}

// mainlandMasked takes a number whose middle is hidden: 110101********1234.
func (r *Recogniser) mainlandMasked(d *digits, g int) int {
	s := &r.line
	start, k := d.groups[g].start, d.groups[g].end
	if n := k - start; n < 3 || n > 14 || !isMask(s.at(k)) {
		return 0
	}
	masks := 0
	for isMask(s.at(k)) && k < s.hi {
		k++
		masks++
	}
	for isDigit(s.at(k)) || isX(s.at(k)) {
		k++
	}
	if k-start != mainlandDigits || masks < 4 || isAlnum(s.at(k)) || isAlnum(s.at(start-1)) {
		return 0
	}
	if r.cueOf(d) != identityCue && (d.length(g) < 6 || !isRegion(s.c[start:])) {
		return 0
	}
	r.emit(mainlandID, start, k, Likely)
	return 1
}

func isX(c byte) bool { return c == 'X' || c == 'x' }

// isRegion says whether a number begins with a province.
func isRegion(id []byte) bool {
	switch id[0] {
	case '1':
		return '1' <= id[1] && id[1] <= '5'
	case '2':
		return '1' <= id[1] && id[1] <= '3'
	case '3':
		return '1' <= id[1] && id[1] <= '7'
	case '4':
		return '1' <= id[1] && id[1] <= '6'
	case '5':
		return '0' <= id[1] && id[1] <= '4'
	case '6':
		return '1' <= id[1] && id[1] <= '5'
	case '7':
		return id[1] == '1'
	case '8':
		return '1' <= id[1] && id[1] <= '3'
	}
	return false
}

// isDay says whether eight digits are a day, as YYYYMMDD, of the last and this
// century.
func isDay(d []byte) bool {
	return validDay(int(d[0]-'0')*1000+int(d[1]-'0')*100+int(d[2]-'0')*10+int(d[3]-'0'),
		int(d[4]-'0')*10+int(d[5]-'0'), int(d[6]-'0')*10+int(d[7]-'0'))
}

func validDay(year, month, day int) bool {
	return 1900 <= year && year <= 2099 && 1 <= month && month <= 12 && 1 <= day && day <= 31
}
