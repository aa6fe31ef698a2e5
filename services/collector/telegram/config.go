package telegram

import (
	"net"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/doxtrail/doxtrail/pkg/config"
	"github.com/doxtrail/doxtrail/pkg/redirect"
	"github.com/doxtrail/doxtrail/pkg/redirect/shortlink"
	"github.com/doxtrail/doxtrail/pkg/throttle"
)

// Config is the section `collector_telegram` of the configuration file. Without
// an api_id nothing is collected with an account, and without preview.url nothing
// from the web.
type Config struct {
	// APIID and APIHashFile are the application's own identity, from
	// my.telegram.org; the file holds the hash. Never use one that stands in a
	// public repository.
	APIID       int    `yaml:"api_id"`
	APIHashFile string `yaml:"api_hash_file"`
	// Account is a neutral name for the account, shown in status, log and
	// metrics: never its number. Default main.
	Account string `yaml:"account"`
	// SessionFile is where `doxtrail login telegram` keeps the session, sealed
	// with a key of the ring. Default telegram.session in the data folder.
	SessionFile string `yaml:"session_file"`
	// TermsBasis says why Telegram's terms allow the collection: written_approval
	// (by Telegram), dsa_40_12 (public data for researchers), legal_duty, or
	// counsel_opinion. Without one nothing is collected.
	TermsBasis string `yaml:"terms_basis"`
	// Vantage is a neutral name for where this process looks from, for example a
	// country. Default main.
	Vantage string `yaml:"vantage"`
	// Groups also follows public groups that are on the watch list. Their members
	// are persons who did not choose to publish, so it is off by default.
	Groups bool `yaml:"groups"`
	// Poll is the least time between two looks for news in one channel that is
	// not pushed. Default 5s.
	Poll time.Duration `yaml:"poll"`
	// Repoll lists how long after its posting a post is asked for again. The last
	// one is repeated for ever. Default 15m, 1h, 6h, 24h, 72h, 168h, 720h.
	Repoll []time.Duration `yaml:"repoll"`
	// SecondLook is how long after a post was first found gone it is looked for
	// again. Default 6h: what is gone at two looks so far apart counts as gone.
	SecondLook time.Duration `yaml:"second_look"`
	// Rates overrides polite rates by method, for example messages.getHistory.
	// Telegram publishes no limits; the defaults are what accounts survive with.
	Rates map[string]Rate `yaml:"rates"`
	// Preview is about Telegram's public web preview, which needs no account.
	Preview PreviewConfig `yaml:"preview"`
	// Media is about the pictures of posts; none is downloaded by default.
	Media MediaConfig `yaml:"media"`
	// Redirects is about short links in posts; none is expanded by default.
	Redirects shortlink.Config `yaml:"redirects"`
	// Server points the collector at another server than Telegram's, for tests.
	Server ServerConfig `yaml:"server"`

	// pauses are how long is waited after trouble; tests wait less.
	pauses pauses
	// clock says what day it is for the legal basis; tests have days of their own.
	clock func() time.Time
	// expander opens what expands short links; nil is the usual one. Tests have one
	// that asks nobody.
	expander func(redirect.Config) (shortlink.Expander, error)
}

// pauses are the waits after what does not pass by itself.
type pauses struct {
	// look is how often the collector sees whether it may go on: whether somebody
	// logged in, or the other process ended.
	look time.Duration
	// park is the first wait before a channel that cannot be read is asked for
	// again; each next one is twice as long, up to parkLimit.
	park, parkLimit time.Duration
	// handle and handleLimit are the same where that takes asking for its handle:
	// there are few such calls a day, and other channels need them.
	handle, handleLimit time.Duration
	// frozen is how often a frozen account is tried again, twice how long after a
	// session was used from two places.
	frozen, twice time.Duration
	// retryLimit is the longest wait between two tries of what may pass by itself.
	retryLimit time.Duration
	// report is how often the collector says how it is.
	report time.Duration
	// lease is how long the lease of a process that is gone keeps out another.
	lease time.Duration
}

// Rate is how often one method may be called.
type Rate struct {
	// Every is the mean time between two calls, at most a day; Burst how many may
	// follow each other at once, 0 means 1; PerDay the most in a day, 0 means no
	// such bound.
	Every  time.Duration `yaml:"every"`
	Burst  int           `yaml:"burst"`
	PerDay int           `yaml:"per_day"`
}

// ServerConfig names a server that speaks Telegram's protocol.
type ServerConfig struct {
	// DC is the data centre's number, Address its host:port, and PublicKeyFile a
	// PEM file with the key it proves itself with.
	DC            int    `yaml:"dc"`
	Address       string `yaml:"address"`
	PublicKeyFile string `yaml:"public_key_file"`
}

// Defaults returns the configuration that is used where the file is silent.
func Defaults() Config {
	const day = 24 * time.Hour
	return Config{
		clock: time.Now, Account: "main", Vantage: "main", Poll: 5 * time.Second, SecondLook: 6 * time.Hour,
		pauses: pauses{
			look: 2 * time.Second, park: time.Minute, parkLimit: 6 * time.Hour, handle: time.Hour, handleLimit: day,
			frozen: 6 * time.Hour, twice: 15 * time.Minute, retryLimit: 30 * time.Second, report: 5 * time.Second, lease: 30 * time.Second,
		},
		Preview: PreviewConfig{Every: 3 * time.Second, Poll: 10 * time.Minute},
		Media:   MediaConfig{MaxBytes: 10 << 20, MaxBytesPerDay: 1 << 30},
		Repoll:  []time.Duration{15 * time.Minute, time.Hour, 6 * time.Hour, day, 3 * day, 7 * day, 30 * day},
	}
}

// Enabled says whether there is something to collect with: an account, or the web
// preview alone.
func (c Config) Enabled() bool { return c.HasAccount() || c.Preview.URL != "" }

// HasAccount says whether an account is to collect.
func (c Config) HasAccount() bool { return c.APIID != 0 }

// termsBases are the words that TermsBasis may be.
func termsBases() []string {
	return []string{"written_approval", "dsa_40_12", "legal_duty", "counsel_opinion"}
}

// neutral is the form of a name that stands in metrics and tables.
var neutral = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)

// Validate returns every fault of c, each with its key. A legal and a terms basis
// are checked when collecting begins, which says what is missing.
func (c Config) Validate() error {
	var f config.Faults
	f.Check(c.APIID >= 0, "api_id", "must be the number from my.telegram.org")
	f.Check(c.APIID == 0 || c.APIHashFile != "", "api_hash_file", "is missing: the file with the hash that belongs to api_id")
	f.Check(neutral.MatchString(c.Account), "account", "must be a neutral name of small letters, digits and hyphens")
	f.Check(neutral.MatchString(c.Vantage), "vantage", "must be a neutral name of small letters, digits and hyphens")
	f.Check(c.TermsBasis == "" || slices.Contains(termsBases(), c.TermsBasis), "terms_basis", "must be one of "+strings.Join(termsBases(), ", "))
	f.Check(c.Poll >= 100*time.Millisecond && c.Poll <= time.Hour, "poll", "must lie between 100ms and 1h")
	f.Check(c.SecondLook >= time.Second && c.SecondLook <= 30*24*time.Hour, "second_look", "must lie between 1s and 720h")
	f.Check(len(c.Repoll) > 0 && len(c.Repoll) <= 16 && slices.IsSorted(c.Repoll) && c.Repoll[0] >= time.Second, "repoll", "must be 1 to 16 times of a second or more, ascending")
	for method, rate := range c.Rates {
		f.Check(rate.Every > 0 && rate.Every <= 24*time.Hour && rate.Burst >= 0 && rate.PerDay >= 0, "rates."+method, "needs every, over 0 and at most 24h; burst and per_day must not be negative")
	}
	f.Add("preview", c.Preview.Validate())
	f.Add("media", c.Media.Validate())
	f.Add("redirects", c.Redirects.Validate())
	server := c.Server != ServerConfig{}
	_, _, err := net.SplitHostPort(c.Server.Address)
	f.Check(!server || err == nil && c.Server.DC > 0 && c.Server.PublicKeyFile != "", "server", "needs dc, address (host:port) and public_key_file, or none of them")
	return f.Err()
}

// rules are the polite rates, with those of the file in their places. Read on
// what became of accounts (notes on Telegram, section 10).
func (c Config) rules() map[string]throttle.Rule {
	rules := map[string]throttle.Rule{
		"messages.getHistory":          {Every: time.Second, Burst: 5},
		"channels.getMessages":         {Every: time.Second, Burst: 1},
		"updates.getChannelDifference": {Every: 500 * time.Millisecond, Burst: 2},
		"updates.getDifference":        {Every: time.Second, Burst: 1},
		"updates.getState":             {Every: time.Second, Burst: 1},
		"channels.getFullChannel":      {Every: 5 * time.Second, Burst: 1},
		"contacts.resolveUsername":     {Every: 30 * time.Second, Burst: 1, PerDay: 50},
		"upload.getFile":               {Every: 500 * time.Millisecond, Burst: 4},
		"upload.getFileHashes":         {Every: 500 * time.Millisecond, Burst: 2},
		"auth.exportAuthorization":     {Every: 10 * time.Second, Burst: 1},
		"users.getUsers":               {Every: 500 * time.Millisecond, Burst: 2},
	}
	for _, method := range c.Redirects.Methods() {
		rules[method] = shortlink.Rule()
	}
	for method, rate := range c.Rates {
		rules[method] = throttle.Rule{Every: rate.Every, Burst: max(rate.Burst, 1), PerDay: rate.PerDay}
	}
	if c.Preview.URL != "" {
		rules[methodWeb] = throttle.Rule{Every: c.Preview.Every, Burst: 1}
	}
	return rules
}

// otherRule is for what the collector calls rarely.
func otherRule() throttle.Rule { return throttle.Rule{Every: 5 * time.Second, Burst: 1} }
