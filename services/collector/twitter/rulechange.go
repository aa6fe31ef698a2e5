package twitter

import (
	"context"
	"maps"
	"slices"

	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

// changing is one change of the rules of the stream.
type changing struct {
	rules *rules
	// labels are the watch list's, by watch; refused says why rules of a watch were not
	// taken.
	labels, refused map[string]string
	settled         bool
}

// do carries out one step. What a watch had stays where what it should have was
// refused.
func (c *changing) do(ctx context.Context, s step) error {
	if len(s.Add) > 0 {
		return c.add(ctx, s.Add)
	}
	gone := slices.DeleteFunc(slices.Clone(s.Delete), func(rule api.Rule) bool { return c.refused[idOf(rule)] != "" })
	ids := make([]string, 0, len(gone))
	for _, rule := range gone {
		ids = append(ids, rule.ID)
	}
	if err := c.rules.app.retry(ctx, rulesName, func() error { return c.rules.app.client.DeleteRules(ctx, ids) }); err != nil {
		return err
	}
	if len(gone) > 0 && len(c.refused) > 0 {
		c.settled = false // there is room now for what may have had none
	}
	return c.rules.tell(ctx, nil, gone)
}

// add adds rules. Where X refuses all of them together, it is asked one by one.
func (c *changing) add(ctx context.Context, rules []api.Rule) error {
	var answer api.RuleAnswer
	err := c.rules.app.retry(ctx, rulesName, func() (err error) {
		answer, err = c.rules.app.client.AddRules(ctx, rules)
		return err
	})
	switch {
	case api.KindOf(err) == api.Refused && len(rules) > 1:
		for i := range rules {
			if err := c.add(ctx, rules[i:i+1]); err != nil {
				return err
			}
		}
		return nil
	case api.KindOf(err) == api.Refused:
		answer.Refused = []api.RefusedRule{{Value: rules[0].Value, Reason: api.RuleOther}}
	case err != nil:
		return err
	}
	c.judge(rules, answer)
	return c.rules.tell(ctx, answer.Created, nil)
}

// judge notes which rules were not taken, also those of which X says nothing.
func (c *changing) judge(rules []api.Rule, answer api.RuleAnswer) {
	created, why := map[string]bool{}, map[string]string{}
	for _, rule := range answer.Created {
		created[rule.Value] = true
	}
	for _, refused := range answer.Refused {
		why[refused.Value] = refused.Reason
	}
	for _, rule := range rules {
		if created[rule.Value] {
			continue
		}
		reason := why[rule.Value]
		if reason == api.RuleDuplicate {
			c.settled = false // an earlier request of ours made it, and its answer was lost
			continue
		}
		c.refused[idOf(rule)] = refusalText(reason)
	}
}

func refusalText(reason string) string {
	switch reason {
	case api.RuleInvalid:
		return "a rule that X does not take: something in it is not allowed"
	case api.RuleCapped:
		return "more rules than X has room for"
	default:
		return "a rule that X does not take"
	}
}

func (c *changing) leftOut() (out []leftOut) {
	for _, id := range slices.Sorted(maps.Keys(c.refused)) {
		out = append(out, leftOut{c.labels[id], c.refused[id]})
	}
	return out
}
