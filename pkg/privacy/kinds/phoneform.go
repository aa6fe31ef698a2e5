package kinds

// spell gives the last of the groups from g on whose lengths are one of forms, a
// digit for each group ("10" and "11" are one group); none if they are not. All
// separators must be the same, but for the brackets around the first group.
func (d *digits) spell(s *stretch, g, total int, forms ...string) int {
	for _, form := range forms {
		if form == "10" || form == "11" {
			if d.length(g) == total {
				return g
			}
			continue
		}
		last := g + len(form) - 1
		if last >= d.n {
			continue
		}
		fits := true
		for i := range len(form) {
			joint := d.joint(s, g+i)
			fits = fits && d.length(g+i) == int(form[i]-'0') && (i == len(form)-1 || joins(joint) && (i == 0 || joint == d.joint(s, g+1)))
		}
		if fits {
			return last
		}
	}
	return none
}

// singles gives the last of n groups of one digit from g on, with the same blank
// or hyphen between; none if there are fewer, or more, or if they count up or
// down.
func (d *digits) singles(s *stretch, g, n int) int {
	last := g + n - 1
	if last >= d.n || d.joint(s, g) != ' ' && d.joint(s, g) != '-' || d.joint(s, last) == d.joint(s, g) || d.joint(s, g-1) == d.joint(s, g) {
		return none
	}
	steps := 0
	for h := g; h <= last; h++ {
		if d.length(h) != 1 || h < last && d.joint(s, h) != d.joint(s, g) {
			return none
		}
		if h > g {
			if step := int(s.c[d.groups[h].start]) - int(s.c[d.groups[h-1].start]); step == 1 || step == -1 {
				steps++
			}
		}
	}
	if steps == n-1 {
		return none
	}
	return last
}

// pairs says whether four groups of two digits begin with group g that the same
// separator parts, 91 23 45 67: not those of a date, of a draw or of a score, which
// rise, or are small.
func (d *digits) pairs(s *stretch, g int) bool {
	joint := d.joint(s, g)
	if g+3 >= d.n || joint != ' ' && joint != '-' && joint != '.' || d.joint(s, g+1) != joint || d.joint(s, g+2) != joint {
		return false
	}
	rising, large := true, 0
	for h := g; h <= g+3; h++ {
		if d.length(h) != 2 {
			return false
		}
		n := number(s.c[d.groups[h].start:d.groups[h].end])
		rising = rising && (h == g || n > number(s.c[d.groups[h-1].start:d.groups[h-1].end]))
		if n >= mostDrawn {
			large++
		}
	}
	alone := d.joint(s, g-1) != joint && (d.joint(s, g+3) != joint || d.length(g+4) != 2)
	return !rising && large > 0 && alone
}

// mostDrawn is above every number of a draw.
const mostDrawn = 50

// plan is how many digits follow the prefix of a country.
type plan struct {
	prefix      string
	least, most int
	// first are the digits that a number may begin with.
	first string
}

func plans() [14]plan {
	return [...]plan{
		{"852", 8, 8, "23456789"},
		{"853", 8, 8, "268"},
		{"886", 8, 9, "23456789"},
		{"86", 10, 11, "123456789"},
		{"44", 9, 10, "1235789"},
		{"1", 10, 10, "23456789"},
		{"65", 8, 8, "3689"},
		{"81", 9, 10, "123456789"},
		{"82", 8, 10, "123456789"},
		{"61", 9, 9, "23478"},
		{"60", 8, 10, "123456789"},
		{"66", 8, 9, "23456789"},
		{"63", 8, 10, "23456789"},
		{"49", 7, 11, "123456789"},
	}
}

// national gives the last group of a number that begins, skip digits into group
// g, with the prefix of a country whose lengths are known; none if there is
// none.
func (r *Recogniser) national(d *digits, g, skip int) int {
	s := &r.line
	start := s.c[d.groups[g].start+skip : d.groups[g].end]
	for _, p := range plans() {
		if len(start) < len(p.prefix) || string(start[:len(p.prefix)]) != p.prefix {
			continue
		}
		total, best, first := -len(p.prefix)-skip, none, byte(0)
		for h := g; h < d.n && (h == g || joins(d.joint(s, h-1)) && d.groups[h].start-d.groups[h-1].end <= 3); h++ {
			from := d.groups[h].start
			if h == g {
				from += skip + len(p.prefix)
			}
			if h <= g+1 && d.trunk(s, h, from) {
				total-- // +44 (0)20 ...
				from++
			}
			if first == 0 && from < d.groups[h].end {
				first = s.c[from]
			}
			if total += d.length(h); total > p.most {
				break
			}
			if total >= p.least {
				best = h
			}
		}
		if best >= g && contains(p.first, first) && r.endsPhone(d, best) {
			return best
		}
		return none
	}
	return none
}

// trunk says whether the digit at from is the 0 of long-distance calls in
// brackets.
func (d *digits) trunk(s *stretch, h, from int) bool {
	return s.at(from) == '0' && s.at(from-1) == '(' && s.at(from+1) == ')' && d.length(h) == 1
}

func contains(list string, c byte) bool {
	for i := range len(list) {
		if list[i] == c {
			return true
		}
	}
	return false
}

// isCountry says whether digits begin with the prefix of a country.
func isCountry(c []byte) bool {
	switch {
	case c[0] == '1' || c[0] == '7':
		return true
	case len(c) < 2 || c[0] == '0':
		return false
	}
	two := int(c[0]-'0')*10 + int(c[1]-'0')
	switch two {
	case 20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54, 55, 56, 57, 58,
		60, 61, 62, 63, 64, 65, 66, 81, 82, 84, 86, 90, 91, 92, 93, 94, 95, 98,
		21, 22, 23, 24, 25, 26, 29, 35, 37, 38, 42, 50, 59, 67, 68, 69, 85, 87, 88, 96, 97, 99:
		return true
	}
	return false
}

// beginsPhone says whether what stands before group g lets a phone begin there.
func (r *Recogniser) beginsPhone(d *digits, g int) bool {
	s := &r.line
	k := d.groups[g].start
	c := s.at(k - 1)
	switch c {
	case '$', '@', '_', '%', '\\', '&', '~':
		return false
	case '.', '+':
		return !isDigit(s.at(k - 2))
	case '#', '=':
		return !isAlnum(s.at(k-2)) || r.cueOf(d) == phoneCue
	case '/':
		return !s.inPath(k) || r.cueOf(d) == phoneCue
	case '-':
		return !isAlnum(s.at(k-2)) || r.cueOf(d) == phoneCue
	case ',':
		return !isDigit(s.at(k-2)) || r.cueOf(d) == phoneCue || d.length(g) > 3
	}
	return !isLetter(c) || r.cueOf(d) == phoneCue && g == 0
}

// endsPhone says whether what stands behind group g lets a phone end there.
func (r *Recogniser) endsPhone(d *digits, g int) bool {
	s := &r.line
	k := d.groups[g].end
	if s.cutRight && k == s.hi {
		return false
	}
	switch c := s.at(k); c {
	case '_', '@', '%', '=':
		return false
	case '.', '-', ':':
		return !isAlnum(s.at(k + 1))
	case ',':
		return !isDigit(s.at(k+1)) || !isDigit(s.at(k+2)) || !isDigit(s.at(k+3)) || isDigit(s.at(k+4)) // thousands
	default:
		return !isLetter(c) || r.cueOf(d) == phoneCue
	}
}

// countsSomething says whether the word behind group g makes it an amount.
func (r *Recogniser) countsSomething(d *digits, g int) bool {
	i := int(r.line.to[d.groups[g].end-1])
	c, _, to := next(r.text, i)
	if c == ' ' {
		c, _, to = next(r.text, to)
	}
	switch c {
	case '元', '蚊', '萬', '万', '億', '亿', '人', '次', '個', '个', '年', '票', '股', '點', '点', '塊', '块', '円', '字', '步', '張', '张', '份', '號', '号', '%', '°', '件', '名', '條', '则', '則', '港', '美',
		'度', '室', '樓', '楼', '座', '頁', '页', '集', '期', '卷', '章', '版', '屆', '位', '宗', '家', '戶', '間':
		return true
	}
	var word [8]byte
	n := 0
	for ; 'A' <= c && c <= 'z' && isLetter(byte(c)) && n < len(word); n++ {
		word[n] = lower(byte(c))
		c, _, to = next(r.text, to)
	}
	if c >= '0' && c <= '9' { // the next number: S1234567
		return false
	}
	switch string(word[:n]) {
	case "views", "view", "likes", "follower", "people", "persons", "hkd", "usd", "rmb", "dollars", "kg", "km", "ms", "bytes", "kb", "mb", "votes", "shares", "times", "points",
		"posts", "members", "rows", "records", "users", "words", "tickets", "copies", "units", "million", "thousand", "s", "m", "seconds", "years", "miles", "tons", "am", "pm",
		"mah", "btc", "eth", "satoshi", "hz", "kw", "kwh", "gb", "rpm", "steps", "kcal":
		return true
	}
	return false
}
