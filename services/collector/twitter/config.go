package twitter

import (
	"errors"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/doxtrail/doxtrail/pkg/config"
	"github.com/doxtrail/doxtrail/pkg/redirect"
	"github.com/doxtrail/doxtrail/pkg/redirect/shortlink"
)

// Config is the section `collector_twitter` of the configuration file. Without a
// bearer_token_file nothing is collected from X.
type Config struct {
	// BearerTokenFile holds the bearer token of the app, alone, readable for its
	// owner only (0600). It is read again when it changes.
	BearerTokenFile string `yaml:"bearer_token_file"`
	// APIURL is where X's API is. Default https://api.x.com. The token goes to this
	// host and to no other, so it must be https, but on this machine.
	APIURL string `yaml:"api_url"`
	// Account is a neutral name for the app, shown in status, log and metrics.
	// Default main.
	Account string `yaml:"account"`
	// TermsBasis says why X's agreement allows the collection: written_approval (by
	// X), dsa_40_12 (public data for researchers), or own_archive_only, with which
	// `doxtrail import` alone reads anything of X. Without one nothing is collected.
	TermsBasis string `yaml:"terms_basis"`
	// Vantage is a neutral name for where this process looks from, for example a
	// country. Default main.
	Vantage string `yaml:"vantage"`
	// Stream is what X sends as it is posted.
	Stream StreamConfig `yaml:"stream"`
	// Search is what closes the gaps of the stream, or stands in for it.
	Search SearchConfig `yaml:"search"`
	// Backfill reads years of history. It is off unless it has a beginning, for it
	// costs money for each post that it finds.
	Backfill BackfillConfig `yaml:"backfill"`
	// Timelines are the posts of the accounts that are on the watch list.
	Timelines TimelineConfig `yaml:"timelines"`
	// Shares are the reposts and quotes of posts that matched.
	Shares SharesConfig `yaml:"shares"`
	// Repoll lists how long after its posting a post is asked for again, by id. Each
	// look costs a read. Where no compliance job comes to its end, all posts are asked
	// for again in rounds of the last one. Default 1h, 24h, 168h.
	Repoll []time.Duration `yaml:"repoll"`
	// SecondLook is how long after a post was first found gone it is looked for
	// again. Default 6h: what is gone at two looks so far apart counts as gone.
	SecondLook time.Duration `yaml:"second_look"`
	// Compliance asks for all known posts at once what became of them.
	Compliance ComplianceConfig `yaml:"compliance"`
	// Budget is the most that may be spent in a month. Without one nothing is
	// collected.
	Budget BudgetConfig `yaml:"budget"`
	// Redirects is about short links in posts; none is expanded by default. Where t.co
	// leads X tells itself.
	Redirects shortlink.Config `yaml:"redirects"`
	// Rates overrides how often a method is called, for example search.recent. The
	// defaults are X's published limits, spread evenly.
	Rates map[string]Rate `yaml:"rates"`

	// pauses are how long is waited after trouble; tests wait less.
	pauses pauses
	// clock says what day it is for the legal basis and the budget; tests have days
	// of their own.
	clock func() time.Time
	// expander opens what expands short links; nil is the usual one. Tests have one
	// that asks nobody.
	expander func(redirect.Config) (shortlink.Expander, error)
}

// StreamConfig is about the filtered stream.
type StreamConfig struct {
	// On is true by default.
	On bool `yaml:"on"`
	// MaxRules is how many rules the app may have, RuleLength how many characters
	// are in one. Defaults 1000 and 1024, what X gives to pay-per-use.
	MaxRules   int `yaml:"max_rules"`
	RuleLength int `yaml:"rule_length"`
}

// SearchConfig is about search.
type SearchConfig struct {
	// On is true by default.
	On bool `yaml:"on"`
	// Poll is how often recent search is asked where the stream is off. Default 15m.
	Poll time.Duration `yaml:"poll"`
	// RecentLength and AllLength are how many characters are in a query of recent and
	// of full-archive search. Defaults 512 and 1024.
	RecentLength int `yaml:"recent_length"`
	AllLength    int `yaml:"all_length"`
}

// longest is how long a query may be, 0 where no query is longer than usual.
func (c SearchConfig) longest() int {
	usual := Defaults().Search
	if c.RecentLength <= usual.RecentLength && c.AllLength <= usual.AllLength {
		return 0
	}
	return max(c.RecentLength, c.AllLength)
}

// BackfillConfig is about history, by full-archive search.
type BackfillConfig struct {
	// From is the first day to read, like 2019-06-01. Default empty: nothing is read.
	From string `yaml:"from"`
}

// TimelineConfig is about the timelines of watched accounts.
type TimelineConfig struct {
	// On is true by default.
	On bool `yaml:"on"`
	// Poll is how often each timeline is asked for what is new. Default 15m.
	Poll time.Duration `yaml:"poll"`
}

// SharesConfig is about who passes posts on. Search shows no reposts, and the
// stream those of posts that match only.
type SharesConfig struct {
	// Reposts and Quotes are true by default. Each one that is found costs a read.
	Reposts bool `yaml:"reposts"`
	Quotes  bool `yaml:"quotes"`
	// Stages lists how long after its posting a post's shares are asked for, where
	// its counters say that there are new ones. Default 1h, 24h, 168h.
	Stages []time.Duration `yaml:"stages"`
}

// ComplianceConfig is about compliance jobs. X lists no price for them, and they
// say what must leave the store.
type ComplianceConfig struct {
	// On is true by default.
	On bool `yaml:"on"`
	// Every is how often all known posts are asked for. Default 12h: X wants what was
	// deleted to be erased within 24 hours.
	Every time.Duration `yaml:"every"`
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

// pauses are the waits after what does not pass by itself.
type pauses struct {
	// look is how often the collector sees whether it may go on: whether the token is
	// another, the other process ended, or a basis expired.
	look time.Duration
	// refused is how often an app that X refuses is tried again, for example one that
	// it has suspended.
	refused time.Duration
	// park is the first wait before a leg that cannot go on begins anew; each next one
	// is twice as long, up to parkLimit.
	park, parkLimit time.Duration
	// retryLimit is the longest wait between two tries of what may pass by itself.
	retryLimit time.Duration
	// report is how often the collector says how it is.
	report time.Duration
	// lease is how long the lease of a process that is gone keeps out another.
	lease time.Duration
	// usage is how often X is asked what it has counted, first how long the legs wait
	// for its first answer.
	usage, first time.Duration
	// stream are the times of the stream; the zero value is the usual ones.
	stream streamTimes
}

// The words of TermsBasis.
const (
	TermsWrittenApproval = "written_approval"
	TermsDSA             = "dsa_40_12"
	TermsOwnArchiveOnly  = "own_archive_only"
)

// Defaults returns the configuration that is used where the file is silent.
func Defaults() Config {
	const day = 24 * time.Hour
	stages := []time.Duration{time.Hour, day, 7 * day}
	return Config{
		APIURL: "https://api.x.com", Account: "main", Vantage: "main", clock: time.Now,
		Stream:     StreamConfig{On: true, MaxRules: 1000, RuleLength: 1024},
		Search:     SearchConfig{On: true, Poll: 15 * time.Minute, RecentLength: 512, AllLength: 1024},
		Timelines:  TimelineConfig{On: true, Poll: 15 * time.Minute},
		Shares:     SharesConfig{Reposts: true, Quotes: true, Stages: stages},
		Repoll:     slices.Clone(stages),
		SecondLook: 6 * time.Hour,
		Compliance: ComplianceConfig{On: true, Every: 12 * time.Hour},
		Budget: BudgetConfig{
			ReadsPerMonth: 3_000_000, LivePercent: 50,
			Prices: PricesConfig{Post: "0.005", User: "0.010", Compliance: "0"},
		},
		pauses: pauses{
			look: 2 * time.Second, refused: time.Hour, park: time.Second, parkLimit: 15 * time.Minute, retryLimit: 30 * time.Second, report: 5 * time.Second,
			lease: 30 * time.Second, usage: time.Hour, first: time.Minute,
		},
	}
}

// Enabled says whether somebody wants to collect from X. Whether that is allowed
// is what Refusal says.
func (c Config) Enabled() bool { return c.BearerTokenFile != "" }

// Live says whether anything may be asked of X.
func (c Config) Live() bool { return c.Enabled() && c.Refusal() == nil }

// Refusal says what in the configuration forbids live collection, and what to do;
// nil if nothing does. The legal basis is checked apart, for it expires.
func (c Config) Refusal() error {
	switch {
	case c.TermsBasis == "":
		return errors.New("collector_twitter.terms_basis is missing: why does X's agreement allow this? see README")
	case c.TermsBasis == TermsOwnArchiveOnly:
		return errors.New("collector_twitter.terms_basis is own_archive_only: nothing is asked of X; " +
			"read your own archives with doxtrail import, and take out bearer_token_file")
	case c.Budget.MoneyPerMonth.amount() == 0 || c.Budget.ReadsPerMonth == 0:
		return errors.New("collector_twitter.budget is missing: X charges for what is read; " +
			"set budget.money_per_month, in US dollars, to the most that may be spent")
	}
	return nil
}

// termsBases are the words that TermsBasis may be.
func termsBases() []string { return []string{TermsWrittenApproval, TermsDSA, TermsOwnArchiveOnly} }

// neutral is the form of a name that stands in metrics and tables.
var neutral = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)

// Validate returns every fault of c, each with its key. That a legal basis, a
// terms basis and a budget are there is checked when collecting begins, which says
// what is missing.
func (c Config) Validate() error {
	var f config.Faults
	f.Check(plainAddress(c.APIURL), "api_url", "must be an https address without path, for example https://api.x.com; http only for this machine")
	f.Check(neutral.MatchString(c.Account), "account", "must be a neutral name of small letters, digits and hyphens")
	f.Check(neutral.MatchString(c.Vantage), "vantage", "must be a neutral name of small letters, digits and hyphens")
	f.Check(c.TermsBasis == "" || slices.Contains(termsBases(), c.TermsBasis), "terms_basis", "must be one of "+strings.Join(termsBases(), ", "))
	f.Check(c.Stream.MaxRules >= 2 && c.Stream.MaxRules <= 100_000, "stream.max_rules", "must lie between 2 and 100000: one place stays free for changes")
	f.Check(lengthFits(c.Stream.RuleLength), "stream.rule_length", "must lie between 128 and 4096")
	f.Check(c.Search.Poll >= time.Second && c.Search.Poll <= 24*time.Hour, "search.poll", "must lie between 1s and 24h")
	f.Check(lengthFits(c.Search.RecentLength), "search.recent_length", "must lie between 128 and 4096")
	f.Check(lengthFits(c.Search.AllLength), "search.all_length", "must lie between 128 and 4096")
	_, err := c.Backfill.Begin()
	f.Check(err == nil, "backfill.from", "must be a day from 2006-03-21 on, like 2019-06-01")
	f.Check(c.Timelines.Poll >= time.Second && c.Timelines.Poll <= 24*time.Hour, "timelines.poll", "must lie between 1s and 24h")
	f.Check(ascending(c.Shares.Stages), "shares.stages", "must be 1 to 16 times of a second or more, ascending")
	f.Check(ascending(c.Repoll), "repoll", "must be 1 to 16 times of a second or more, ascending")
	f.Check(c.SecondLook >= time.Second && c.SecondLook <= 30*24*time.Hour, "second_look", "must lie between 1s and 720h")
	f.Check(c.Compliance.Every >= time.Second && c.Compliance.Every <= 30*24*time.Hour, "compliance.every", "must lie between 1s and 720h")
	f.Add("budget", c.Budget.Validate())
	f.Add("redirects", c.Redirects.Validate())
	c.checkRates(&f)
	return f.Err()
}

// firstDay is the day of the first post on X.
const firstDay = "2006-03-21"

// Begin is the moment from which history is read; zero if none is.
func (c BackfillConfig) Begin() (time.Time, error) {
	if c.From == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.DateOnly, c.From)
	if err != nil || c.From < firstDay {
		return time.Time{}, errors.New("not a day of X")
	}
	return at, nil
}

func ascending(stages []time.Duration) bool {
	return len(stages) > 0 && len(stages) <= 16 && slices.IsSorted(stages) && stages[0] >= time.Second
}

func lengthFits(n int) bool { return n >= 128 && n <= 4096 }

// plainAddress says whether a text is an address without path that a token may be
// sent to.
func plainAddress(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.Path != "" && u.Path != "/" || u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname())
}

// isLoopback says whether a host is this machine.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
