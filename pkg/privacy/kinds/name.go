package kinds

import (
	"bytes"
	"strings"
	"unicode"
)

// nameAfter looks at the character 名 that ends at i: if it ends a cue, the name
// behind it is noted. It returns where to go on.
func (r *Recogniser) nameAfter(i int) int {
	c, _, _ := before(r.text, i-len("名"))
	start := i
	switch c {
	case '姓', '真', '全', '本', '原':
	case '文': // 中文名, 英文名
		if d, _, to := next(r.text, i); d == '字' {
			start = to
		}
	default:
		d, _, to := next(r.text, i)
		if hasName(c) && (strings.ContainsRune(": 叫係系是", d) || strings.ContainsRune(families, d)) {
			break
		}
		if d != '字' || isHan(c) && c != '的' && c != '嘅' {
			return i
		}
		start = to
	}
	at, marked := r.skipNameMarks(start)
	return r.nameAt(at, marked, i)
}

// hasName says whether 名 alone is a cue behind a character: that of a person, or a
// mark, but no number, which counts people with 名.
func hasName(c rune) bool {
	if strings.ContainsRune("個个其芳大佢我他她你", c) {
		return true
	}
	return c == end || c == '\n' || c >= ' ' && !isHan(c) && !unicode.IsLetter(c) && !unicode.IsDigit(c)
}

// colon looks at the colon from i to j: a name stands behind "Name:", and an
// address in words may behind "E-mail:".
func (r *Recogniser) colon(i, j int) int {
	if a, _, to := next(r.text, j); a == '/' {
		if b, _, to := next(r.text, to); b == '/' {
			return r.passURL(to)
		}
	}
	c, _, _ := before(r.text, i)
	if c == ' ' {
		c, _, _ = before(r.text, i-1)
	}
	switch lowerRune(c) {
	case 'l', '郵', '邮', '件', '箱':
		return max(j, r.spelledMail(i, j))
	}
	if lowerRune(c) == 'e' && r.nameCue(i) || endsPerson(c) && r.personBefore(i) {
		at, _ := r.skipNameMarks(j)
		return r.nameAt(at, true, j)
	}
	return j
}

// passURL gives where an address ends that goes on at i. What it holds is not
// read: its numbers are the page's.
func (r *Recogniser) passURL(i int) int {
	for i < len(r.text) {
		c, _, to := next(r.text, i)
		if c <= ' ' || c >= 0x7F || c == '"' || c == '<' || c == '>' {
			break
		}
		i = to
	}
	return i
}

// nameCue says whether the words that end at i are "name", by themselves or with
// one before it that speaks of a person.
func (r *Recogniser) nameCue(i int) bool {
	rest, ok := bytes.CutSuffix(bytes.TrimRight(r.past.read(r.text, i), " "), []byte("name"))
	if !ok {
		return false
	}
	if beginsLine(r.text, i, len("name")) {
		return true
	}
	rest = bytes.TrimRight(rest, " -_")
	start := len(rest)
	for start > 0 && (isAlnum(rest[start-1]) || rest[start-1] >= 0x80) {
		start--
	}
	if len(rest) > 0 && isDigit(rest[len(rest)-1]) { // the item of a list before
		return true
	}
	switch string(rest[start:]) {
	case "":
		return true
	case "full", "real", "chinese", "english", "legal", "first", "last", "family", "given", "sur", "his", "her", "their", "victim", "birth", "s":
		return true
	}
	return rest[start] >= 0x80
}

// skipNameMarks passes what may stand between a cue and a name, and says whether
// anything did.
func (r *Recogniser) skipNameMarks(i int) (int, bool) {
	marked := false
	for range 4 {
		c, _, to := next(r.text, i)
		switch c {
		case ' ', '\n', ':', '=', '-', '是', '為', '为', '叫', '係', '系', '「', '【', '(', '[', '|', '/', '"', '\'', '*':
			i, marked = to, true
		default:
			return i, marked
		}
	}
	return i, marked
}

// hanName notes two to four Chinese characters at i. Without a mark before them
// they must begin with a family name and end there.
func (r *Recogniser) hanName(i int, marked bool) int {
	j, n := i, 0
	var name [9]rune
	for n < len(name) {
		c, _, to := next(r.text, j)
		if !isHan(c) || n >= 2 && r.cueStarts(c, to) {
			break
		}
		name[n] = c
		n++
		j = to
	}
	if n < 2 || isNoName(name[:n]) {
		return 0
	}
	family := strings.ContainsRune(families, name[0])
	switch {
	case n <= 4 && (marked || family):
	case family && marked: // a sentence goes on: a name has two or three
		j = i
		for range 3 {
			_, _, j = next(r.text, j)
		}
	default:
		return 0
	}
	c := Shape
	if marked && family {
		c = Likely
	}
	r.add(personName, i, j, c)
	return j
}

// cueStarts says whether a character with the one behind it begins the next
// item of a list.
func (r *Recogniser) cueStarts(c rune, i int) bool {
	d, _, _ := next(r.text, i)
	switch string([]rune{c, d}) {
	case "電話", "电话", "手機", "手机", "身份", "身分", "出生", "生日", "性別", "性别", "年齡", "年龄", "地址", "住址", "職業", "职业", "電郵", "护照", "護照", "車牌", "英文", "中文", "聯絡", "學校", "國籍", "別名", "綽號", "外號":
		return true
	}
	return false
}

// isNoName knows what stands in place of a name.
func isNoName(name []rune) bool {
	switch string(name[:2]) {
	case "不詳", "不详", "保密", "未知", "待查", "不明", "匿名", "沒有", "没有", "暫無", "暂无", "未提", "不公", "資料", "欄位", "必須", "請填", "已隱", "如下", "白車", "高層", "周圍", "何人", "方便", "單位", "公司", "什麼", "甚麼", "什么":
		return true
	}
	return false
}

// families are the most common family names.
const families = "陳陈李張张黃黄何王梁林劉刘吳吴鄭郑羅罗郭葉叶蔡楊杨曾鄧邓許许謝谢蘇苏周馮冯徐胡潘蕭萧趙赵朱余袁盧卢朱麥麦洪莊庄江彭唐馬马高鍾钟呂吕孫孙沈蔣蒋杜姚廖方崔關关石戴區欧歐歐簡翁尹文湯汤譚谭" +
	"韓韩黎范範溫温甘龍龙施鄺邝霍伍侯倪古顧顾薛孔孟凌鄒邹金董曹丘邱龔龚萬万錢钱阮利岑雷賴赖車车司歐陽诸諸葛程傅丁魏夏任田白汪康毛秦史段郝賀贺武喬乔樊齊齐严嚴陸陆殷柯祝卓鮑鲍招冼符區游黎劳勞"

// mostWords bounds the words of a name in Latin letters.
const mostWords = 5

// latinName notes words at i that begin with capitals: two to five of them.
func (r *Recogniser) latinName(i int) int {
	words, stop, at := 0, 0, i
	for words < mostWords {
		c, _, to := next(r.text, at)
		if c < 'A' || !unicode.IsUpper(c) || c > 0x52F || r.labelStarts(at) {
			break
		}
		for {
			d, _, after := next(r.text, to)
			if !unicode.IsLetter(d) && d != '-' && d != '\'' || d > 0x52F {
				break
			}
			to = after
		}
		words++
		stop = to
		at = to
		for range 2 {
			if d, _, after := next(r.text, at); d == ' ' || d == ',' || d == '.' && words < 2 {
				at = after
			}
		}
	}
	if words < 2 {
		return 0
	}
	if c, _, _ := next(r.text, stop); c == '@' || c >= '0' && c <= '9' {
		return 0
	}
	r.add(personName, i, stop, Likely)
	return stop
}

// labelStarts says whether the word at i is the next item of a list.
func (r *Recogniser) labelStarts(i int) bool {
	var word [10]byte
	n := 0
	for n < len(word) {
		c, _, to := next(r.text, i)
		if c < 'A' || c > 'z' || !isLetter(byte(c)) {
			break
		}
		word[n] = lower(byte(c))
		n++
		i = to
	}
	switch string(word[:n]) {
	case "tel", "phone", "mobile", "hkid", "id", "dob", "date", "email", "mail", "address", "sex", "gender", "age", "born", "job", "plate", "passport", "contact", "whatsapp", "not", "unknown", "see":
		return true
	}
	return false
}

// beginsLine says whether the word of n characters that ends at i, perhaps before a
// blank, is the first of its line.
func beginsLine(text string, i, n int) bool {
	i = skipBlankBack(text, i)
	for range n {
		_, i, _ = before(text, i)
	}
	c, _, _ := before(text, skipBlankBack(text, i))
	return c == '\n' || c == end
}
