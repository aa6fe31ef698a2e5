package redirect

import (
	"errors"
	"net"
	"net/netip"
	"testing"

	"code.dny.dev/ssrf"
)

func TestTheGuardKnowsEveryKindOfAddress(t *testing.T) {
	g := guard{rules: ssrf.New(), own: func(a netip.Addr) bool { return a == netip.MustParseAddr("149.112.112.112") }}
	for _, c := range []struct {
		what, address string
		ok            bool
	}{
		{"global", "9.9.9.9:443", true},
		{"global, port 80", "9.9.9.9:80", true},
		{"global, version 6", "[2620:fe::fe]:443", true},
		{"this machine's own", "149.112.112.112:443", false},
		{"another port", "9.9.9.9:22", false},
		{"unspecified", "0.0.0.0:80", false},
		{"this network", "0.1.2.3:80", false},
		{"private", "10.255.0.1:80", false},
		{"private", "172.16.0.1:80", false},
		{"private", "192.168.0.1:80", false},
		{"carrier-grade NAT", "100.127.255.255:80", false},
		{"loopback", "127.0.0.1:80", false},
		{"loopback", "127.255.255.254:443", false},
		{"link-local", "169.254.169.254:80", false},
		{"protocol assignments", "192.0.0.170:80", false},
		{"documentation", "192.0.2.1:80", false},
		{"documentation", "198.51.100.1:80", false},
		{"documentation", "203.0.113.1:80", false},
		{"benchmarking", "198.19.255.255:80", false},
		{"multicast", "239.255.255.250:80", false},
		{"reserved", "240.0.0.1:80", false},
		{"broadcast", "255.255.255.255:80", false},
		{"unspecified, version 6", "[::]:80", false},
		{"loopback, version 6", "[::1]:80", false},
		{"mapped loopback", "[::ffff:127.0.0.1]:80", false},
		{"mapped private", "[::ffff:10.0.0.1]:80", false},
		{"mapped global", "[::ffff:9.9.9.9]:80", false},
		{"compatible", "[::127.0.0.1]:80", false},
		{"NAT64", "[64:ff9b::7f00:1]:80", false},
		{"NAT64, local", "[64:ff9b:1::7f00:1]:80", false},
		{"discard", "[100::1]:80", false},
		{"Teredo", "[2001:0:7f00:1::1]:80", false},
		{"documentation, version 6", "[2001:db8::1]:80", false},
		{"documentation, version 6", "[3fff::1]:80", false},
		{"6to4", "[2002:7f00:1::1]:80", false},
		{"unique local", "[fd00:ec2::254]:80", false},
		{"link-local, version 6", "[fe80::1]:80", false},
		{"link-local with a zone", "[fe80::1%eth0]:80", false},
		{"global with a zone", "[2620:fe::fe%eth0]:80", false},
		{"site-local", "[fec0::1]:80", false},
		{"multicast, version 6", "[ff02::1]:80", false},
		{"a name", "short.test:80", false},
		{"nothing", "", false},
	} {
		network := "tcp4"
		if len(c.address) > 0 && c.address[0] == '[' {
			network = "tcp6"
		}
		if err := g.control(network, c.address, nil); (err == nil) != c.ok || err != nil && !errors.Is(err, errGuarded) {
			t.Errorf("%s, %s: %v", c.what, c.address, err)
		}
	}
	for _, network := range []string{"udp4", "unix", "tcp"} {
		if g.control(network, "9.9.9.9:80", nil) == nil {
			t.Errorf("%s is dialled", network)
		}
	}
}

// A server with a public address reaches itself by it, and whatever it serves at port
// 443 for the machines of its own network.
func TestThisMachinesOwnAddressesAreNotDialled(t *testing.T) {
	own, err := net.InterfaceAddrs()
	if err != nil || len(own) == 0 {
		t.Fatalf("this machine has no address: %v", err)
	}
	for _, a := range own {
		p := netip.MustParsePrefix(a.String())
		if !isOwn(p.Addr()) || !isOwn(netip.AddrFrom16(p.Addr().As16())) {
			t.Errorf("an own address is not known as one")
		}
	}
	if isOwn(netip.MustParseAddr("9.9.9.9")) {
		t.Error("9.9.9.9 is taken for an own address")
	}
}
