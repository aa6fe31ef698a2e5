package redirect

import (
	"net/url"
	"strings"

	"github.com/doxtrail/doxtrail/pkg/cardlink"
)

// warning says whether an address is a page on which a shortener warns of a target
// in place of leading there, and the target that it names, as it stands there.
// Twitter's names it in unsafe_link, often without escapes; Bitly's in url.
func warning(at cardlink.Address) (target string, warns bool) {
	switch strings.TrimPrefix(strings.TrimPrefix(at.Host, "www."), "mobile.") {
	case "twitter.com", "x.com":
		return parameter(at.Query, "unsafe_link"), at.Path == "/safety/unsafe_link_warning"
	case "bitly.com", "bit.ly":
		return parameter(at.Query, "url"), at.Path == "/a/warning"
	}
	return "", false
}

// parameter reads the parameter of a query that holds an address. One without escapes
// goes on to the end of the query, with the parameters of its own.
func parameter(query, name string) string {
	for rest := query; rest != ""; {
		if value, ok := strings.CutPrefix(rest, name+"="); ok {
			if strings.HasPrefix(value, "http://") || strings.HasPrefix(value, "https://") {
				return value
			}
			value, _, _ = strings.Cut(value, "&")
			value, err := url.QueryUnescape(value)
			if err != nil {
				return ""
			}
			return value
		}
		_, rest, _ = strings.Cut(rest, "&")
	}
	return ""
}
