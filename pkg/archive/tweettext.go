package archive

import "bytes"

// finish is called once a post has been read: it mends the text and fills own.
func (t *tweet) finish() {
	t.text, t.note = plainText(t.text), plainText(t.note)
	h := hashBytes(postSeed, t.author)
	h = hashBytes(h, t.id)
	h = hashBytes(h, t.fullText())
	h = hashBytes(h, t.created)
	for _, r := range t.refs {
		h = hashBytes(hashBytes(h, r.kind), r.id)
	}
	for _, list := range [...][]shortURL{t.urls, t.noteURLs} {
		for _, u := range list {
			h = hashBytes(hashBytes(h, u.expanded), u.unwound)
		}
	}
	for _, key := range t.mediaKeys {
		h = hashBytes(h, key)
	}
	t.own = max(h, 1)
}

// plainText undoes the three escapes of HTML that the API writes, in place.
func plainText(text []byte) []byte {
	at := bytes.IndexByte(text, '&')
	if at < 0 {
		return text
	}
	out := text[:at]
	for rest := text[at:]; len(rest) > 0; {
		c, n := rest[0], 1
		if c == '&' {
			switch {
			case bytes.HasPrefix(rest, []byte("&amp;")):
				n = 5
			case bytes.HasPrefix(rest, []byte("&lt;")):
				c, n = '<', 4
			case bytes.HasPrefix(rest, []byte("&gt;")):
				c, n = '>', 4
			}
		}
		out = append(out, c)
		rest = rest[n:]
	}
	return out
}
