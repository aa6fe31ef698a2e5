package kinds

// mostAddressWords bounds how many words of an English address are read.
const mostAddressWords = 28

// latinAddress is an English address while it is read.
type latinAddress struct {
	links int
	end   int
	// unit says that the last word asks for a number: Flat, Block.
	unit bool
	// named is how many words stand behind a number that may be a house's, 0 if
	// there is none.
	named int
}

// mostStreetWords is how many words the name of a street may have.
const mostStreetWords = 4

// passAddress looks for an English address whose first number is at i: two links
// of "Flat 5, 12/F, Block A, Some House, 9 Some Road". It returns where the
// address ends, 0 if there is none.
func (r *Recogniser) passAddress(i int) int {
	start, links := r.unitsBefore(i)
	size, stop := houseNumber(r.text, i)
	if size == 0 || size > 5 {
		return 0
	}
	a := latinAddress{links: links, end: stop}
	if floor := floorSign(r.text, i, stop); floor > 0 {
		a.links++
		a.end = floor
	} else if start == i {
		if !capitalAhead(r.text, stop) {
			return 0
		}
		a.named = 1
	}
	a.read(r, a.end)
	if a.links < 2 {
		return 0
	}
	confidence := Likely
	if a.links > 2 {
		confidence = Sure
	}
	r.add(address, start, a.end, confidence)
	return a.end
}

// houseNumber reads digits with a letter behind them, or two numbers that a
// hyphen joins.
func houseNumber(text string, i int) (size, stop int) {
	stop = i
	var c rune
	for {
		var to int
		c, _, to = next(text, stop)
		if c < '0' || c > '9' {
			if c == '-' && size > 0 && size < 4 {
				if d, _, _ := next(text, to); d >= '0' && d <= '9' {
					stop = to
					continue
				}
			}
			break
		}
		size++
		stop = to
		if size > 8 {
			break
		}
	}
	if isLetterRune(c) {
		_, _, to := next(text, stop)
		if d, _, _ := next(text, to); !isLetterRune(d) && (d < '0' || d > '9') {
			return size, to
		}
		if d, _, _ := next(text, to); lowerRune(c) == 'f' && d == '/' {
			return size, to
		}
	}
	return size, stop
}

// floorSign says where the sign of a floor ends that follows a number: 5/F, 5F,
// 5th Floor; 0 if there is none.
func floorSign(text string, i, stop int) int {
	c, from, _ := before(text, stop)
	if lowerRune(c) == 'f' && from > i {
		return stop
	}
	c, _, to := next(text, stop)
	if c == '/' {
		if d, _, to := next(text, to); lowerRune(d) == 'f' {
			if e, _, _ := next(text, to); !isLetterRune(e) {
				return to
			}
		}
		return 0
	}
	at := skipBlank(text, skipOrdinal(text, stop))
	var room [12]byte
	if word, to := readWord(text, at, room[:0]); string(word) == "floor" || string(word) == "fl" {
		return to
	}
	return 0
}

// capitalAhead says whether a blank and a word with a capital follow.
func capitalAhead(text string, i int) bool {
	c, _, to := next(text, i)
	if c == ',' {
		c, _, to = next(text, to)
	}
	if c != ' ' {
		return false
	}
	c, _, _ = next(text, to)
	return 'A' <= c && c <= 'Z'
}

// readWord appends the letters at i to word, in small letters.
func readWord(text string, i int, word []byte) ([]byte, int) {
	for len(word) < cap(word) {
		c, _, to := next(text, i)
		if !isLetterRune(c) && (c != '\'' || len(word) == 0) {
			break
		}
		word = append(word, lower(byte(c)))
		i = to
	}
	return word, i
}

// unitsBefore looks before the number at i for "Flat", or "Flat A,", and returns
// where the address begins and how many links that is.
func (r *Recogniser) unitsBefore(i int) (start, links int) {
	start = i
	at := i
	var room [mostUnit]byte
	for range 3 {
		from, word := wordBefore(r.text, at, &room)
		if isUnit(word) {
			start = from
			return start, links + 1
		}
		if len(word) != 1 {
			break
		}
		at = from // the letter of a flat
	}
	return start, links
}

// mostUnit is the length of the longest word that is looked for before a number.
const mostUnit = 5

// wordBefore reads the word before i, over blanks, commas and full stops, into
// room, in small letters. A word that is longer than room is no word.
func wordBefore(text string, i int, room *[mostUnit]byte) (start int, word []byte) {
	for range 3 {
		c, from, _ := before(text, i)
		if c != ' ' && c != ',' && c != '.' && c != ':' {
			break
		}
		i = from
	}
	n := len(room)
	for {
		c, from, _ := before(text, i)
		if !isLetterRune(c) {
			return i, room[n:]
		}
		if n == 0 {
			return i, nil
		}
		n--
		room[n] = lower(byte(c))
		i = from
	}
}

// isUnit knows the words that a number of a flat, floor or block follows.
func isUnit(word []byte) bool {
	switch string(word) {
	case "flat", "rm", "room", "unit", "block", "blk", "tower", "apt", "suite", "house", "level", "phase", "floor", "shop", "lot":
		return true
	}
	return false
}

// isPlace knows the words that end the name of a street, an estate or a house.
func isPlace(word []byte) bool {
	switch string(word) {
	case "road", "rd", "street", "st", "avenue", "ave", "lane", "terrace", "path", "drive", "crescent", "square", "estate", "court", "house", "building", "bldg",
		"mansion", "mansions", "garden", "gardens", "villa", "villas", "village", "plaza", "centre", "tower", "towers", "block", "close", "heights", "bay", "quay", "circuit", "rise",
		"hse", "est", "mans", "gdn", "gdns", "ctr":
		return true
	}
	return false
}

// isStreet knows those of the words that the number of a house stands before.
func isStreet(word []byte) bool {
	switch string(word) {
	case "road", "rd", "street", "st", "avenue", "ave", "lane", "terrace", "path", "drive", "crescent", "close":
		return true
	}
	return false
}

// read takes in the links from i on, as long as words begin with capitals.
func (a *latinAddress) read(r *Recogniser, i int) {
	for range mostAddressWords {
		i = passMarks(r.text, i)
		c, _, _ := next(r.text, i)
		if c >= '0' && c <= '9' {
			stop := a.number(r, i)
			if stop == 0 {
				return
			}
			i = stop
			continue
		}
		var room [14]byte
		word, stop := readWord(r.text, i, room[:0])
		if len(word) == 0 || c > 'Z' && string(word) != "of" && string(word) != "the" && !isPlace(word) && !isUnit(word) {
			return
		}
		if floor := floorSign(r.text, stop, stop); floor > 0 && len(word) <= 2 { // G/F
			a.link(floor)
			i = floor
			continue
		}
		switch {
		case a.unit && len(word) <= 2:
			a.link(stop)
			a.unit = false
		case isPlace(word):
			if a.named > 1 && a.named <= mostStreetWords && isStreet(word) {
				a.links++ // the number of the house
			}
			a.link(stop)
			a.unit = isUnit(word)
		case isUnit(word):
			a.unit = true
		default:
			a.unit = false
		}
		if a.named > 0 {
			a.named++
		}
		i = stop
	}
}

// number takes in the number at i, that of a floor, a flat or perhaps a house, and
// returns where it ends; 0 if it is too long for one.
func (a *latinAddress) number(r *Recogniser, i int) (stop int) {
	size, stop := houseNumber(r.text, i)
	if size > 5 {
		return 0
	}
	if floor := floorSign(r.text, i, stop); floor > 0 {
		a.link(floor)
		stop = floor
		a.named = 0
	} else if a.named = 1; a.unit {
		a.link(stop)
		a.named = 0
	}
	a.unit = false
	return stop
}

func (a *latinAddress) link(stop int) {
	a.links++
	a.end = stop
}

// passMarks passes what parts the links of an address.
func passMarks(text string, i int) int {
	for range 3 {
		c, _, to := next(text, i)
		if c != ' ' && c != ',' && c != '.' && c != '\n' {
			break
		}
		i = to
	}
	return i
}
