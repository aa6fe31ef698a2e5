package twitter

import (
	"slices"

	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

// step is one request that changes rules: it adds, or it deletes.
type step struct {
	Add    []api.Rule
	Delete []api.Rule
}

// stepLimit bounds the rules of one request.
const stepLimit = 100

// reconciled says how present rules become the wanted ones.
type reconciled struct {
	Steps []step
	// Foreign counts rules whose tag is not ours: they are left alone, and take room.
	Foreign int
	// NoRoom counts wanted rules that there is no room for beside the foreign ones.
	NoRoom int
}

// rulework is what is still to be done.
type rulework struct {
	room, taken int
	add, remove []api.Rule
	// alive counts the rules of a watch that are there, pending those to be added.
	alive, pending map[string]int
}

// reconcile gives the steps from present to wanted. It adds before it deletes: a
// watch that has rules before and after has some all the time, provided that the
// wanted and the foreign rules leave room for one more. Room is how many rules the
// app may have.
//
// Two rules cannot have the same value, whatever their tags, so a value that stands
// under another's tag is written in parentheses, which mean nothing.
func reconcile(wanted, present []api.Rule, room int) (r reconciled) {
	w := rulework{room: room, taken: len(present), alive: map[string]int{}, pending: map[string]int{}}
	there := make([]bool, len(wanted))
	values := map[string]bool{}
	for _, p := range present {
		values[p.Value] = true
		id, ours := watchOf(p.Tag)
		if !ours {
			r.Foreign++
			continue
		}
		w.alive[id]++
		i := slices.IndexFunc(wanted, func(rule api.Rule) bool { return sameRule(rule, p) })
		if i < 0 || there[i] {
			w.remove = append(w.remove, p)
			continue
		}
		there[i] = true
	}
	for i, rule := range wanted {
		if there[i] {
			continue
		}
		for values[rule.Value] {
			rule.Value = "(" + rule.Value + ")"
		}
		values[rule.Value] = true
		w.add = append(w.add, rule)
		w.pending[idOf(rule)]++
	}
	r.Steps, r.NoRoom = w.steps(), len(w.add)
	return r
}

// steps does what is to be done, and leaves in add what there is no room for.
func (w *rulework) steps() (steps []step) {
	for {
		var s step
		if n := min(w.room-w.taken, len(w.add), stepLimit); n > 0 {
			s.Add, w.add = slices.Clone(w.add[:n]), w.add[n:]
		} else {
			s.Delete = w.spare()
		}
		if len(s.Add)+len(s.Delete) == 0 {
			return steps
		}
		w.did(s)
		steps = append(steps, s)
	}
}

// did notes a step.
func (w *rulework) did(s step) {
	w.taken += len(s.Add) - len(s.Delete)
	for _, rule := range s.Add {
		w.alive[idOf(rule)]++
		w.pending[idOf(rule)]--
	}
	for _, rule := range s.Delete {
		w.alive[idOf(rule)]--
		w.remove = slices.DeleteFunc(w.remove, func(r api.Rule) bool { return r == rule })
	}
}

// spare lists rules to delete now: those of watches that have all that is wanted of
// them or are not wanted at all; where there is none, one of a watch that has another.
func (w *rulework) spare() (rules []api.Rule) {
	for _, rule := range w.remove {
		if w.pending[idOf(rule)] == 0 && len(rules) < stepLimit {
			rules = append(rules, rule)
		}
	}
	if len(rules) > 0 || len(w.remove) == 0 {
		return rules
	}
	for _, rule := range w.remove {
		if w.alive[idOf(rule)] > 1 {
			return []api.Rule{rule}
		}
	}
	return w.remove[:1:1]
}

// idOf is the watch of a rule of ours.
func idOf(rule api.Rule) string {
	id, _ := watchOf(rule.Tag)
	return id
}

// ruleChanges says how the rules that are present become those of the watches, within
// what the stream has room for, and what is left out. One place is kept free.
func ruleChanges(watches []watch, present []api.Rule, cfg StreamConfig) (reconciled, []leftOut) {
	room := cfg.MaxRules - 1
	for _, rule := range present {
		if _, ours := watchOf(rule.Tag); !ours {
			room--
		}
	}
	wanted, out := wantedRules(watches, room, cfg.RuleLength)
	return reconcile(wanted, present, cfg.MaxRules), out
}

// sameRule says whether a present rule does what is wanted, whatever its version and
// its parentheses.
func sameRule(wanted, present api.Rule) bool {
	if idOf(wanted) != idOf(present) {
		return false
	}
	value := present.Value
	for value != wanted.Value {
		if len(value) < 2 || value[0] != '(' || value[len(value)-1] != ')' {
			return false
		}
		value = value[1 : len(value)-1]
	}
	return true
}
