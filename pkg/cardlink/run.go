package cardlink

import (
	"strings"
	"unicode/utf8"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// reader reads the links of one run.
type reader struct {
	f *Finder
	// s is the run, or the view of it.
	s string
	// offset is where the run begins in the text; v is set instead if s is a
	// view.
	offset int
	v      *view
}

// run appends the links of the run from start to end.
func (f *Finder) run(dst []Link, text string, start, end int, disguised bool) []Link {
	if !disguised {
		r := reader{f: f, s: text[start:end], offset: start}
		return r.links(dst)
	}
	f.view.fill(text, start, end)
	f.view.undo()
	r := reader{f: f, s: string(f.view.bytes), v: &f.view}
	before := len(dst)
	dst = r.links(dst)
	if len(dst) > before || !f.view.hidden {
		return dst
	}
	// Invisible characters also stand between words. They were not inside a
	// host, so the words between them are read one by one.
	for start < end {
		word, gap := end-start, 0
		if n := strings.IndexFunc(text[start:end], invisible); n >= 0 {
			word = n
			_, gap = runeAt(text, start+n)
		}
		if word > 0 {
			dst = f.run(dst, text, start, start+word, true)
		}
		start += word + gap
	}
	return dst
}

// links appends the links of the run: token by token, a token being what could
// be a host or a scheme.
func (r reader) links(dst []Link) []Link {
	for i := 0; i < len(r.s); {
		if !hostByte(r.s[i]) {
			i++
			continue
		}
		end := r.token(i)
		if strings.HasPrefix(r.s[end:], "://") {
			dst, i = r.withScheme(dst, i, end)
		} else {
			dst, i = r.bare(dst, i, end)
		}
	}
	return dst
}

// token returns where the token ends that begins at i.
func (r reader) token(i int) int {
	for i < len(r.s) && hostByte(r.s[i]) {
		i++
	}
	return i
}

// withScheme appends the link whose scheme ends at end, and the host without
// scheme that may be glued to it in front. It returns where to read on.
func (r reader) withScheme(dst []Link, i, end int) ([]Link, int) {
	host := end + len("://")
	if telegramScheme(r.s[i:end]) {
		stop := r.tail(host, host)
		return r.add(dst, end-2, stop), stop
	}
	scheme := schemeIn(r.s[i:end])
	if scheme < 0 {
		// A scheme of another kind: what follows may be a host all the same.
		return dst, host
	}
	start := i + scheme
	if scheme > 0 {
		dst, _ = r.bare(dst, i, start)
	}
	stop := r.authority(host)
	if stop == host {
		return dst, host
	}
	return r.add(dst, start, stop), stop
}

// authority returns where the link ends whose host, or the user information in
// front of it, begins at i; i itself if no host is there.
func (r reader) authority(i int) int {
	begin := i
	for i < len(r.s) && (r.s[i] == '/' || r.s[i] == '\\') {
		i++
	}
	i = r.userinfo(i)
	end := i
	if i < len(r.s) && r.s[i] == '[' {
		n := strings.IndexByte(r.s[i:min(len(r.s), i+maxHost)], ']')
		if n < 0 {
			return begin
		}
		end += n + 1
	} else {
		end = r.hostEnd(i)
		if strings.HasPrefix(r.s[end:], "://") {
			// Two links without a space, or a scheme typed twice.
			if glued := schemeIn(r.s[i:end]); glued >= 0 {
				end = i + glued
			}
		}
	}
	if end == i {
		return begin
	}
	if end == len(r.s) || strings.IndexByte(`/?#:\`, r.s[end]) < 0 {
		end = i + len(beforeSentence(r.s[i:end]))
	}
	return r.afterHost(i, end)
}

// hostEnd is token for hosts behind a scheme, which may have escapes.
func (r reader) hostEnd(i int) int {
	for i < len(r.s) && (hostByte(r.s[i]) || r.s[i] == '%') {
		i++
	}
	return i
}

// userinfo returns where the host begins behind the user information at i, and
// i if there is none.
func (r reader) userinfo(i int) int {
	host := i
	for ; i < len(r.s); i++ {
		b := r.s[i]
		if b == '@' {
			host = i + 1
		} else if !hostByte(b) && strings.IndexByte("%:~+!$&*=", b) < 0 {
			break
		}
	}
	return host
}

// afterHost returns where the link ends whose host is from i to end: behind
// port, path, query and fragment, without the punctuation that follows.
func (r reader) afterHost(i, end int) int {
	next := end
	if next < len(r.s) && r.s[next] == ':' {
		port := next + 1
		for port < len(r.s) && digit(r.s[port]) {
			port++
		}
		if digits := port - next - 1; digits > 0 && digits <= 5 && (port == len(r.s) || !hostByte(r.s[port])) {
			end, next = port, port
		}
	}
	if next < len(r.s) && strings.IndexByte(`/?#\`, r.s[next]) >= 0 {
		return r.tail(next, end)
	}
	for end > i && strings.IndexByte(".-_", r.s[end-1]) >= 0 {
		end--
	}
	return end
}

// tail returns where a link ends whose path, query or fragment begins at i and
// whose host ends at least at floor: at another link that is glued to it, at a
// closing bracket that was not opened in it, at the end of the run; and before
// the punctuation of the sentence.
func (r reader) tail(i, floor int) int {
	round, square := 0, 0
	start := i
scan:
	for ; i < len(r.s); i++ {
		switch r.s[i] {
		case ' ':
			break scan
		case '(':
			round++
		case ')':
			if round--; round < 0 {
				break scan
			}
		case '[':
			square++
		case ']':
			if square--; square < 0 {
				break scan
			}
		case ':':
			if !strings.HasPrefix(r.s[i:], "://") {
				continue
			}
			glued := schemeIn(r.s[start:i])
			if glued > 0 && !carries(r.s[start+glued-1]) {
				i = start + glued
				break scan
			}
		}
	}
	return r.beforePunctuation(floor, i)
}

// beforePunctuation returns where what ends at i ends without the punctuation of the
// sentence, but not before floor.
func (r reader) beforePunctuation(floor, i int) int {
	for i > floor {
		if strings.IndexByte(".,;:!?'*([", r.s[i-1]) >= 0 {
			i--
			continue
		}
		// The only full-width punctuation that can be here: all other ends a
		// run.
		last, n := utf8.DecodeLastRuneInString(r.s[floor:i])
		if !dotRune(last) {
			break
		}
		i -= n
	}
	return i
}

// carries says whether an address that begins behind this byte is the target
// of the link before it rather than the next link.
func carries(b byte) bool { return strings.IndexByte("/=?&:#@%", b) >= 0 }

// bare appends the links without scheme of the token from i to end, and returns
// where to read on.
func (r reader) bare(dst []Link, i, end int) ([]Link, int) {
	if i > 0 && (r.s[i-1] == '@' || r.s[i-1] == '#') || end < len(r.s) && r.s[end] == '@' {
		return dst, end
	}
	if i > 0 && r.s[i-1] == '%' && end-i > 2 && hexDigit(r.s[i]) && hexDigit(r.s[i+1]) {
		i += 2
	}
	for i < end {
		// Two dots in a row are no part of a host, but stand between words.
		stop := end
		if gap := strings.Index(r.s[i:end], ".."); gap >= 0 {
			stop = i + gap
		}
		start := i + len(r.s[i:stop]) - len(strings.TrimLeft(r.s[i:stop], ".-_"))
		host := start + len(strings.TrimRight(r.s[start:stop], ".-_"))
		if host == len(r.s) || strings.IndexByte(`/?#:`, r.s[host]) < 0 {
			host = start + len(beforeSentence(r.s[start:host]))
		}
		if bareHost(r.s[start:host]) || r.f.watchedHost(r.s[start:host]) {
			after := host
			if host == end || end < len(r.s) && r.s[end] == '/' && strings.TrimLeft(r.s[host:end], ".") == "" {
				after = r.afterHost(start, end)
			}
			dst = r.add(dst, start, after)
			if after > end {
				return dst, after
			}
		}
		i = stop + 1
	}
	return dst, end
}

// add appends the link from i to end of the run.
func (r reader) add(dst []Link, i, end int) []Link {
	if i >= end {
		return dst
	}
	found := finding{
		raw:        r.s[i:end],
		role:       doxtrailv1.LinkRole_LINK_ROLE_LINK,
		source:     doxtrailv1.LinkSource_LINK_SOURCE_TEXT,
		expandedBy: doxtrailv1.LinkExpansion_LINK_EXPANSION_NONE,
	}
	if r.v == nil {
		found.start, found.end = r.offset+i, r.offset+end
	} else {
		found.start, found.end, found.tags = r.v.place(i, end)
	}
	return r.f.append(dst, found)
}
