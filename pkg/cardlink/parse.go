package cardlink

import (
	"fmt"
	"strings"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// parts is a parsed address, before the rules of the canonical form.
type parts struct {
	scheme string
	// spelled is the host as it was typed, for the skeleton.
	spelled string
	// host is the host in lower case, as an A-label or IP address.
	host string
	// port is empty for the scheme's own.
	port string
	// path begins with a slash; query and fragment are without their mark.
	path, query, fragment string
	// ip says that host is an address.
	ip   bool
	tags tags
}

// open parses an address that somebody else marked as one: as it is, and if
// that is none, with its disguises undone.
func (f *Finder) open(raw string) (parts, tags, error) {
	raw = strings.Trim(cut(raw, maxCanonical), " \t\r\n\f\v")
	t := tags(0)
	if !plainASCII(raw) {
		if clean := strings.Map(visible, raw); clean != raw {
			raw, t = clean, t.with(doxtrailv1.LinkDisguise_LINK_DISGUISE_INVISIBLE)
		}
	}
	p, err := f.parse(raw)
	if err == nil {
		return p, t, nil
	}
	f.view.fill(raw, 0, len(raw))
	f.view.undo()
	if len(f.view.bytes) == 0 || string(f.view.bytes) == raw {
		return parts{}, 0, err
	}
	_, _, undone := f.view.place(0, len(f.view.bytes))
	p, err = f.parse(string(f.view.bytes))
	return p, t | undone, err
}

// plainASCII says whether a string is ASCII throughout.
func plainASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// visible is for strings.Map: it removes what invisible names.
func visible(r rune) rune {
	if invisible(r) {
		return -1
	}
	return r
}

// parse parses an address with or without a scheme.
func (f *Finder) parse(raw string) (parts, error) {
	scheme, rest, err := splitScheme(raw)
	if err != nil {
		return parts{}, err
	}
	if scheme == "tg" {
		if rest = telegramAddress(rest); rest == "" {
			return parts{}, ErrNoLink
		}
		scheme = "https"
	}
	rest, info := dropUserinfo(rest)
	p, ok := parsePlain(scheme, rest)
	if !ok {
		if p, err = f.parseFully(scheme, rest); err != nil {
			return parts{}, err
		}
	}
	if info {
		p.tags = p.tags.with(doxtrailv1.LinkDisguise_LINK_DISGUISE_USERINFO)
	}
	p.host = strings.TrimSuffix(p.host, ".")
	if !p.ip && !wellFormed(p.host) {
		return parts{}, ErrNoLink
	}
	if p.port == "80" || p.port == "443" {
		p.port = ""
	}
	return p, nil
}

// splitScheme splits the scheme and the slashes off an address. The scheme is
// empty if none was written: a colon with a number behind it is that of a port.
func splitScheme(raw string) (scheme, rest string, err error) {
	if strings.HasPrefix(raw, "//") || strings.HasPrefix(raw, `\\`) {
		return "", strings.TrimLeft(raw, `/\`), nil
	}
	if raw == "" || raw[0] == '/' || raw[0] == '\\' {
		return "", "", fmt.Errorf("find a host: %w", ErrNoLink)
	}
	mark := strings.IndexAny(raw, `:/?#\[`)
	if mark < 0 || raw[mark] != ':' || mark+1 < len(raw) && digit(raw[mark+1]) {
		return "", raw, nil
	}
	rest = raw[mark+1:]
	switch scheme = strings.ToLower(raw[:mark]); scheme {
	case "http", "https":
		return scheme, strings.TrimLeft(rest, `/\`), nil
	case "tg":
		return scheme, strings.TrimLeft(rest, "/"), nil
	}
	return "", "", fmt.Errorf("split the scheme off: %w", ErrNoLink)
}

// dropUserinfo removes the user information in front of the host.
func dropUserinfo(rest string) (string, bool) {
	end := strings.IndexAny(rest, `/?#\`)
	if end < 0 {
		end = len(rest)
	}
	at := strings.LastIndexByte(rest[:end], '@')
	return rest[at+1:], at >= 0
}

// parsePlain parses the address of a plain host with plain characters, and
// refuses everything on which the URL standard has more to say than to split
// it. What it accepts, parseFully reads in the same way; the tests hold the two
// together.
func parsePlain(scheme, rest string) (parts, bool) {
	p := parts{scheme: scheme}
	end, upper, label := 0, false, 0
	for ; end < len(rest); end++ {
		b := rest[end]
		if b >= 'A' && b <= 'Z' {
			upper = true
		} else if b == '.' {
			label = end + 1
		} else if !alphanumeric(b) && b != '-' {
			break
		}
		if b|0x20 == 'x' && end == label && len(rest) > end+1 && rest[end+1]|0x20 == 'n' {
			return p, false
		}
	}
	// A last label that begins with a letter cannot make the host a number.
	if label >= end || !letter(rest[label]) {
		return p, false
	}
	p.spelled, p.host = rest[:end], rest[:end]
	if upper {
		p.host = strings.ToLower(p.host)
	}
	rest = rest[end:]
	if rest != "" && rest[0] == ':' {
		n := 1
		for n < len(rest) && digit(rest[n]) {
			n++
		}
		if n < 2 || n > 5 || rest[1] == '0' {
			return p, false
		}
		p.port, rest = rest[1:n], rest[n:]
	}
	return p, p.splitPlain(rest)
}

// splitPlain splits what follows the host of a plain address.
func (p *parts) splitPlain(rest string) bool {
	if rest != "" && strings.IndexByte("/?#", rest[0]) < 0 {
		return false
	}
	part, begin := &p.path, 0
	for i := range len(rest) {
		switch b := rest[i]; b {
		case '/':
			if part == &p.path && i+1 < len(rest) && (rest[i+1] == '.' || rest[i+1] == '%') {
				// It could be a segment of dots, which names another path.
				return false
			}
		case '?':
			if part == &p.path {
				p.path, part, begin = rest[:i], &p.query, i+1
			}
		case '#':
			if part != &p.fragment {
				*part = rest[begin:i]
				part, begin = &p.fragment, i+1
			}
		case '"', '<', '>', '\\', '`', '{', '}', '\'':
			return false
		default:
			if b <= ' ' || b >= 0x7F {
				return false
			}
		}
	}
	*part = rest[begin:]
	if p.path == "" {
		p.path = "/"
	}
	return true
}

// parseFully parses an address as the URL standard says.
func (f *Finder) parseFully(scheme, rest string) (parts, error) {
	rest = cut(rest, maxCanonical)
	full := "http://" + rest
	if scheme == "https" {
		full = "https://" + rest
	}
	u, err := f.parser.Parse(full)
	if err != nil {
		// The parser's own error quotes the address.
		return parts{}, fmt.Errorf("parse the address: %w", ErrNoLink)
	}
	p := parts{
		scheme: scheme, spelled: spelledHost(rest),
		host: u.Hostname(), port: u.Port(), ip: u.IsIPv4() || u.IsIPv6(),
		path: u.Pathname(), query: u.Query(), fragment: u.Fragment(),
	}
	if !p.ip && folded(p.spelled) {
		p.tags = p.tags.with(doxtrailv1.LinkDisguise_LINK_DISGUISE_NFKC)
	}
	return p, nil
}

// spelledHost returns the host as typed of an address without scheme and user
// information.
func spelledHost(rest string) string {
	rest = strings.TrimLeft(rest, `/\`)
	if end := strings.IndexAny(rest, `/?#\:`); end >= 0 {
		return rest[:end]
	}
	return rest
}

// folded says whether a host is typed with characters that stand for ASCII
// ones.
func folded(spelled string) bool {
	for i, r := range spelled {
		if r < 0x80 {
			continue
		}
		_, n := runeAt(spelled, i)
		if ascii(spelled[i:i+n], r) != "" {
			return true
		}
	}
	return false
}
