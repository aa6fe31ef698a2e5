package privacy

import "strings"

// What is written so that a program does not see it: characters with something
// between each two, and mail addresses with spelled dots and at signs.

// spreadCharacters is the least number of single characters that mean something
// together: fewer are a list.
const spreadCharacters = 6

// spreadSpans finds characters that one and the same separator parts, as in
// 9 1 2 3 4 5 6 7 or m.e.h.k...
func spreadSpans(spans []span, s string) []span {
	for i := 0; i+2 < len(s); {
		end, n := spreadEnd(s, i)
		if n < spreadCharacters || i > 0 && isAlnum(s[i-1]) {
			i++
			continue
		}
		spans = append(spans, span{i, end})
		i = end
	}
	return spans
}

// spreadEnd gives the end of characters that are apart from each other, and how many
// they are; a space among them is none.
func spreadEnd(s string, i int) (end, n int) {
	separator := s[i+1]
	if isSpace(s[i]) || !isSpreader(separator) {
		return i, 0
	}
	end, n = i+1, 1
	for at := end; at+1 < len(s) && s[at] == separator; at += 2 {
		if !isSpace(s[at+1]) {
			end, n = at+2, n+1
		}
	}
	return end, n
}

func isSpreader(c byte) bool { return strings.IndexByte(" .-_,", c) >= 0 }

// spelledSpans finds mail addresses such as name at mail dot example, with whatever
// brackets: a word that stands for an at sign, and behind the next word one that
// stands for a dot.
func spelledSpans(spans []span, s string) []span {
	words := spelledWords(s)
	for i := 1; i+3 < len(words); i++ {
		if !words[i].is("at", "@") || !words[i+2].isDot() {
			continue
		}
		first, last := i-1, i+3
		for first >= 2 && words[first-1].isDot() {
			first -= 2
		}
		for last+2 < len(words) && words[last+1].isDot() {
			last += 2
		}
		spans = append(spans, span{words[first].start, words[last].end})
		i = last
	}
	return spans
}

// spelledWord is a word or a sign that can stand for one.
type spelledWord struct {
	span
	text string
}

func (w spelledWord) is(texts ...string) bool {
	for _, text := range texts {
		if strings.EqualFold(w.text, text) {
			return true
		}
	}
	return false
}

func (w spelledWord) isDot() bool { return w.is("dot", ".", "點", "点") }

// spelledWords gives the words of a text, if it has a dot and an at sign at all.
func spelledWords(s string) []spelledWord {
	if !mayBeSpelled(s) {
		return nil
	}
	var words []spelledWord
	for i := 0; i < len(s); {
		end := i
		for end < len(s) && (isAlnum(s[end]) || strings.IndexByte("_-+", s[end]) >= 0) {
			end++
		}
		if end == i {
			for _, sign := range []string{"@", ".", "點", "点"} {
				if strings.HasPrefix(s[i:], sign) {
					end = i + len(sign)
				}
			}
		}
		if end == i {
			i++
			continue
		}
		words = append(words, spelledWord{span{i, end}, s[i:end]})
		i = end
	}
	return words
}

// mayBeSpelled says whether a text has a word that stands for a dot, one in brackets
// that stands for an at sign, or a sign that no plain text has.
func mayBeSpelled(s string) bool {
	for i := 0; i+3 <= len(s); i++ {
		switch {
		case s[i]|0x20 == 'd' && s[i+1]|0x20 == 'o' && s[i+2]|0x20 == 't',
			strings.IndexByte("([{<", s[i]) >= 0 && s[i+1]|0x20 == 'a' && s[i+2]|0x20 == 't':
			return true
		}
	}
	return strings.Contains(s, "點") || strings.Contains(s, "点") || strings.Contains(s, "@")
}
