package main

import (
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/throttle"
	twittercollector "github.com/doxtrail/doxtrail/services/collector/twitter"
	"github.com/doxtrail/doxtrail/services/collector/twitter/fake"
)

// twitterCollects is the line of a collector of X that collects.
var twitterCollects = regexp.MustCompile(`twitter main +collecting`)

// floodedOnX is the line of a wait that X asked for.
var floodedOnX = regexp.MustCompile(`waiting +\d+ s +on compliance +\(flood\)`)

func TestWhatIsPostedOnXBecomesRows(t *testing.T) {
	t.Parallel()
	s := newTwitter(t, fake.Options{PageLimit: 5}, quays(2)...)
	s.more = "  timelines: {poll: 1s}\n  compliance: {every: 1s}\n"
	s.write("doxtrail.yaml", "data: data\nkeys: keys\nrecorder: {strip_wait: 10ms}\n"+s.settings())
	for range 12 {
		s.fake.Post(s.handles[0], "see https://harbour-leaks.example/card/7")
	}
	s.must("query", "card_spread")
	if calls := s.fake.Calls(); len(calls) > 0 {
		t.Errorf("a question made %d calls to X", len(calls))
	}
	stop := s.up()
	s.eventually("the history is rows", func() bool { return s.count("posts") == 12 })
	s.eventually("X is listened to", func() bool { return s.fake.Streams() == 1 })
	id := s.fake.Post("passer_by", "new https://harbour-leaks.example/card/8", fake.Lang("en"))
	gone := s.fake.Post("passer_by", "another https://harbour-leaks.example/card/9", fake.Lang("en"))
	s.eventually("what the stream brings is rows", func() bool { return s.count("posts") == 14 })
	s.fake.Edit(id, "newer https://harbour-leaks.example/card/8")
	s.fake.Delete(gone)
	s.eventually("so are edits and deletions", func() bool {
		return s.count("observations WHERE state = 'edited'") == 1 && s.count("observations WHERE state = 'gone' AND source = 'compliance'") == 1
	})
	s.eventually("nothing is left of the content of what is gone", func() bool {
		got := s.withdrawnPosts()
		return got.Posts == 1 && got.Filled == 0 && got.Sightings == 1
	})
	s.fake.TooMany("compliance", 1, fake.Reset{In: 10 * time.Minute})
	s.eventually("status shows the wait", func() bool { return floodedOnX.MatchString(s.must("status")) })
	if r := stop(); r.code != exitDone {
		t.Errorf("up ended with %d:\n%s", r.code, r.stderr)
	}
}

func TestStatusShowsHowAnAppOfXIs(t *testing.T) {
	t.Parallel()
	s := newTwitter(t, fake.Options{}, quays(1)...)
	stop := s.up()
	s.eventually("status shows the collector, its legs and its budget", func() bool {
		var st status
		if err := json.Unmarshal([]byte(s.must("status", "--json")), &st); err != nil {
			t.Fatal(err)
		}
		if len(st.Collectors) != 0 || len(st.TwitterCollectors) != 1 {
			return false
		}
		r := st.TwitterCollectors[0]
		return r.State == twittercollector.StateCollecting && len(r.Legs) > 0 && r.Spending != nil && r.Spending.MoneyLimit.String() == "$1000.00"
	})
	if out := s.must("status"); !strings.Contains(out, "twitter main") || !strings.Contains(out, "of $1000.00") || !strings.Contains(out, "forecast") {
		t.Errorf("status shows\n%s", out)
	}
	s.fake.Fail("usage", http.StatusUnauthorized, -1)
	s.fake.Fail("", http.StatusUnauthorized, -1)
	if r := stop(); r.code != exitDone {
		t.Errorf("up ended with %d:\n%s", r.code, r.stderr)
	}
	stop = s.up()
	s.eventually("status says that the token is not accepted", func() bool {
		return strings.Contains(s.must("status"), "not collecting: token\n         X does not accept the token")
	})
	r := stop()
	for what, text := range map[string]string{"stdout of up": r.stdout, "stderr of up": r.stderr, "status": s.must("status")} {
		if strings.Contains(text, twitterToken) {
			t.Errorf("the token stands in %s", what)
		}
	}
}

func TestXIsNotAskedWithoutABasisOrABudget(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"  terms_basis: dsa_40_12\n":          "terms_basis is missing",
		"  budget: {money_per_month: 1000}\n": "budget is missing",
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			s := newTwitter(t, fake.Options{}, quays(1)...)
			s.write("doxtrail.yaml", "data: data\nkeys: keys\n"+strings.Replace(s.settings(), line, "", 1))
			stop := s.up()
			s.eventually("status says why", func() bool { return strings.Contains(s.must("status"), want) })
			stop()
			if calls := s.fake.Calls(); len(calls) > 0 {
				t.Errorf("%d calls were made all the same", len(calls))
			}
		})
	}
}

func TestATokenIsNeverPrinted(t *testing.T) {
	t.Parallel()
	s := newTwitter(t, fake.Options{}, quays(1)...)
	good := string(s.read("doxtrail.yaml"))
	for name, config := range map[string]string{
		"a good one":             good,
		"the token in the place": strings.Replace(good, "bearer_token_file: x-token", "bearer_token: "+twitterToken, 1),
		"the token in api_url":   strings.Replace(good, "api_url: http://", "api_url: http://"+twitterToken+"@", 1),
		"the token as a basis":   strings.Replace(good, "terms_basis: dsa_40_12", "terms_basis: "+twitterToken, 1),
	} {
		s.write("doxtrail.yaml", config)
		r := s.run("check-config")
		if (r.code == exitDone) != (config == good) || strings.Contains(r.stdout+r.stderr, twitterToken) {
			t.Errorf("%s: exit %d, %q %q", name, r.code, r.stdout, strings.ReplaceAll(r.stderr, twitterToken, "TOKEN"))
		}
	}
}

func TestACollectorOfXNeedsItsToken(t *testing.T) {
	t.Parallel()
	s := newTwitter(t, fake.Options{}, quays(1)...)
	if err := os.Remove(s.path("x-token")); err != nil {
		t.Fatal(err)
	}
	stop := s.up()
	s.eventually("status says that there is none", func() bool {
		return strings.Contains(s.must("status"), "bearer_token_file cannot be read")
	})
	s.write("x-token", twitterToken+"\n")
	s.eventually("it collects as soon as there is one", func() bool {
		return twitterCollects.MatchString(s.must("status"))
	})
	stop()
	s.write("doxtrail.yaml", "data: data\nkeys: keys\nnats: {url: 'nats://127.0.0.1:1'}\nclickhouse: {url: 'http://127.0.0.1:1'}\n")
	if r := s.run("run", twittercollector.Name); r.code != exitUsage || !strings.Contains(r.stderr, "collector_twitter.bearer_token_file") {
		t.Errorf("without a configuration: exit %d, %q", r.code, r.stderr)
	}
}

// What a report says is a line of status, and what somebody has to see to is a
// trouble with what to do.
func TestTroublesOfX(t *testing.T) {
	t.Parallel()
	now := time.Now()
	report := twittercollector.Report{
		Account: "main", State: twittercollector.StateCollecting, At: now,
		Legs: []twittercollector.LegReport{
			{Name: "stream", State: "running", LookedAt: now},
			{Name: "shares", State: "spent", Why: "its part of the budget is spent", Until: now.Add(time.Hour)},
		},
		Spending:  &twittercollector.Spending{Month: "2026-11", Money: 12_345_678, MoneyLimit: 250_000_000, Reads: 1234, ReadsLimit: 3_000_000, SpentAt: now.Add(48 * time.Hour)},
		LeftOut:   []twittercollector.LeftOut{{Label: "quay-3", Why: "an account without id and handle"}},
		Forgotten: 5, ForeignRules: 2,
		Waits: []throttle.Wait{{Method: "search.recent", Until: now.Add(812 * time.Second), Reason: throttle.Flood}},
	}
	for name, tc := range map[string]struct {
		change func(*twittercollector.Report)
		want   []string
	}{
		"as it is": {func(*twittercollector.Report) {}, []string{"leg shares of X", "budget ends on", "quay-3", "no longer asked for again"}},
		"silent":   {func(r *twittercollector.Report) { r.At = now.Add(-time.Hour) }, []string{"said nothing for 1h0m0s"}},
		"refused":  {func(r *twittercollector.Report) { r.State, r.Why = twittercollector.StateRefused, "a basis" }, []string{"not collecting: refused"}},
		"starting": {func(r *twittercollector.Report) {
			*r = twittercollector.Report{State: twittercollector.StateStarting, At: now}
		}, nil},
		"no trouble": {func(r *twittercollector.Report) {
			*r = twittercollector.Report{State: twittercollector.StateCollecting, At: now}
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			r, st := report, status{}
			tc.change(&r)
			st.addTwitter(r)
			var shown []string
			for _, one := range st.Troubles {
				shown = append(shown, one.Check+": "+one.Found)
				if one.Mend == "" && r.Why == "" {
					t.Errorf("%q does not say what to do", one.Found)
				}
			}
			all := strings.Join(shown, "\n")
			for _, want := range tc.want {
				if !strings.Contains(all, want) {
					t.Errorf("no trouble says %q:\n%s", want, all)
				}
			}
			if len(tc.want) == 0 && len(shown) > 0 {
				t.Errorf("troubles:\n%s", all)
			}
		})
	}
	var out strings.Builder
	printTwitter(&out, report)
	for _, want := range []string{"$12.35 of $250.00", "1,234 of 3,000,000 reads", "waiting\t812 s\ton search.recent\t(flood)", "left out\tquay-3", "rules\t2\t"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not printed:\n%s", want, out.String())
		}
	}
}
