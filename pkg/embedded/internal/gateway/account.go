package gateway

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"net/url"

	"github.com/doxtrail/doxtrail/pkg/embedded/internal/chdb"
)

// Account is one of those who may ask.
type Account struct {
	// Name and Password are those of ClickHouse.
	Name, Password string
	// Pool runs its statements. Accounts with a pool each do not take each
	// other's connections away.
	Pool *chdb.Pool
	// Database is the one that names without a database mean, when the request
	// names none.
	Database string
	// Settings hold for each of its statements.
	Settings []chdb.Setting
	// Limited takes from it the right to set what it likes: only settings of
	// formats and lower limits are left, and readonly stays 1. Its statements
	// are judged by their parsed form.
	Limited bool
	// Databases are those a limited account may read. Each name also stands
	// for those that begin with it and an underscore.
	Databases []string
}

// errAuthentication is in ClickHouse's words, which clients look for. It does
// not tell a wrong name from a wrong password.
func errAuthentication(name string) *chdb.Exception {
	return chdb.NewException(chdb.CodeAuthFailed, "AUTHENTICATION_FAILED",
		name+": Authentication failed: password is incorrect, or there is no user with such name.")
}

// authenticate finds the account of a request. Names and passwords are compared
// by their hashes, all of them, so that time tells nothing.
func (g *Gateway) authenticate(r *http.Request) (*Account, error) {
	name, password := r.Header.Get("X-ClickHouse-User"), r.Header.Get("X-ClickHouse-Key")
	if name == "" && password == "" {
		name, password, _ = r.BasicAuth()
	}
	if name == "" && password == "" {
		query := r.URL.Query()
		name, password = query.Get("user"), query.Get("password")
	}
	if name == "" {
		name = "default"
	}
	given, key := sha256.Sum256([]byte(name)), sha256.Sum256([]byte(password))
	var found *Account
	for i := range g.cfg.Accounts {
		a := &g.cfg.Accounts[i]
		wantName, wantKey := sha256.Sum256([]byte(a.Name)), sha256.Sum256([]byte(a.Password))
		same := subtle.ConstantTimeCompare(given[:], wantName[:]) & subtle.ConstantTimeCompare(key[:], wantKey[:])
		if same == 1 && a.Password != "" {
			found = a
		}
	}
	if found == nil {
		return nil, errAuthentication(name)
	}
	return found, nil
}

// local tells whether a request was meant for this machine. A page that makes
// a browser send requests here has another name in Host (it had its own name
// resolved to 127.0.0.1) or in Origin.
func local(r *http.Request) bool {
	if !isLoopback(r.Host) {
		return false
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && isLoopback(u.Host)
}

func isLoopback(hostport string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	} else if n := len(host); n > 1 && host[0] == '[' && host[n-1] == ']' {
		host = host[1 : n-1]
	}
	if host == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}
