package cardlink

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/nlnwa/whatwg-url/url"
)

// Address is where a page or a server sends its reader, whole: unlike a Link it
// keeps everything that a server would have to be asked for. Its strings may name
// a person or lead to a card, as those of a Link.
type Address struct {
	// URL is the whole address without user information, in ASCII.
	URL string
	// Scheme is "http" or "https".
	Scheme string
	// Host is in lower case, as an A-label or an IP address in its plain
	// spelling, that of version 6 in brackets. A trailing dot is kept.
	Host string
	// Port is empty for the scheme's own.
	Port string
	// Query is without its mark, as it was written.
	Query string
	// Path begins with a slash.
	Path string
	// Userinfo says that a name or a password stood before the host.
	Userinfo bool
	// IP says that Host is an IP address.
	IP bool
	// Public says that Host is a name below a public suffix, which the names of a
	// private network are not.
	Public bool
}

// Resolve reads an address as a browser would that finds ref on the page at base:
// a whole address, or one that goes on from there. Without a base it must be whole.
// The error is ErrNoLink, possibly wrapped, and never holds the address. Limit: 8
// KiB; what is longer is refused, for another address would be left of it.
func Resolve(base, ref string) (Address, error) {
	if len(base) > maxCanonical || len(ref) > maxURL {
		return Address{}, fmt.Errorf("resolve an address: too long: %w", ErrNoLink)
	}
	u, err := url.NewParser().ParseRef(base, ref)
	if err != nil {
		// The parser's own error quotes the address.
		return Address{}, fmt.Errorf("resolve an address: %w", ErrNoLink)
	}
	if u.Scheme() != "http" && u.Scheme() != "https" || u.Hostname() == "" {
		return Address{}, fmt.Errorf("resolve an address: %w", ErrNoLink)
	}
	a := Address{
		Scheme: u.Scheme(), Host: u.Hostname(), Port: u.Port(), Path: u.Pathname(), Query: u.Query(),
		Userinfo: u.Username() != "" || u.Password() != "",
	}
	// The parser's own word is not passed on to what is resolved against an address.
	_, err = netip.ParseAddr(strings.Trim(a.Host, "[]"))
	a.IP = err == nil
	name := strings.TrimSuffix(a.Host, ".")
	if !a.IP && !wellFormed(name) {
		return Address{}, fmt.Errorf("resolve an address: %w", ErrNoLink)
	}
	a.Public = !a.IP && domainOf(name).public
	u.SetUsername("")
	u.SetPassword("")
	a.URL = u.Href(false)
	return a, nil
}
