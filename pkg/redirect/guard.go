package redirect

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"time"

	"code.dny.dev/ssrf"
)

// errGuarded says that an address is not dialled. It does not name the address.
var errGuarded = errors.New("dial a shortener: its address is not to be dialled")

// guard judges addresses as they are dialled: behind the name, after DNS, each one
// of them. It allows nothing but global addresses at ports 80 and 443.
type guard struct {
	rules *ssrf.Guardian
	// own says of an address that it is one of this machine's.
	own func(netip.Addr) bool
	// exempt says of an address that it may be dialled in any case; tests have their
	// servers on this machine.
	exempt func(netip.AddrPort) bool
}

// control is for net.Dialer.Control, which calls it with the very address that the
// next step connects to.
func (g guard) control(network, address string, conn syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return errGuarded
	}
	if g.exempt != nil && g.exempt(at) {
		return nil
	}
	// The rules' own error names the address.
	if g.rules.Safe(network, address, conn) != nil || g.own(at.Addr()) {
		return errGuarded
	}
	return nil
}

// isOwn says whether an address is one of this machine's, which a server with a
// public address would otherwise reach itself by. If nobody can tell, it is.
func isOwn(addr netip.Addr) bool {
	own, err := net.InterfaceAddrs()
	if err != nil {
		return true
	}
	for _, a := range own {
		if p, err := netip.ParsePrefix(a.String()); err != nil || p.Addr().Unmap() == addr.Unmap() {
			return true
		}
	}
	return false
}

// isGlobal says whether an IP address as it stands in an address is one of the
// public internet.
func isGlobal(rules *ssrf.Guardian, host string) bool {
	if n := len(host); n > 2 && host[0] == '[' {
		host = host[1 : n-1]
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && rules.SafeAddr(addr) == nil
}

// wiring is what tests change of the way to a server.
type wiring struct {
	// resolver is nil for the system's.
	resolver *net.Resolver
	exempt   func(netip.AddrPort) bool
	// ports are dialled in place of others.
	ports map[string]string
	// roots are nil for the system's.
	roots *x509.CertPool
	// passed is told of each address that is about to be dialled; it may refuse it.
	passed func(address string) error
}

// dialer gives the function that connects to a host's port.
func (w wiring) dialer(rules *ssrf.Guardian) func(ctx context.Context, network, address string) (net.Conn, error) {
	g := guard{rules: rules, own: isOwn, exempt: w.exempt}
	d := &net.Dialer{
		Timeout: 5 * time.Second, Resolver: w.resolver,
		Control: func(network, address string, conn syscall.RawConn) error {
			if err := g.control(network, address, conn); err != nil {
				return err
			}
			if w.passed != nil {
				return w.passed(address)
			}
			return nil
		},
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		if other := w.ports[port]; other != "" {
			port = other
		}
		// With its dot the name is whole: no search domain of this network is tried
		// behind it.
		return d.DialContext(ctx, network, net.JoinHostPort(host+".", port))
	}
}
