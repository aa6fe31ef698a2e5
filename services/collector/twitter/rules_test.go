package twitter

import (
	"fmt"
	"strings"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/watchlist"
	"github.com/doxtrail/doxtrail/services/collector/twitter/fake"
)

// family is a family that is found by one word.
func family(label, term string) watchlist.Family {
	return watchlist.Family{Label: label, Sites: []string{label + "-leaks.example"}, Terms: []string{term}}
}

func (r *streamRig) families(families ...watchlist.Family) {
	r.t.Helper()
	r.publish(watchlist.List{Families: families})
}

// ruled waits until the rules are those of as many watches, with these words in them.
func (r *streamRig) ruled(words ...string) {
	r.t.Helper()
	r.eventually("the rules are those of the watch list", func() bool {
		rules := r.fake.Rules()
		if len(rules) != len(words) {
			return false
		}
		for i, word := range words {
			if !strings.Contains(rules[i].Value, word) {
				return false
			}
		}
		return true
	})
}

func TestRulesFollowTheWatchList(t *testing.T) {
	r := newStreamRig(t, fake.Options{})
	r.families(family("harbour", "canary"), family("pier", "finch"))
	r.start()
	r.ruled("canary", "finch")
	r.families(family("pier", "finch"), family("quay", "sparrow"))
	r.ruled("finch", "sparrow")
	ever := r.fake.Truth().Rules
	if len(ever) != 3 || !ever[1].Until.IsZero() {
		t.Errorf("%d rules were ever made", len(ever))
	}
	r.stop()
	r.families(family("quay", "sparrow"))
	r.start()
	r.ruled("sparrow")

	// Coverage says since when each was there, and until when.
	r.eventually("coverage has five rows of rules", func() bool {
		open, ended := r.raw.ruled()
		return open == 3 && ended == 2
	})
}

// Nobody told until when a rule was there that went while no process looked.
func TestARuleThatWentUnseenEndsInCoverage(t *testing.T) {
	r := newStreamRig(t, fake.Options{})
	r.families(family("harbour", "canary"), family("pier", "finch"))
	r.start()
	r.ruled("canary", "finch")
	r.eventually("coverage has both", func() bool {
		open, _ := r.raw.ruled()
		return open == 2
	})
	r.stop()
	if err := r.changeRules(fmt.Sprintf(`{"delete":{"ids":[%q]}}`, r.fake.Rules()[0].ID)); err != nil {
		t.Fatal(err)
	}
	r.families(family("pier", "finch"))
	r.start()
	r.eventually("coverage says until when", func() bool {
		_, ended := r.raw.ruled()
		return ended == 1
	})
}

// ruled counts the rows of rules that are there, and of those that are no longer.
func (o *onRaw) ruled() (open, ended int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, c := range o.coverage {
		switch {
		case c.GetQuery() == spanPosts || c.GetQuery() == spanReposts:
		case c.HasToAt():
			ended++
		default:
			open++
		}
	}
	return open, ended
}

// Without a free place a rule could only be taken out before its successor is there.
func TestOnePlaceForRulesStaysFree(t *testing.T) {
	r := newStreamRig(t, fake.Options{})
	r.cfg.Stream.MaxRules = 3
	r.families(family("dock", "sparrow"), family("harbour", "canary"), family("pier", "finch"))
	r.start()
	r.ruled("sparrow", "canary")
	r.reports("what there is no room for", func(got Report) bool {
		return len(got.LeftOut) == 1 && got.LeftOut[0].Label == "pier" && strings.Contains(got.LeftOut[0].Why, "than the 2 that")
	})
}

func TestRulesThatXDoesNotTakeAreNamedByTheirLabel(t *testing.T) {
	r := newStreamRig(t, fake.Options{RuleLimit: 2})
	r.families(family("dock", "sparrow"), family("harbour", "canary"), family("pier", "finch"))
	r.start()
	r.ruled("sparrow", "canary")
	r.reports("the rule that was refused", func(got Report) bool {
		return len(got.LeftOut) == 1 && got.LeftOut[0] == LeftOut{"pier", refusalText("other")}
	})
	r.arrives(r.fake.Post("invented_a", "a canary"))

	// With room it is taken.
	r.families(family("harbour", "canary"), family("pier", "finch"))
	r.ruled("canary", "finch")
	r.reports("nothing left out", func(got Report) bool { return len(got.LeftOut) == 0 })
	r.stop()
	r.silent()
}

func TestAStreamWithoutRulesWaitsForThem(t *testing.T) {
	r := newStreamRig(t, fake.Options{})
	r.families()
	r.start()
	if err := r.fake.WaitCalls(r.within(), "stream", 1); err != nil {
		t.Fatal(err)
	}
	r.reports("why the stream waits", func(got Report) bool {
		for _, l := range got.Legs {
			if l.Name == streamName && strings.Contains(l.Why, "waits for rules") {
				return true
			}
		}
		return false
	})
	r.families(family("harbour", "canary"))
	r.streaming()
	r.arrives(r.fake.Post("invented_a", "a canary"))
}

func TestARuleWhoseAnswerWasLostIsNotMadeTwice(t *testing.T) {
	r := newStreamRig(t, fake.Options{})
	r.fake.Half("rules.change", 1)
	r.start()
	r.streaming()
	r.arrives(r.fake.Post("invented_a", seenAt))
	if n := len(r.fake.Truth().Rules); n != 1 {
		t.Errorf("%d rules were made", n)
	}
	r.eventually("coverage has it", func() bool { open, _ := r.raw.ruled(); return open == 1 })
	r.reports("nothing left out", func(got Report) bool { return len(got.LeftOut) == 0 })
}
