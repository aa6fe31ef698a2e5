package kinds

import "unicode/utf8"

// stops says for each byte what the scan does with it; a constant string, since
// that is the one table that nothing can change.
//
//	'-'  pass
//	'd'  a digit
//	'b'  an opening bracket, which may hold an "at"
//	'a'  the at sign
//	'c'  a colon
//	'h'  the first byte of a Chinese character
//	'3'  the first byte of another character of three bytes in a known script
//	'2'  the same of two bytes
//	'o'  anything else
const stops = "" +
	"----------------" +
	"----------------" +
	"--------b-------" +
	"ddddddddddc-b---" +
	"a---------------" +
	"-----------b----" +
	"----------------" +
	"-----------b----" +
	"oooooooooooooooo" +
	"oooooooooooooooo" +
	"oooooooooooooooo" +
	"oooooooooooooooo" +
	"oo2222222222222o" +
	"2222oooooooooooo" +
	"ooo3hhhhhho33ooo" +
	"oooooooooooooooo"

// scan goes over the text once and hands every place that may be a value, or a
// link of one, to its rule. A rule returns where to go on.
func (r *Recogniser) scan() error {
	text := r.text
	for i := 0; i < len(text); {
		switch stops[text[i]] {
		case '-':
			i = passPlain(text, i+1)
		case 'h':
			stop, ok := r.passHan(i)
			if !ok {
				return ErrEncoding
			}
			if i = stop; i+2 < len(text) && stops[text[i]] == 'h' {
				i = r.han(i)
			}
		case 'd':
			i = r.number(i)
		case 'a':
			i = r.atSign(i, i+1)
		case 'b':
			i = r.bracket(i, i+1)
		case 'c':
			i = r.colon(i, i+1)
		default:
			stop, err := r.foreign(i)
			if err != nil {
				return err
			}
			i = stop
		}
	}
	if r.unknown.bytes*4 > len(text) {
		return ErrUnknownScript
	}
	return nil
}

// passPlain returns the first place from i on at which there is something to
// do, four bytes at a time.
func passPlain(text string, i int) int {
	for ; i+4 <= len(text); i += 4 {
		four := text[i : i+4]
		if stops[four[0]]|stops[four[1]]|stops[four[2]]|stops[four[3]] != '-' {
			break
		}
	}
	for i < len(text) && stops[text[i]] == '-' {
		i++
	}
	return i
}

// passHan passes Chinese characters up to one that a rule asks for, or up to
// something else; false if the bytes are no character.
func (r *Recogniser) passHan(i int) (int, bool) {
	text, rows := r.text, r.rows
	for i < len(text) && text[i]-0xE4 <= 0xE9-0xE4 {
		if i+3 > len(text) {
			return i, false
		}
		three := text[i : i+3]
		b, c := three[1]^utf8.RuneSelf, three[2]^utf8.RuneSelf
		if b|c >= 0x40 {
			return i, false
		}
		if rows[int(three[0]&15)<<6|int(b)]>>c&1 != 0 {
			return i, true
		}
		i += 3
	}
	return i, true
}

// han looks at a Chinese character that a rule asks for.
func (r *Recogniser) han(i int) int {
	c, size := utf8.DecodeRuneInString(r.text[i:])
	switch c {
	case '名':
		return r.nameAfter(i + size)
	case '叫':
		return r.called(i, i+size)
	case '月':
		return r.birthNumerals(i, i+size)
	}
	r.addressLink(c, i, i+size)
	return i + size
}

// foreign looks at a character outside ASCII that is no common Chinese one.
func (r *Recogniser) foreign(i int) (int, error) {
	text := r.text
	switch b := text[i]; {
	case stops[b] == '2' && i+1 < len(text) && text[i+1]^utf8.RuneSelf < 0x40:
		return i + 2, nil
	case stops[b] == '3' && i+2 < len(text) && (text[i+1]^utf8.RuneSelf)|(text[i+2]^utf8.RuneSelf) < 0x40:
		if b == 0xE3 && text[i+1] == 0x80 && text[i+2] == 0x90 { // 【
			return r.bracket(i, i+3), nil
		}
		return i + 3, nil
	}
	c, size := utf8.DecodeRuneInString(text[i:])
	if c == utf8.RuneError && size < 2 {
		return i, ErrEncoding
	}
	if invisible(c) {
		r.unknown.pass(i, size)
		return i + size, nil
	}
	switch folded := fold(c); {
	case '0' <= folded && folded <= '9':
		return r.number(i), nil
	case folded == '@':
		return r.atSign(i, i+size), nil
	case folded == ':':
		return r.colon(i, i+size), nil
	case folded == '(' || folded == '[' || folded == '{' || folded == '<':
		return r.bracket(i, i+size), nil
	case folded < utf8.RuneSelf || known(c):
		return i + size, nil
	}
	if r.unknown.add(i, size) {
		return i, ErrUnknownScript
	}
	return i + size, nil
}

// unknownLetters make a word. Fewer stand in faces made of signs, such as
// (๑•ㅂ•)و, which are in no language.
const unknownLetters = 3

// unknownWord is how much of a text is in scripts that are not known.
type unknownWord struct{ bytes, letters, end int }

// add takes a letter in and says whether a word is complete.
func (u *unknownWord) add(i, size int) bool {
	if u.end != i {
		u.letters = 0
	}
	u.bytes += size
	u.letters++
	u.end = i + size
	return u.letters == unknownLetters
}

// pass lets a word go on behind what is invisible.
func (u *unknownWord) pass(i, size int) {
	if u.end == i {
		u.end = i + size
	}
}

// stopRows marks the Chinese characters that the scan stops at.
func stopRows() []uint64 {
	rows := make([]uint64, 1<<10)
	for _, c := range "名月叫" + linkCharacters {
		rows[c>>6] |= 1 << (c & 63)
	}
	return rows
}
