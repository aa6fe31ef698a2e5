package twitter

import (
	"context"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/config"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

func TestCollectsOnceEverythingIsThereAndReportsIt(t *testing.T) {
	r := newRig(t)
	r.x.used = 77
	r.legs = func(a *app) []leg {
		return append(legsOf(a), &scripted{word: "search", do: func(ctx context.Context, _ int) error {
			a.known.set(knownPost{ID: 1, Author: 2, Mark: markUp})
			a.board.leftOut("search", []leftOut{{"harbour", "a term without a letter"}})
			return untilTold(ctx)
		}}, &scripted{word: "backfill", do: func(context.Context, int) error { return nil }})
	}
	r.start()
	r.state(StateCollecting, "")
	r.reports("all of it", func(got Report) bool {
		legs := map[string]string{}
		for _, l := range got.Legs {
			legs[l.Name] = l.State
		}
		return got.State == StateCollecting && got.Known == 1 && legs["search"] == "running" && legs["backfill"] == "done" && legs["usage"] == "running" &&
			len(got.LeftOut) == 1 && got.Spending != nil && got.Spending.Reads == 77 && got.Spending.MoneyLimit == 250*dollar
	})
	if log := r.log.String(); strings.Contains(log, "token-1") || strings.Contains(log, r.cfg.BearerTokenFile) || strings.Contains(log, r.x.URL) {
		t.Errorf("the log tells too much:\n%s", log)
	}
}

func TestNothingIsAskedWithoutABasisOrABudget(t *testing.T) {
	for name, tc := range map[string]struct {
		edit func(*rig)
		why  string
	}{
		"no terms basis":    {func(r *rig) { r.cfg.TermsBasis = "" }, "terms_basis"},
		"own archives only": {func(r *rig) { r.cfg.TermsBasis = TermsOwnArchiveOnly }, "doxtrail import"},
		"no budget":         {func(r *rig) { r.cfg.Budget.MoneyPerMonth = "" }, "budget.money_per_month"},
		"no legal basis":    {func(r *rig) { r.deps.LegalBasis = config.LegalBasis{} }, "legal_basis"},
		"an expired one":    {func(r *rig) { r.deps.LegalBasis.Expires = "2020-01-01" }, "legal_basis.expires"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			tc.edit(r)
			r.start()
			r.state(StateRefused, tc.why)
			r.reports("why", func(got Report) bool { return got.State == StateRefused && strings.Contains(got.Why, tc.why) })
			r.stop()
			if n := r.x.count(); n != 0 {
				t.Errorf("X was asked %d times", n)
			}
		})
	}
}

func TestABasisThatExpiresEndsTheLegs(t *testing.T) {
	r := newRig(t)
	var late atomic.Int64
	r.cfg.clock = func() time.Time { return time.Now().Add(time.Duration(late.Load())) }
	ended := make(chan struct{}, 1)
	r.legs = func(*app) []leg {
		return []leg{&scripted{word: "search", do: func(ctx context.Context, _ int) error {
			<-ctx.Done()
			ended <- struct{}{}
			return ctx.Err()
		}}}
	}
	r.start()
	r.state(StateCollecting, "")
	late.Store(int64(500 * 24 * time.Hour))
	r.state(StateRefused, "legal_basis.expires has passed")
	r.eventually("the leg has ended", func() bool { return len(ended) == 1 })
}

func TestATokenIsWaitedForAndReadAgainWhenItChanges(t *testing.T) {
	r := newRig(t)
	if err := os.Remove(r.cfg.BearerTokenFile); err != nil {
		t.Fatal(err)
	}
	r.legs = func(*app) []leg {
		return []leg{&scripted{word: "search", do: func(ctx context.Context, _ int) error { return untilTold(ctx) }}}
	}
	r.start()
	r.state(StateToken, "cannot be read")
	r.token("token-1", 0o644)
	r.state(StateToken, "chmod 600")
	r.token("Bearer token-1", 0o600)
	r.state(StateToken, "alone")
	r.token("token-0", 0o600)
	r.state(StateToken, "does not accept")
	calls := r.x.count()
	r.eventually("it is looked at again", func() bool { return strings.Count(r.log.String(), "not collecting") >= 4 })
	r.token("token-1", 0o600)
	r.state(StateCollecting, "")
	if n := r.x.count() - calls; n > 1 {
		t.Errorf("X was asked %d times with a token that it does not accept", n)
	}
	for _, token := range []string{"token-0", "token-1"} {
		if strings.Contains(r.log.String(), token) {
			t.Errorf("%s is in the log", token)
		}
	}
}

func TestATokenThatIsRevokedEndsAllLegs(t *testing.T) {
	r := newRig(t)
	r.start()
	r.state(StateCollecting, "")
	r.x.accepts("token-2")
	r.state(StateToken, "does not accept")
	r.token("token-2", 0o600)
	r.state(StateCollecting, "")
}

func TestWhatXIsInTroubleWithPasses(t *testing.T) {
	for name, tc := range map[string]struct {
		status int
		body   string
		state  State
		why    string
	}{
		"an error of X": {http.StatusServiceUnavailable, "", StateTrouble, "X is in trouble"},
		"HTML":          {http.StatusOK, "<html>sign in</html>", StateTrouble, "check the proxy"},
		"a suspended app": {
			http.StatusForbidden, `{"title":"Forbidden","detail":"This account is suspended.","status":403,"type":"https://api.x.com/2/problems/client-forbidden"}`,
			StateTrouble, "suspended",
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.cfg.pauses.refused = 50 * time.Millisecond
			r.x.answers(tc.status, tc.body)
			r.start()
			r.state(tc.state, tc.why)
			r.x.answers(0, "")
			r.state(StateCollecting, "")
		})
	}
}

func TestALegThatCannotGoOnIsBegunAnewAndDisturbsNoOther(t *testing.T) {
	r := newRig(t)
	r.legs = func(*app) []leg {
		return []leg{
			&scripted{word: "shares", do: func(ctx context.Context, run int) error {
				if run <= 3 {
					return &api.Fault{Kind: api.Unenrolled, Status: 403, Method: api.MethodReposts}
				}
				return untilTold(ctx)
			}},
			&scripted{word: "search", do: func(ctx context.Context, run int) error {
				if run > 1 {
					t.Error("the other leg was begun anew")
				}
				return untilTold(ctx)
			}},
		}
	}
	r.start()
	r.reports("a parked leg", func(got Report) bool {
		return got.State == StateCollecting && len(got.Legs) == 2 && got.Legs[1].State == "parked" && strings.Contains(got.Legs[1].Why, "plan")
	})
	r.reports("both legs", func(got Report) bool { return len(got.Legs) == 2 && got.Legs[1].State == "running" })
}

func TestWhereNoLegGoesOnThatIsTrouble(t *testing.T) {
	r := newRig(t)
	r.legs = func(a *app) []leg {
		return append([]leg{usage{a}}, &scripted{word: "search", do: func(context.Context, int) error {
			return &api.Fault{Kind: api.Refused, Status: 400, Method: api.MethodSearchRecent}
		}})
	}
	r.start()
	r.state(StateTrouble, "X does not take such a request")
}

func TestASpentBudgetStopsUntilTheNextMonth(t *testing.T) {
	r := newRig(t)
	var late atomic.Int64
	begin := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	r.cfg.clock = func() time.Time { return begin.Add(time.Duration(late.Load())) }
	r.deps.LegalBasis.Expires = "2099-01-01"
	r.cfg.Budget.MoneyPerMonth = "1"
	var asked atomic.Int64
	r.legs = func(a *app) []leg {
		return []leg{&scripted{word: "search", do: func(ctx context.Context, _ int) error {
			for {
				err := a.paid(ctx, ForLive, Cost{Posts: 60}, func(context.Context) (Cost, error) {
					asked.Add(1)
					return Cost{Posts: 50}, nil
				})
				if err != nil {
					return err
				}
			}
		}}}
	}
	r.start()
	r.state(StateSpent, "until 2026-12-01")
	if n := asked.Load(); n != 3 {
		t.Errorf("%d calls of a quarter of a dollar were made, want 3: a fourth may cost more", n)
	}
	r.reports("how the budget stands", func(got Report) bool {
		return got.State == StateSpent && got.Spending.Money == 750_000 && got.Legs[0].State == "spent"
	})
	late.Store(int64(11 * 24 * time.Hour))
	r.eventually("the next month is spent too", func() bool { return asked.Load() == 6 })
	r.state(StateSpent, "until 2027-01-01")
}

func TestOfTwoMachinesOneCollects(t *testing.T) {
	r := newRig(t)
	r.deps.Lease = true
	other := *r
	r.start()
	r.state(StateCollecting, "")
	other.start()
	t.Cleanup(func() { other.stop() })
	other.state(StateHeld, "another process")
	if err := r.collector.Ready(); err != nil {
		t.Errorf("the first is disturbed: %v", err)
	}
	r.stop()
	other.state(StateCollecting, "")
}

// Without a lease somebody starts two by mistake: the one that was there first lets go.
func TestOfTwoProcessesTheLaterHasTheBudget(t *testing.T) {
	r := newRig(t)
	r.cfg.pauses.lease = time.Hour
	other := *r
	r.legs = func(a *app) []leg {
		return []leg{&scripted{word: "search", do: func(ctx context.Context, _ int) error {
			for {
				if err := a.turns.Hold(ctx, api.MethodPosts, time.Millisecond); err != nil {
					return err
				}
			}
		}}}
	}
	r.start()
	r.state(StateCollecting, "")
	other.start()
	t.Cleanup(func() { other.stop() })
	other.state(StateCollecting, "")
	r.state(StateHeld, "one must end")
}
