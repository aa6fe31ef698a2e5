package cardlink

import (
	"strings"

	"golang.org/x/net/publicsuffix"
)

// maxLabel is the length of the longest label of a host name.
const maxLabel = 63

// domain is what the public suffix list says about a host.
type domain struct {
	// site is the registrable domain with the private section, registrable
	// without it. A host that is a suffix itself is its own.
	site, registrable string
	// public says that the host ends in a suffix that exists and is more than
	// that suffix.
	public bool
}

// domainOf splits a canonical host.
func domainOf(host string) domain {
	suffix, icann := publicsuffix.PublicSuffix(host)
	known := icann || strings.IndexByte(suffix, '.') >= 0 || reserved(suffix)
	d := domain{site: below(host, suffix)}
	for !icann {
		// A private suffix hangs below an ICANN one.
		dot := strings.IndexByte(suffix, '.')
		if dot < 0 {
			break
		}
		suffix, icann = publicsuffix.PublicSuffix(suffix[dot+1:])
	}
	d.registrable = below(host, suffix)
	d.public = known && len(host) > len(suffix)
	return d
}

// reserved says whether a top-level name is set apart for examples and tests
// by RFC 2606. They count as public suffixes here.
func reserved(suffix string) bool {
	switch suffix {
	case "example", "test", "invalid", "localhost":
		return true
	}
	return false
}

// below returns the suffix of a host with one label more.
func below(host, suffix string) string {
	if len(host) <= len(suffix) {
		return host
	}
	return host[1+strings.LastIndexByte(host[:len(host)-len(suffix)-1], '.'):]
}

// bareHost says whether a host as typed is a link without a scheme: it is
// ASCII and well formed, stands below a public suffix, and has no underscore
// in the label that somebody registered.
func bareHost(host string) bool {
	// No top-level name has one letter or ends in a digit, which spares the
	// abbreviations and numbers of a sentence the look-up.
	n := len(host)
	if n > maxHost || n < 4 || !letter(host[n-1]) || host[n-2] == '.' || strings.IndexByte(host, '.') <= 0 {
		return false
	}
	upper := false
	for i := range len(host) {
		if host[i] >= 0x80 {
			return false
		}
		upper = upper || host[i] >= 'A' && host[i] <= 'Z'
	}
	if upper {
		host = strings.ToLower(host)
	}
	if !wellFormed(host) {
		return false
	}
	d := domainOf(host)
	return d.public && strings.IndexByte(d.registrable, '_') < 0
}

// wellFormed says whether a host in lower case is a host name: labels of
// letters, digits, hyphens and underscores that are not too long. The names of
// the schemes are none, since a canonical form that began with one could be
// read in two ways.
func wellFormed(host string) bool {
	if host == "" || len(host) > maxHost || host == "http" || host == "https" {
		return false
	}
	label := 0
	for i := range len(host) {
		b := host[i]
		switch {
		case b == '.':
			if label == 0 {
				return false
			}
			label = 0
			continue
		case b >= 'A' && b <= 'Z' || !alphanumeric(b) && b != '-' && b != '_':
			return false
		}
		if label++; label > maxLabel {
			return false
		}
	}
	return label > 0
}

// shorten removes the leading labels from a host that tell variants of one
// site apart, as long as its site stays whole.
func shorten(host, site string) string {
	for {
		dot := strings.IndexByte(host, '.')
		if dot < 0 || len(host)-dot-1 < len(site) {
			return host
		}
		switch host[:dot] {
		case "www", "m", "mobile", "amp":
			host = host[dot+1:]
		default:
			return host
		}
	}
}

// spelledLabel returns the first label of the site as it was typed, so that
// the skeleton can tell a capital I from an l. A host that was typed in
// another way than with its labels gives the canonical label.
func spelledLabel(spelled, host, site string) string {
	canonical, _, _ := strings.Cut(site, ".")
	before := strings.Count(host[:len(host)-len(site)], ".")
	if len(spelled) >= len(host) && strings.EqualFold(spelled[:len(host)], host) {
		begin := len(host) - len(site)
		return spelled[begin : begin+len(canonical)]
	}
	labels := strings.Split(strings.TrimSuffix(fold(spelled), "."), ".")
	if len(labels) != strings.Count(host, ".")+1 || strings.IndexByte(spelled, '%') >= 0 {
		return canonical
	}
	return labels[before]
}
