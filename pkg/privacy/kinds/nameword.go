package kinds

import "strings"

// namesInWords looks for names that no colon parts from "name": real name Chan Tai
// Man, his name is Chan Tai Man. The scan does not stop at letters, so that the
// cue is looked for by itself, by its rarest letter.
func (r *Recogniser) namesInWords() {
	r.namesBehind('m')
	r.namesBehind('M')
}

// namesBehind looks behind every "name" with this m, as it is written: disguises are
// read at a colon only.
func (r *Recogniser) namesBehind(m byte) {
	text := r.text
	for i := 0; i < len(text); {
		k := strings.IndexByte(text[i:], m)
		if k < 0 {
			return
		}
		k += i
		i = k + 1
		if k < 2 || i >= len(text) || lower(text[i]) != 'e' || lower(text[k-1]) != 'a' || lower(text[k-2]) != 'n' {
			continue
		}
		i++
		if c, _, _ := next(text, i); c == ':' || isLetterRune(c) || !r.nameCue(i) {
			continue
		}
		at, _ := r.skipNameMarks(passIs(text, i))
		i = r.nameAt(at, true, i)
	}
}

// passIs passes "is" or "was" at i.
func passIs(text string, i int) int {
	for _, word := range [...]string{" is ", " was ", " IS "} {
		if strings.HasPrefix(text[i:], word) {
			return i + len(word)
		}
	}
	return i
}
