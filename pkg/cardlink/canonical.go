package cardlink

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// canon builds canonical forms.
type canon struct {
	buf    []byte
	query  []byte
	params []param
}

// param is a parameter of a query, as places in canon.query.
type param struct {
	begin, key, end int
}

// link returns the canonical form of a parsed address.
func (c *canon) link(p parts) (Link, error) {
	d := domain{site: p.host, registrable: p.host}
	if !p.ip {
		d = domainOf(p.host)
	}
	short := shorten(p.host, d.site)
	c.buf = append(c.buf[:0], p.host...)
	if p.port != "" {
		c.buf = append(append(c.buf, ':'), p.port...)
	}
	path := len(c.buf)
	c.path(p.path)
	pathEnd := len(c.buf)
	c.appendQuery(p.query, twitterHost(short))
	route := len(c.buf)
	c.route(p.fragment)
	if len(c.buf) > maxCanonical {
		return Link{}, fmt.Errorf("build the canonical form: too long: %w", ErrNoLink)
	}
	// Everything else is a part of this one string.
	url := string(c.buf)
	host := url[:len(p.host)]
	l := Link{
		URL:         url,
		Scheme:      p.scheme,
		Host:        host[len(host)-len(short):],
		Site:        host[len(host)-len(d.site):],
		Registrable: host[len(host)-len(d.registrable):],
		Path:        url[path:],
		Dir:         url[path : path+1+strings.LastIndexByte(url[path:pathEnd], '/')],
		Extension:   extensionClass(url[path:pathEnd]),
		Depth:       depth(url[path:pathEnd]) + depth(url[route:]),
	}
	if l.Depth == 0 && l.Path != "/" {
		l.Depth = 1
	}
	if !p.ip {
		l.Label = Skeleton(spelledLabel(p.spelled, p.host, d.site))
	}
	return l, nil
}

// depth returns the number of segments of a path.
func depth(path string) uint32 {
	n := uint32(0)
	for i := range len(path) {
		if path[i] == '/' && i+1 < len(path) && path[i+1] != '/' {
			n++
		}
	}
	return n
}

// path appends the canonical form of a path.
func (c *canon) path(path string) {
	begin := len(c.buf)
	for i := 0; i < len(path); {
		next := strings.IndexByte(path[i:], '/')
		if next < 0 {
			next = len(path) - i
		}
		if next > 0 {
			c.buf = append(c.buf, '/')
			c.buf = appendNormal(c.buf, path[i:i+next])
		}
		i += next + 1
	}
	for {
		last := bytes.LastIndexByte(c.buf[begin:], '/')
		if last < 0 || !startPage(string(c.buf[begin+last+1:])) {
			break
		}
		c.buf = c.buf[:begin+last]
	}
	if len(c.buf) == begin {
		c.buf = append(c.buf, '/')
	}
}

// startPage says whether a file name is that of a folder's own page: index or
// default with one ending that is not a picture, a film or a document.
func startPage(name string) bool {
	dot := strings.IndexByte(name, '.')
	if dot < 0 || !strings.EqualFold(name[:dot], "index") && !strings.EqualFold(name[:dot], "default") {
		return false
	}
	ending := name[dot+1:]
	if ending == "" || len(ending) > maxEnding {
		return false
	}
	for i := range len(ending) {
		if !alphanumeric(ending[i]) {
			return false
		}
	}
	return !downloaded(classOf(ending))
}

// appendQuery appends the canonical form of a query: tracking keys dropped,
// the rest in the order of the keys; several values of one key keep theirs.
func (c *canon) appendQuery(query string, twitter bool) {
	if query == "" {
		return
	}
	c.query, c.params = c.query[:0], c.params[:0]
	sorted := true
	for query != "" {
		var one string
		one, query, _ = strings.Cut(query, "&")
		if one == "" {
			continue
		}
		p := param{begin: len(c.query)}
		c.query = appendNormal(c.query, one)
		p.end = len(c.query)
		text := string(c.query[p.begin:p.end])
		key, value, _ := strings.Cut(text, "=")
		if tracking(key, value, twitter) {
			c.query = c.query[:p.begin]
			continue
		}
		p.key = p.begin + len(key)
		if n := len(c.params); n > 0 && c.compare(c.params[n-1], p) > 0 {
			sorted = false
		}
		c.params = append(c.params, p)
	}
	if !sorted {
		slices.SortStableFunc(c.params, c.compare)
	}
	mark := byte('?')
	for _, p := range c.params {
		c.buf = append(append(c.buf, mark), c.query[p.begin:p.end]...)
		mark = '&'
	}
}

func (c *canon) compare(a, b param) int {
	return bytes.Compare(c.query[a.begin:a.key], c.query[b.begin:b.key])
}

// route appends a fragment that names a page inside a page, and drops every
// other, the route of the start page among them.
func (c *canon) route(fragment string) {
	if strings.Trim(fragment, "/!") == "" || fragment[0] != '/' && fragment[0] != '!' {
		return
	}
	c.buf = appendNormal(append(c.buf, '#'), fragment)
}

// appendNormal appends a part of an address with its escapes in one form:
// escaped letters, digits and -._~ are read, other escapes are upper-case, and
// a percent sign that escapes nothing is escaped itself, lest reading the next
// escape made it the beginning of one.
func appendNormal(dst []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	for {
		i := strings.IndexByte(s, '%')
		if i < 0 {
			return append(dst, s...)
		}
		dst = append(dst, s[:i]...)
		b, ok := unescape(s, i)
		switch {
		case !ok:
			dst = append(dst, "%25"...)
			s = s[i+1:]
			continue
		case alphanumeric(b) || strings.IndexByte("-._~", b) >= 0:
			dst = append(dst, b)
		default:
			dst = append(dst, '%', hex[b>>4], hex[b&15])
		}
		s = s[i+3:]
	}
}

// tracking says whether a parameter tells who passed a link on, and not what it
// leads to.
func tracking(key, value string, twitter bool) bool {
	const campaign = "utm_"
	if len(key) >= len(campaign) && strings.EqualFold(key[:len(campaign)], campaign) {
		return true
	}
	if len(key) > len("mibextid") {
		return false
	}
	switch key = strings.ToLower(key); key {
	case "fbclid", "gclid", "dclid", "igshid", "mibextid", "twclid", "mc_cid", "mc_eid", "si", "spm", "feature":
		return true
	case "s", "t":
		return twitter
	case "ref":
		return platformName(value)
	}
	return false
}

// platformName says whether a value is the name of a platform that links are
// passed on over.
func platformName(value string) bool {
	switch strings.ToLower(value) {
	case "facebook", "facebook.com", "fb", "twitter", "twitter.com", "tw", "x", "x.com", "t.co",
		"telegram", "tg", "t.me", "instagram", "instagram.com", "ig", "wechat", "weixin", "weibo", "whatsapp", "wa",
		"youtube", "youtube.com", "yt", "line", "linkedin", "reddit", "tiktok", "douyin", "signal", "discord",
		"threads", "google", "lihkg":
		return true
	}
	return false
}
