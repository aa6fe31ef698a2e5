package privacy

import (
	"net/netip"
	"strings"
)

// addressSpan redacts an address with a scheme, which begins somewhere before
// the colon at mark. Of a loopback address host and port stay.
func addressSpan(spans []span, s string, start, mark, end int) []span {
	scheme := mark
	for scheme > start && (isAlnum(s[scheme-1]) || s[scheme-1] == '+') {
		scheme--
	}
	spans = partSpans(spans, s, start, scheme)
	if mark-scheme > 12 {
		spans = append(spans, span{scheme, mark})
	}
	rest := mark + len("://")
	authority := end
	if at := strings.IndexAny(s[rest:end], "/?#\\"); at >= 0 {
		authority = rest + at
	}
	if !isLoopback(s[rest:authority]) {
		if rest < end {
			spans = append(spans, span{rest, end})
		}
		return spans
	}
	if from := authority + 1; from < end {
		spans = append(spans, span{from, end})
	}
	return spans
}

// isLoopback says whether a host, with a port or not, is this machine. An empty
// one is: there is nothing to hide in it.
func isLoopback(host string) bool {
	if host == "" {
		return true
	}
	if addr, ok := parseHostAddr(host); ok {
		return isLocal(addr)
	}
	name, port, _ := strings.Cut(host, ":")
	addr, err := netip.ParseAddr(name)
	return isPort(port) && (name == "localhost" || err == nil && isLocal(addr))
}

func isLocal(addr netip.Addr) bool { return addr.IsLoopback() || addr.IsUnspecified() }

// parseHostAddr reads an IP address of version 6 with or without brackets and
// port, and one of version 4 with a port. A bare one of version 4 may be the
// version of a program as well.
func parseHostAddr(host string) (netip.Addr, bool) {
	if strings.IndexByte(host, ':') < 0 || strings.Trim(host, "0123456789abcdefABCDEF:.[]") != "" {
		return netip.Addr{}, false // most words end here, without the cost of a parser's error
	}
	if addr, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return addr, true
	}
	if strings.Contains(host, "]") && host[0] != '[' {
		host = "[" + host // the bracket was taken for punctuation
	}
	if port, err := netip.ParseAddrPort(host); err == nil {
		return port.Addr(), true
	}
	return netip.Addr{}, false
}

func isPort(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return len(s) <= 5
}
