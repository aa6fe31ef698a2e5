package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/campaign"
	"github.com/doxtrail/doxtrail/services/collector/twitter/fake"
)

// twitterStudy is a study whose collector follows an X in this process.
type twitterStudy struct {
	*testStudy
	fake *fake.Server
	// handles are those of the watched accounts, which post.
	handles []string
	// rates are overridden in the configuration; those of X hold for all others.
	rates map[string]liveRate
	// more are further lines of the section collector_twitter.
	more string
}

// twitterToken is the bearer token that the fake takes.
const twitterToken = "invented-secret-bearer-of-nobody"

// newTwitter makes a study with accounts on its watch list.
func newTwitter(t *testing.T, opts fake.Options, handles ...string) *twitterStudy {
	t.Helper()
	s := twitterOn(newStudy(t, &campaign.Campaign{}, nil), opts, handles...)
	s.write("doxtrail.yaml", "data: data\nkeys: keys\n"+s.settings())
	return s
}

// twitterOn gives a study an X with accounts that it watches.
func twitterOn(study *testStudy, opts fake.Options, handles ...string) *twitterStudy {
	study.t.Helper()
	opts.Token = twitterToken
	s := &twitterStudy{testStudy: study, fake: fake.New(opts), handles: handles, rates: twitterRates(), more: "  timelines: {poll: 1s}\n"}
	study.t.Cleanup(s.fake.Close)
	var list strings.Builder
	list.WriteString("families: [{label: harbour-leaks, sites: [harbour-leaks.example]}]\nchannels:\n")
	for i, handle := range handles {
		s.fake.Account(fake.AccountSpec{Username: handle})
		fmt.Fprintf(&list, "  - {label: quay-%d, platform: twitter, name: %s}\n", i, handle)
	}
	s.write("watchlist.yaml", list.String())
	s.write("x-token", twitterToken+"\n")
	return s
}

// quays are handles without any meaning.
func quays(n int) (handles []string) {
	for i := range n {
		handles = append(handles, fmt.Sprintf("quay_watch_%d", i))
	}
	return handles
}

// twitterRates are quick: the limits of the fake must be raised to the same.
func twitterRates() map[string]liveRate {
	rates := map[string]liveRate{}
	for method := range fake.Rates() {
		if method != "reposters" && !strings.HasPrefix(method, "counts.") { // nobody asks for them
			rates[method] = liveRate{20 * time.Millisecond, 5}
		}
	}
	return rates
}

// settings are those of a study of X.
func (s *twitterStudy) settings() string {
	return "watchlist: watchlist.yaml\n" + s.section()
}

// section is what the settings say of the collector.
func (s *twitterStudy) section() string {
	rates := &strings.Builder{}
	for method, rate := range s.rates {
		fmt.Fprintf(rates, "    %s: {every: %s, burst: %d}\n", method, rate.every, rate.burst)
		s.fake.Limit(method, 0, 0) // the test judges the pace itself
	}
	return fmt.Sprintf(`legal_basis: {controller: University of Example, ground: research, reference: ethics 1/2026, expires: %q}
collector_twitter:
  bearer_token_file: x-token
  api_url: %s
  terms_basis: dsa_40_12
  budget: {money_per_month: 1000}
%s  rates:
%s`, time.Now().AddDate(1, 0, 0).Format(time.DateOnly), s.fake.URL(), s.more, rates)
}
