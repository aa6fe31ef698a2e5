package redirect

import (
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/doxtrail/doxtrail/pkg/cardlink"
	"github.com/doxtrail/doxtrail/pkg/config"
	"github.com/doxtrail/doxtrail/pkg/throttle"
)

// Config says what a Client requests. The zero value of a field is its default.
type Config struct {
	// Shorteners are the only hosts that are requested, each also with www. before
	// it. Default [Shorteners].
	Shorteners []string
	// Watched says whether a host is watched. It gets it as cardlink.Link.Host has
	// it: in lower case, without www., m., mobile. and amp. It is called from
	// several goroutines. Default: none is.
	Watched func(host string) bool
	// Hops is how many requests one link may take, Bytes how much of a page is read,
	// Timeout how long the requests of one link may take together, without the wait
	// for their turns. Default 10, 64 KiB, 10 s.
	Hops    int
	Bytes   int64
	Timeout time.Duration
	// Waiting is how many requests may wait for the one before them to the same
	// host. Default 64; one more gives ErrBusy.
	Waiting int
	// Gate paces the requests and keeps the pauses that shorteners ask for, by
	// methods [Method] of a host. Default: a request follows the one before it to
	// the same host, and pauses are not kept.
	Gate *throttle.Gate
	// Metrics takes doxtrail_redirect_..., which the clients of one registerer share.
	// Default: nowhere.
	Metrics prometheus.Registerer
}

// Method is what a host's requests are called in [Config].Gate.
func Method(host string) string { return "redirect." + host }

// Validate returns every fault of c, each with its key.
func (c Config) Validate() error {
	var f config.Faults
	for _, host := range c.Shorteners {
		f.Check(isShortener(host), "shorteners", "must be host names in small letters below a public suffix, without scheme, port, path and www.")
	}
	f.Check(c.Hops >= 0 && c.Hops <= 20, "hops", "must lie between 1 and 20")
	f.Check(c.Bytes >= 0 && c.Bytes <= 1<<20, "bytes", "must lie between 1 and 1048576")
	f.Check(c.Timeout >= 0 && c.Timeout <= time.Minute, "timeout", "must not be over 1m")
	f.Check(c.Waiting >= 0 && c.Waiting <= 1<<16, "waiting", "must lie between 1 and 65536")
	return f.Err()
}

func isShortener(host string) bool {
	a, err := cardlink.Resolve("", "https://"+host)
	return err == nil && a.Host == host && a.Public && !strings.HasPrefix(host, "www.") && !strings.HasSuffix(host, ".")
}

func (c Config) withDefaults() Config {
	if c.Shorteners == nil {
		c.Shorteners = Shorteners()
	}
	if c.Watched == nil {
		c.Watched = func(string) bool { return false }
	}
	if c.Metrics == nil {
		c.Metrics = prometheus.NewRegistry()
	}
	c.Hops = fallback(c.Hops, 10)
	c.Bytes = fallback(c.Bytes, 64<<10)
	c.Timeout = fallback(c.Timeout, 10*time.Second)
	c.Waiting = fallback(c.Waiting, 64)
	return c
}

func fallback[N int | int64 | time.Duration](value, other N) N {
	if value == 0 {
		return other
	}
	return value
}
