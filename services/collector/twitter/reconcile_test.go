package twitter

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

// ruleBook is X's side: rules by id, no value twice, no more than there is room for.
type ruleBook struct {
	rules map[string]api.Rule
	room  int
	next  int
}

func (b *ruleBook) do(s step) error {
	if len(s.Add) > 0 && len(s.Delete) > 0 {
		return fmt.Errorf("adds and deletes at once: %v", s)
	}
	for _, r := range s.Add {
		for _, p := range b.rules {
			if p.Value == r.Value {
				return fmt.Errorf("the value %s is there already", r.Value)
			}
		}
		b.next++
		r.ID = strconv.Itoa(b.next)
		b.rules[r.ID] = r
	}
	for _, r := range s.Delete {
		if b.rules[r.ID] != r {
			return fmt.Errorf("%v is not there", r)
		}
		delete(b.rules, r.ID)
	}
	if len(b.rules) > b.room {
		return fmt.Errorf("%d rules, there is room for %d", len(b.rules), b.room)
	}
	return nil
}

func (b *ruleBook) list() (rules []api.Rule) {
	for _, r := range b.rules {
		rules = append(rules, r)
	}
	slices.SortFunc(rules, func(a, b api.Rule) int { return strings.Compare(a.ID, b.ID) })
	return rules
}

// watches counts the rules of each watch.
func (b *ruleBook) watches() map[string]int {
	n := map[string]int{}
	for _, r := range b.rules {
		n[idOf(r)]++
	}
	delete(n, "")
	return n
}

// meanings are the rules of ours without ids, versions and parentheses.
func meanings(rules []api.Rule) (list []string) {
	for _, r := range rules {
		if id, ours := watchOf(r.Tag); ours {
			list = append(list, id+" "+strings.Trim(r.Value, "()"))
		}
	}
	slices.Sort(list)
	return list
}

func drawRules(rt *rapid.T, name string, most int, tags []string) (rules []api.Rule) {
	for range rapid.IntRange(0, most).Draw(rt, name) {
		r := api.Rule{Value: rapid.SampledFrom(strings.Split("abcdefghij", "")).Draw(rt, "value"), Tag: rapid.SampledFrom(tags).Draw(rt, "tag")}
		if !slices.Contains(rules, r) {
			rules = append(rules, r)
		}
	}
	return rules
}

// From any rules to any others: they are reached, no watch that stays is ever without
// a rule, rules of others stay, and there is nothing left to do afterwards.
func TestReconcile(t *testing.T) {
	tag := func(n, version int) string { return tagOf(fmt.Sprintf("%016x", n), version) }
	now := []string{tag(1, 2), tag(2, 2), tag(3, 2), tag(4, 2)}
	before := append(slices.Clone(now), tag(1, 1), tag(2, 1), tag(5, 1), "mine", "")
	rapid.Check(t, func(rt *rapid.T) {
		b := &ruleBook{rules: map[string]api.Rule{}, room: 1000}
		for _, r := range drawRules(rt, "present", 12, before) {
			_ = b.do(step{Add: []api.Rule{r}}) // a value that is there already stays what it is
		}
		wanted, first := drawRules(rt, "wanted", 12, now), b.list()
		foreign := slices.DeleteFunc(slices.Clone(first), func(r api.Rule) bool { return idOf(r) != "" })
		b.room = max(len(first), len(wanted)+len(foreign)+1) + rapid.IntRange(0, 3).Draw(rt, "more room")
		had := b.watches()
		done := reconcile(wanted, first, b.room)
		if done.NoRoom != 0 || done.Foreign != len(foreign) {
			rt.Fatalf("%d without room, %d foreign of %d", done.NoRoom, done.Foreign, len(foreign))
		}
		for _, s := range done.Steps {
			if err := b.do(s); err != nil {
				rt.Fatal(err)
			}
			for _, w := range wanted {
				if had[idOf(w)] > 0 && b.watches()[idOf(w)] == 0 {
					rt.Fatalf("after %v a watch is without rules", s)
				}
			}
		}
		if diff := cmp.Diff(meanings(wanted), meanings(b.list())); diff != "" {
			rt.Fatal(diff)
		}
		for _, f := range foreign {
			if b.rules[f.ID] != f {
				rt.Fatalf("%v of somebody else is gone", f)
			}
		}
		if again := reconcile(wanted, b.list(), b.room); len(again.Steps) != 0 {
			rt.Fatalf("done, and still %v", again.Steps)
		}
	})
}

func TestReconcileSaysWhatThereIsNoRoomFor(t *testing.T) {
	wanted := []api.Rule{{Value: "a", Tag: tagOf(strings.Repeat("a", 16), 1)}, {Value: "b", Tag: tagOf(strings.Repeat("b", 16), 1)}}
	got := reconcile(wanted, []api.Rule{{ID: "1", Value: "x", Tag: "mine"}}, 2)
	if got.NoRoom != 1 || got.Foreign != 1 || len(got.Steps) != 1 || len(got.Steps[0].Add) != 1 {
		t.Errorf("got %+v", got)
	}
	if got := reconcile(wanted, nil, 2); len(got.Steps) != 1 || len(got.Steps[0].Add) != 2 {
		t.Errorf("got %+v", got)
	}
}

// From a watch list to rules at X, beside rules of somebody else, and to nothing again.
func TestRuleChangesLeaveOnePlaceFree(t *testing.T) {
	watches, _ := watchesOf(exampleList(t), &inOrder{})
	cfg := StreamConfig{MaxRules: 6, RuleLength: 512}
	b := &ruleBook{rules: map[string]api.Rule{}, room: cfg.MaxRules}
	if err := b.do(step{Add: []api.Rule{{Value: "cats", Tag: "mine"}}}); err != nil {
		t.Fatal(err)
	}
	do := func(watches []watch) []leftOut {
		t.Helper()
		changes, out := ruleChanges(watches, b.list(), cfg)
		for _, s := range changes.Steps {
			if err := b.do(s); err != nil {
				t.Fatal(err)
			}
		}
		if changes.NoRoom != 0 || changes.Foreign != 1 {
			t.Errorf("no room for %d, %d foreign", changes.NoRoom, changes.Foreign)
		}
		return out
	}
	if out := do(watches); len(b.rules) != 5 || len(out) != 1 || out[0].Label != "x-by-id" {
		t.Errorf("%d rules, left out %v", len(b.rules), out)
	}
	if out := do(watches[2:]); len(b.rules) != 3 || len(out) != 0 {
		t.Errorf("%d rules, left out %v", len(b.rules), out)
	}
	if do(nil); len(b.rules) != 1 {
		t.Errorf("%d rules are left, want the one of somebody else", len(b.rules))
	}
}
