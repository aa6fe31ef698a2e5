package cardlink

import "strings"

// carried returns the address that a link carries, if it carries one that can
// be read; host is the link's Host.
func (f *Finder) carried(p parts, host string) (parts, bool) {
	target := ""
	if strings.HasSuffix(host, ".translate.goog") {
		target = translatedTarget(p, host)
	}
	if target == "" {
		// Before the query, which belongs to the target then.
		target = pathTarget(p, host)
	}
	if target == "" {
		target = queryTarget(p, host)
	}
	if target == "" {
		return parts{}, false
	}
	carried, err := f.parse(cut(target, maxURL))
	return carried, err == nil
}

// queryTarget returns the address in the query of a redirector, a translator
// or a page that sends its reader on.
func queryTarget(p parts, host string) string {
	key, alternative := "url", redirectKey(host, p.path)
	for query := p.query; query != ""; {
		var one string
		one, query, _ = strings.Cut(query, "&")
		name, value, _ := strings.Cut(one, "=")
		if value == "" || name != key && (alternative == "" || name != alternative) {
			continue
		}
		if target := address(value); target != "" {
			return target
		}
	}
	return ""
}

// redirectKey returns the key of the query that holds the target, for hosts
// that have one of their own.
func redirectKey(host, path string) string {
	switch host {
	case "l.facebook.com", "lm.facebook.com", "l.instagram.com", "weibo.cn":
		return "u"
	case "facebook.com":
		if strings.HasPrefix(path, "/l.php") || strings.HasPrefix(path, "/sharer") {
			return "u"
		}
	case "youtube.com":
		if path == "/redirect" {
			return "q"
		}
	case "vk.com":
		return "to"
	case "t.umblr.com":
		return "z"
	case "link.zhihu.com":
		return "target"
	case "c.pc.qq.com":
		return "pfurl"
	}
	if strings.HasPrefix(host, "translate.google.") {
		return "u"
	}
	if strings.HasPrefix(host, "google.") && path == "/url" {
		return "q"
	}
	return ""
}

// pathTarget returns the address in the path of an archive or a relay.
func pathTarget(p parts, host string) string {
	rest := ""
	for i := 0; ; {
		next := indexFold(p.path[i:], "/http")
		if next < 0 {
			break
		}
		i += next + 1
		if !schemeAhead(p.path[i:]) {
			continue
		}
		if rest = address(p.path[i:]); rest != "" {
			break
		}
	}
	if rest == "" {
		if rest = archivedTarget(p.path, host); rest == "" {
			return ""
		}
	}
	if p.query != "" {
		rest += "?" + p.query
	}
	if p.fragment != "" {
		rest += "#" + p.fragment
	}
	return rest
}

// schemeAhead says whether the "http" that begins a string is a scheme: whether a
// colon follows, be it escaped once or twice. What address has to say of a path costs
// its whole length, which may be full of what is none.
func schemeAhead(s string) bool {
	s = s[schemeLength:]
	if s != "" && s[0]|0x20 == 's' {
		s = s[1:]
	}
	for _, colon := range [...]string{":", "%3a", "%253a"} {
		if len(s) >= len(colon) && strings.EqualFold(s[:len(colon)], colon) {
			return true
		}
	}
	return false
}

// archivedTarget returns the address without scheme in the path of an archived
// page: behind the time, or a word in its place.
func archivedTarget(path, host string) string {
	switch host {
	case "web.archive.org":
		var ok bool
		if path, ok = strings.CutPrefix(path, "/web/"); !ok {
			return ""
		}
	case "archive.ph", "archive.today", "archive.is", "archive.li", "archive.vn", "archive.md", "archive.fo":
		path = strings.TrimPrefix(path, "/")
	default:
		return ""
	}
	time, rest, ok := strings.Cut(path, "/")
	if !ok {
		return ""
	}
	if time == "o" {
		// A link of an archived page: its code, then the address.
		_, rest, _ = strings.Cut(rest, "/")
	} else if time != "*" && time != "newest" && time != "oldest" && (time == "" || !digit(time[0])) {
		rest = path
	}
	return address(rest)
}

// translatedTarget returns the address of a page under the host of a
// translator, which writes a dot as a hyphen and a hyphen as two.
func translatedTarget(p parts, host string) string {
	name := strings.TrimSuffix(host, ".translate.goog")
	const hyphen = "\x00"
	name = strings.ReplaceAll(name, "--", hyphen)
	name = strings.ReplaceAll(name, "-", ".")
	name = strings.ReplaceAll(name, hyphen, "-")
	if !bareHost(name) {
		return ""
	}
	target := name + p.path
	mark := "?"
	for query := p.query; query != ""; {
		var one string
		one, query, _ = strings.Cut(query, "&")
		if one != "" && !strings.HasPrefix(one, "_x_tr_") {
			target += mark + one
			mark = "&"
		}
	}
	return target
}

// address returns the address that a value is, its escapes read as often as
// they were written over each other, or nothing if it is none. Without a
// scheme it must have a public host.
func address(value string) string {
	for range 3 {
		scheme, rest, found := strings.Cut(value, ":")
		if found && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https")) {
			if rest = strings.TrimLeft(rest, `/\`); rest == "" {
				return ""
			}
			return scheme + "://" + rest
		}
		end := 0
		for end < len(value) && value[end] < 0x80 && hostByte(value[end]) {
			end++
		}
		if (end == len(value) || strings.IndexByte("/?#:", value[end]) >= 0) && bareHost(value[:end]) {
			return value
		}
		if strings.IndexByte(value, '%') < 0 {
			return ""
		}
		value = string(unescapeAll(value))
	}
	return ""
}

// unescapeAll reads every escape of a string.
func unescapeAll(s string) []byte {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if c, ok := unescape(s, i); ok {
			b = append(b, c)
			i += 2
		} else {
			b = append(b, s[i])
		}
	}
	return b
}

// indexFold is strings.Index for a string in small letters, whatever the case
// of s.
func indexFold(s, small string) int {
	for i := 0; i+len(small) <= len(s); i++ {
		next := strings.IndexByte(s[i:], small[0])
		if next < 0 || i+next+len(small) > len(s) {
			return -1
		}
		i += next
		if strings.EqualFold(s[i:i+len(small)], small) {
			return i
		}
	}
	return -1
}
