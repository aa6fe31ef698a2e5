package redirect

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// leadsTo finds where a page sends its reader by itself: its first meta refresh that
// names a target, or else what its scripts set location to, if that is one thing
// only. Nothing is said of what the page was meant for: a page that is no redirect
// may name a target too.
func leadsTo(page []byte) (ref string, ok bool) {
	var f finder
	f.read(page, true)
	switch {
	case f.meta != "":
		return f.meta, true
	case len(f.scripted) == 1:
		for ref := range f.scripted {
			return ref, true
		}
	}
	return "", false
}

// finder collects the targets that a page names.
type finder struct {
	meta     string
	scripted map[string]struct{}
}

// read reads a page up to its first meta refresh. Readers without scripts have theirs
// inside noscript, whose content the tokenizer leaves as it is.
func (f *finder) read(page []byte, whole bool) {
	z := html.NewTokenizer(bytes.NewReader(page))
	var inside atom.Atom
	for f.meta == "" {
		switch z.Next() {
		case html.ErrorToken: // the end, for nothing else can go wrong in memory
			return
		case html.TextToken:
			switch {
			case inside == atom.Script:
				f.script(string(z.Raw()))
			case inside == atom.Noscript && whole:
				f.read(bytes.Clone(z.Raw()), false)
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			inside = atom.Lookup(name)
			if inside == atom.Meta && more {
				f.tag(z)
			}
		case html.EndTagToken:
			inside = 0
		}
	}
}

// tag reads the attributes of a meta tag.
func (f *finder) tag(z *html.Tokenizer) {
	var equiv, content string
	for {
		key, value, more := z.TagAttr()
		switch string(key) {
		case "http-equiv":
			equiv = string(value)
		case "content":
			content = string(value)
		}
		if !more {
			break
		}
	}
	if strings.EqualFold(strings.TrimSpace(equiv), "refresh") {
		f.meta, _ = refresh(content)
	}
}

// script notes what a script sets location to.
func (f *finder) script(text string) {
	for _, ref := range scripted(text) {
		if f.scripted == nil {
			f.scripted = map[string]struct{}{}
		}
		f.scripted[ref] = struct{}{}
	}
}

const spaces = " \t\n\f\r"

// refresh reads the target out of a refresh: a number of seconds, a semicolon or
// comma, "url=" and the target, quoted or not, where all but the number may be left
// out (the shared declarative refresh steps of the HTML standard).
func refresh(content string) (ref string, ok bool) {
	s := strings.TrimLeft(content, spaces)
	rest := strings.TrimLeft(s, "0123456789.")
	if rest == s {
		return "", false
	}
	s = strings.TrimLeft(rest, spaces)
	if s == rest && s != "" && s[0] != ';' && s[0] != ',' {
		return "", false
	}
	if s != "" && (s[0] == ';' || s[0] == ',') {
		s = strings.TrimLeft(s[1:], spaces)
	}
	if len(s) > 3 && strings.EqualFold(s[:3], "url") {
		if named, ok := strings.CutPrefix(strings.TrimLeft(s[3:], spaces), "="); ok {
			s = strings.TrimLeft(named, spaces)
		}
	}
	if s != "" && (s[0] == '"' || s[0] == '\'') {
		quote := s[:1]
		s, _, _ = strings.Cut(s[1:], quote)
	}
	s = strings.Trim(s, spaces)
	return s, s != ""
}
