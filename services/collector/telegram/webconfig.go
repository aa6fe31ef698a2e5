package telegram

import (
	"net"
	"net/url"
	"time"

	"github.com/doxtrail/doxtrail/pkg/config"
)

// PreviewConfig is about the public web preview of channels, t.me/s/NAME. Beside
// an account it is the second vantage point for what the account finds gone;
// without one it is where posts are read.
type PreviewConfig struct {
	// URL is where Telegram's web is, https://t.me. Default empty: the web is not
	// asked.
	URL string `yaml:"url"`
	// Every is the mean time between two requests. Default 3s, at least 1s.
	Every time.Duration `yaml:"every"`
	// Poll is how often, without an account, the newest posts of a channel are
	// asked for. Default 10m, at least 10s.
	Poll time.Duration `yaml:"poll"`
}

// Validate returns every fault of c. A web on this machine may be asked more
// often than Telegram's.
func (c PreviewConfig) Validate() error {
	if c.URL == "" {
		return nil
	}
	var f config.Faults
	u, err := url.Parse(c.URL)
	plain := err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" &&
		(u.Path == "" || u.Path == "/") && u.User == nil && u.RawQuery == "" && !u.ForceQuery && u.Fragment == ""
	f.Check(plain, "url", "must be an address without path, for example https://t.me")
	every, poll := time.Second, 10*time.Second
	if plain && isLoopback(u.Hostname()) {
		every, poll = time.Millisecond, time.Millisecond
	}
	f.Check(c.Every >= every && c.Every <= time.Hour, "every", "must lie between 1s and 1h")
	f.Check(c.Poll >= poll && c.Poll <= 24*time.Hour, "poll", "must lie between 10s and 24h")
	return f.Err()
}

// isLoopback says whether a host is this machine.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
