package kinds

import "strings"

// linkCharacters end the links of a Chinese address: region, street, estate,
// house, block, floor, room.
const linkCharacters = "區区街道路邨苑樓楼座室號号廈厦閣阁園园村" + lanes

// lanes end the names of small streets. They are common in other words, so that the
// number of a house must follow.
const lanes = "里巷徑径"

// kinds of links, as bits: a chain needs different ones.
const (
	regionLink = 1 << iota
	streetLink
	estateLink
	houseLink // a building by its name
	numberLink
	blockLink
	floorLink
	roomLink
)

const numbered = numberLink | blockLink | floorLink | roomLink

// addressChain is the address that the links before may be a part of.
type addressChain struct {
	start, end int
	links      int
	kinds      int
	// numbers counts links that begin with a number: 5樓, A座.
	numbers int
}

// chainGap is how many bytes may stand between two links.
const chainGap = 36

// addressLink takes in the link that the character c, from i to j, may end.
func (r *Recogniser) addressLink(c rune, i, j int) {
	kind, start := r.linkAt(c, i, j)
	if kind == 0 {
		return
	}
	n := &r.chain
	if n.links > 0 && (start-n.end > chainGap || !joinsChain(r.text, n.end, start)) {
		r.endChain()
	}
	if n.links == 0 {
		n.start = r.nameStart(start)
	}
	n.links++
	if kind&n.kinds == 0 && kind&numbered != 0 {
		n.numbers++
	}
	n.kinds |= kind
	n.end = j
}

// linkAt says which link a character ends, and where it begins; 0 for none.
func (r *Recogniser) linkAt(c rune, i, j int) (kind, start int) {
	after, _, _ := next(r.text, j)
	start = numberStart(r.text, i)
	if start < i {
		switch c {
		case '號', '号':
			kind = numberLink
			if strings.ContainsRune("線线碼码出球仔風风客幹干台車车巴機机航員员選选案文閘闸店門门位同", after) || r.afterMonth(start) {
				kind = 0
			}
		case '樓', '楼':
			kind = floorLink
			if strings.ContainsRune("主上下說说嘅的", after) {
				kind = 0
			}
		case '座':
			kind = blockLink
			if strings.ContainsRune("位談谈右標标城山大", after) {
				kind = 0
			}
		case '室':
			kind = roomLink
			if strings.ContainsRune("內内外友溫温", after) {
				kind = 0
			}
		}
		if kind != 0 {
			return kind, start
		}
	}
	if start, ok := r.namedLink(c, i, j, after); ok {
		return kindOfName(c), start
	}
	return 0, i
}

func kindOfName(c rune) int {
	switch c {
	case '區', '区':
		return regionLink
	case '街', '道', '路', '里', '巷', '徑', '径':
		return streetLink
	case '邨', '苑', '村', '園', '园':
		return estateLink
	case '樓', '楼', '廈', '厦', '閣', '阁':
		return houseLink
	}
	return 0
}

// namedLink says whether a link has a name of two characters or more before it,
// and is not a part of a common word.
func (r *Recogniser) namedLink(c rune, i, j int, after rune) (start int, ok bool) {
	last, from, _ := before(r.text, i)
	second, from2, _ := before(r.text, from)
	if !isHan(last) || !isHan(second) || kindOfName(c) == 0 || strings.ContainsRune(linkCharacters, last) {
		return i, false
	}
	var wrongBefore, wrongAfter string
	switch c {
	case '道':
		wrongBefore, wrongAfter = "知味頻频報报管通人軌轨隧難难公說说地一渠航跑車车門门正厚外街霸柔水神黑白王茶劍", "理歉具德長长教士路別别"
	case '街':
		wrongBefore, wrongAfter = "上逛條条整過过掃扫行出落屋成全", "道坊頭头上頭邊边市舞"
	case '路':
		wrongBefore, wrongAfter = "公道馬马鐵铁走條条一讓让同問问半思線线堵迷出後后網网電电去領领上條帶带", "過过人線线上邊边口透途面程障由"
	case '區', '区':
		wrongBefore, wrongAfter = "地社小分市郊山校選选專专特禁各該该本灾災時时園园", "別别內内議议分域間间塊块"
	case '樓', '楼':
		wrongBefore, wrongAfter = "上下大高層层酒茶跳一整條条全騎唐落炒買买", "上下主梯價价市宇盤盘房層层"
	case '園', '园':
		wrongBefore, wrongAfter = "公校家樂乐田幼動动農农果學学", "丁林區区長长藝艺"
	case '村':
		wrongBefore, wrongAfter = "農农鄉乡全各條条", "民長长落委莊庄"
	case '里', '巷', '徑', '径':
		wrongBefore = "公英百千万萬這这那哪心家城村手夜屋校店"
		if after == ' ' {
			after, _, _ = next(r.text, skipBlank(r.text, j))
		}
		if !isNumeral(after) && (after < '0' || after > '9') {
			return i, false
		}
	case '苑', '閣', '阁':
		wrongBefore, wrongAfter = "內内", "下揆"
	}
	if strings.ContainsRune(wrongBefore, last) || strings.ContainsRune(wrongAfter, after) {
		return i, false
	}
	return from2, true
}

// afterMonth says whether the number at i is the day of a date.
func (r *Recogniser) afterMonth(i int) bool {
	c, _, _ := before(r.text, skipBlankBack(r.text, i))
	return c == '月'
}

func skipBlankBack(text string, i int) int {
	if c, from, _ := before(text, i); c == ' ' {
		return from
	}
	return i
}

// numberStart gives where the number of a link begins that ends at i: digits,
// letters and what joins them (12A, 3-5, 12/F), or Chinese numerals; i if there
// is none.
func numberStart(text string, i int) int {
	stop := i
	i = skipBlankBack(text, i)
	start := i
	for range 7 {
		c, from, _ := before(text, i)
		plain := c >= '0' && c <= '9' || isLetterRune(c) || isNumeral(c)
		if !plain && (start == i && stop != i || c != '-' && c != '/' && c != '.') {
			break
		}
		if plain {
			start = from
		}
		i = from
	}
	if start == stop || start == skipBlankBack(text, stop) {
		return stop
	}
	if c, from, _ := before(text, start); c == '第' {
		return from
	} else if c >= '0' && c <= '9' || isLetterRune(c) {
		return stop // a longer number or word
	}
	return start
}

func isLetterRune(c rune) bool { return 'A' <= c && c <= 'z' && isLetter(byte(c)) }

func isNumeral(c rune) bool {
	return c >= 0x4E00 && strings.ContainsRune("一二三四五六七八九十百廿卅零", c) || c == '〇'
}

// mostName bounds how far before its first link an address begins, in characters.
const mostName = 12

// nameStart gives where an address begins whose first link begins at i: behind
// the last mark, cue or verb before it.
func (r *Recogniser) nameStart(i int) int {
	for range mostName {
		c, from, _ := before(r.text, i)
		if !isHan(c) || strings.ContainsRune("住在喺於于址是係到去為为址居的嘅和與与及往", c) {
			break
		}
		i = from
	}
	return i
}

// joinsChain says whether what stands from i to j may part two links of one
// address: names, commas and blanks, but no end of a sentence and no long number.
func joinsChain(text string, i, j int) bool {
	digits, marks := 0, 0
	for i < j {
		c, _, to := next(text, i)
		switch {
		case c == '\n', c == '。', c == '!', c == '?', c == ';', c == ':', c == '@', c == '的', c == '在', c == '及', c == '與', c == '到', c == '往', c == '和', c == '嘅':
			return false
		case c >= '0' && c <= '9':
			if digits++; digits > 5 {
				return false
			}
		case c == ',' || c == ' ' || c == '、':
			if marks++; marks > 3 {
				return false
			}
		}
		i = to
	}
	return true
}

// endChain notes the links so far as an address if they are one: two different
// links with a number among them, or three with names alone, or two after a cue,
// or a house of an estate.
func (r *Recogniser) endChain() {
	n := r.chain
	r.chain = addressChain{}
	kinds := 0
	for bit := regionLink; bit <= roomLink; bit <<= 1 {
		if n.kinds&bit != 0 {
			kinds++
		}
	}
	if kinds < 2 && (n.links == 0 || r.cueBefore(n.start) != addressCue) {
		return
	}
	named := n.kinds &^ numbered
	switch {
	case n.numbers >= 2, n.numbers == 1 && named != 0 && kinds >= 3:
		r.add(address, n.start, n.end, Sure)
	case n.numbers >= 1 && kinds >= 2, kinds >= 3, named == estateLink|houseLink && n.end-n.start <= 2*chainGap:
		r.add(address, n.start, n.end, Likely)
	case kinds >= 2 && r.cueBefore(n.start) == addressCue, n.numbers >= 1 && n.links >= 2:
		r.add(address, n.start, n.end, Likely)
	}
}
