package twitter

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/config"
)

func good() Config {
	c := Defaults()
	c.BearerTokenFile, c.TermsBasis, c.Budget.MoneyPerMonth = "token", TermsDSA, "250"
	return c
}

func TestConfig(t *testing.T) {
	for name, tc := range map[string]struct {
		edit func(c *Config)
		want string // "" is no fault
	}{
		"as a user writes it":   {func(*Config) {}, ""},
		"a fake on this host":   {func(c *Config) { c.APIURL = "http://127.0.0.1:8080" }, ""},
		"backfill from a day":   {func(c *Config) { c.Backfill.From = "2019-06-01" }, ""},
		"a token in the clear":  {func(c *Config) { c.APIURL = "http://api.example" }, "api_url"},
		"an address with path":  {func(c *Config) { c.APIURL = "https://api.example/2" }, "api_url"},
		"an address with user":  {func(c *Config) { c.APIURL = "https://u:p@api.example" }, "api_url"},
		"no address":            {func(c *Config) { c.APIURL = "" }, "api_url"},
		"a name as account":     {func(c *Config) { c.Account = "Robin Example" }, "account"},
		"no vantage":            {func(c *Config) { c.Vantage = "" }, "vantage"},
		"another terms basis":   {func(c *Config) { c.TermsBasis = "because" }, "terms_basis"},
		"no rules":              {func(c *Config) { c.Stream.MaxRules = 1 }, "stream.max_rules"},
		"rules too short":       {func(c *Config) { c.Stream.RuleLength = 100 }, "stream.rule_length"},
		"queries too long":      {func(c *Config) { c.Search.AllLength = 5000 }, "search.all_length"},
		"before the first post": {func(c *Config) { c.Backfill.From = "2001-01-01" }, "backfill.from"},
		"no day":                {func(c *Config) { c.Backfill.From = "1.6.2019" }, "backfill.from"},
		"stages out of order":   {func(c *Config) { c.Repoll = []time.Duration{time.Hour, time.Minute} }, "repoll"},
		"no stages for shares":  {func(c *Config) { c.Shares.Stages = nil }, "shares.stages"},
		"a second look at once": {func(c *Config) { c.SecondLook = 0 }, "second_look"},
		"money with a sign":     {func(c *Config) { c.Budget.MoneyPerMonth = "-1" }, "budget.money_per_month"},
		"money with a comma":    {func(c *Config) { c.Budget.MoneyPerMonth = "1,000" }, "budget.money_per_month"},
		"prices below millionths": {
			func(c *Config) { c.Budget.Prices.Post = "0.0000001" }, "budget.prices.post",
		},
		"more than all for live": {func(c *Config) { c.Budget.LivePercent = 101 }, "budget.live_percent"},
		"an unknown method":      {func(c *Config) { c.Rates = map[string]Rate{"likes": {Every: time.Second}} }, "rates.likes"},
		"a rate of a shortener":  {func(c *Config) { c.Rates = map[string]Rate{"redirect.bit.ly": {Every: time.Second}} }, ""},
		"a rate of no shortener": {func(c *Config) { c.Rates = map[string]Rate{"redirect.cards.example": {Every: time.Second}} }, "rates.redirect.cards.example"},
		"no shortener":           {func(c *Config) { c.Redirects.Shorteners = []string{"http://bit.ly"} }, "redirects.shorteners"},
		"a rate without a time":  {func(c *Config) { c.Rates = map[string]Rate{"posts": {}} }, "rates.posts"},
	} {
		t.Run(name, func(t *testing.T) {
			c := good()
			tc.edit(&c)
			switch err := c.Validate(); {
			case tc.want == "" && err != nil:
				t.Error(err)
			case tc.want != "" && (err == nil || !strings.HasPrefix(err.Error(), tc.want+": ") || strings.Contains(err.Error(), "\n")):
				t.Errorf("got %v, want one fault of %s", err, tc.want)
			}
		})
	}
}

func TestConfigNamesEveryFaultAtOnce(t *testing.T) {
	c := good()
	c.APIURL, c.Account, c.Repoll, c.Budget.LivePercent = "", "", nil, -1
	if got := strings.Count(c.Validate().Error(), "\n") + 1; got != 4 {
		t.Errorf("%d faults, want 4:\n%v", got, c.Validate())
	}
}

func TestConfigAsItStandsInAFile(t *testing.T) {
	c := Defaults()
	const text = "budget: {money_per_month: 250.5, prices: {post: 0.004}}\nstream: {on: false}\nrepoll: [2h]\n"
	if err := config.Parse(strings.NewReader(text), &c); err != nil {
		t.Fatal(err)
	}
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
	if got := c.Budget.MoneyPerMonth.amount(); got != 250*dollar+dollar/2 {
		t.Errorf("money is %s", got)
	}
	if got := c.Budget.Prices.Post.amount(); got != 4*dollar/1000 {
		t.Errorf("a post costs %d millionths", got)
	}
	if c.Stream.On || c.Stream.MaxRules != 1000 || !slices.Equal(c.Repoll, []time.Duration{2 * time.Hour}) {
		t.Errorf("got %+v", c)
	}
}

func TestWhatForbidsToCollect(t *testing.T) {
	for name, tc := range map[string]struct {
		edit func(c *Config)
		want string // "" is nothing
	}{
		"nothing":             {func(*Config) {}, ""},
		"approval":            {func(c *Config) { c.TermsBasis = TermsWrittenApproval }, ""},
		"no terms basis":      {func(c *Config) { c.TermsBasis = "" }, "terms_basis is missing"},
		"own archives only":   {func(c *Config) { c.TermsBasis = TermsOwnArchiveOnly }, "doxtrail import"},
		"no budget":           {func(c *Config) { c.Budget.MoneyPerMonth = "" }, "budget is missing"},
		"a budget of nothing": {func(c *Config) { c.Budget.MoneyPerMonth = "0.00" }, "budget is missing"},
		"no reads":            {func(c *Config) { c.Budget.ReadsPerMonth = 0 }, "budget is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			c := good()
			tc.edit(&c)
			err := c.Refusal()
			if c.Live() != (tc.want == "") || (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
				t.Errorf("live is %t, refusal is %v, want %q", c.Live(), err, tc.want)
			}
		})
	}
	if (Config{}).Live() || Defaults().Enabled() {
		t.Error("live without a token")
	}
}

// Every window of 15 minutes holds at most a burst and what is given meanwhile.
func TestRatesStayWithinWhatXPublishes(t *testing.T) {
	rules := good().rules()
	for method, limit := range published() {
		rule := rules[method]
		if got := rule.Burst + int(window/rule.Every); got > limit.calls {
			t.Errorf("%s: %d calls in a window, X allows %d", method, got, limit.calls)
		}
	}
	if rule := rules["search.all"]; rule.Burst != 1 || rule.Every < time.Second {
		t.Errorf("search.all has %+v, X allows one a second", rule)
	}
	c := good()
	c.Rates = map[string]Rate{"posts": {Every: time.Minute, PerDay: 9}}
	if got := c.rules()["posts"]; got.Every != time.Minute || got.Burst != 1 || got.PerDay != 9 {
		t.Errorf("a rate of the file is %+v", got)
	}
}

func TestDollars(t *testing.T) {
	for text, want := range map[Dollars]Money{
		"": 0, "0": 0, "250": 250 * dollar, "0.005": 5000, "99.50": 99*dollar + 500_000, "1.000001": dollar + 1,
		"007": 7 * dollar,
	} {
		if got, err := text.Money(); got != want || err != nil {
			t.Errorf("%q is %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []Dollars{".5", "5.", "1e3", "-1", "+1", " 1", "1 ", "0x1", "$5", "1.2.3", "0.0000001", "99999999999", "1_000", "٣"} {
		if got, err := text.Money(); err == nil {
			t.Errorf("%q is %d, want a fault", text, got)
		}
	}
	for m, want := range map[Money]string{0: "$0.00", 1: "$0.01", 5000: "$0.01", dollar: "$1.00", 99*dollar + 500_000: "$99.50", -dollar: "-$1.00"} {
		if m.String() != want {
			t.Errorf("%d is shown as %s, want %s", m, m, want)
		}
	}
}
