package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	twitter "github.com/g8rswimmer/go-twitter/v2"
)

// Rule is a filter of the stream. It is never printed: its value is what the watch
// list looks for.
type Rule struct {
	// ID is X's; empty of a rule that is to be added.
	ID string
	// Value has up to 1,024 characters, under an Enterprise contract 2,048.
	Value string
	// Tag comes back with what the rule matched, and cannot be changed.
	Tag string
}

// Format implements fmt.Formatter and says nothing.
func (Rule) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, withheld) }

// LogValue implements slog.LogValuer and says nothing.
func (Rule) LogValue() slog.Value { return slog.StringValue(withheld) }

// RuleAnswer is what became of rules that were to be added.
type RuleAnswer struct {
	Created []Rule
	Refused []RefusedRule
}

// Why X did not add a rule.
const (
	RuleDuplicate = "duplicate" // a rule of this value is there already
	RuleInvalid   = "invalid"   // X cannot read it, or does not allow it
	RuleCapped    = "capped"    // there are as many rules as there may be
	RuleOther     = "other"
)

// RefusedRule is a rule that X did not add. It is never printed.
type RefusedRule struct {
	// Value is empty where X did not say which.
	Value string
	// ID is that of the rule that is there already, of a duplicate.
	ID string
	// Reason is RuleDuplicate, RuleInvalid, RuleCapped or RuleOther.
	Reason string
}

// Format implements fmt.Formatter and says nothing.
func (RefusedRule) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, withheld) }

// LogValue implements slog.LogValuer and says nothing.
func (RefusedRule) LogValue() slog.Value { return slog.StringValue(withheld) }

// mostRulePages bounds the pages of rules: X allows tens of thousands of rules, and
// a page has a thousand.
const mostRulePages = 100

// ruleBody is an answer about rules.
type ruleBody struct {
	Data []struct {
		ID    string `json:"id"`
		Value string `json:"value"`
		Tag   string `json:"tag"`
	} `json:"data"`
	Meta struct {
		NextToken string `json:"next_token"`
	} `json:"meta"`
	Errors []struct {
		ID    string `json:"id"`
		Value string `json:"value"`
		Title string `json:"title"`
		Type  string `json:"type"`
	} `json:"errors"`
}

func (b *ruleBody) rules() []Rule {
	rules := make([]Rule, 0, len(b.Data))
	for _, r := range b.Data {
		rules = append(rules, Rule{ID: r.ID, Value: r.Value, Tag: r.Tag})
	}
	return rules
}

// Rules asks for all rules of the stream.
func (c *Client) Rules(ctx context.Context) ([]Rule, error) {
	var rules []Rule
	params := url.Values{}
	for range mostRulePages {
		body, err := c.body(ctx, MethodRulesRead, params, func(ctx context.Context) error {
			_, err := c.library.TweetSearchStreamRules(ctx, nil)
			return err
		})
		if err != nil {
			return nil, err
		}
		var page ruleBody
		if err := json.Unmarshal(body, &page); err != nil {
			return nil, &Fault{Kind: Broken, Method: MethodRulesRead}
		}
		rules = append(rules, page.rules()...)
		if page.Meta.NextToken == "" {
			return rules, nil
		}
		params = url.Values{"pagination_token": {page.Meta.NextToken}}
	}
	return nil, &Fault{Kind: TooLarge, Method: MethodRulesRead}
}

// AddRules adds rules and says what became of each. It takes about 20 s until a new
// rule counts.
func (c *Client) AddRules(ctx context.Context, rules []Rule) (RuleAnswer, error) {
	wanted := make([]twitter.TweetSearchStreamRule, 0, len(rules))
	for _, r := range rules {
		if r.Value == "" {
			return RuleAnswer{}, &Fault{Kind: Refused, Method: MethodRulesChange}
		}
		wanted = append(wanted, twitter.TweetSearchStreamRule{Value: r.Value, Tag: r.Tag})
	}
	if len(wanted) == 0 {
		return RuleAnswer{}, nil
	}
	body, err := c.body(ctx, MethodRulesChange, nil, func(ctx context.Context) error {
		_, err := c.library.TweetSearchStreamAddRule(ctx, wanted, false)
		return err
	})
	if err != nil {
		return RuleAnswer{}, err
	}
	var told ruleBody
	if err := json.Unmarshal(body, &told); err != nil {
		return RuleAnswer{}, &Fault{Kind: Broken, Method: MethodRulesChange}
	}
	answer := RuleAnswer{Created: told.rules()}
	for _, e := range told.Errors {
		answer.Refused = append(answer.Refused, RefusedRule{Value: e.Value, ID: e.ID, Reason: ruleReason(e.Type, e.Title)})
	}
	return answer, nil
}

// ruleReason reads the type of a rule's problem, or its title where it has no type
// that we know.
func ruleReason(kind, title string) string {
	for _, word := range []string{lastSegment(kind), title} {
		switch strings.ToLower(word) {
		case "duplicate-rules", "duplicaterule", "duplicaterules":
			return RuleDuplicate
		case "invalid-rules", "invalidrule", "invalidrules":
			return RuleInvalid
		case "rule-cap", "rulescapexceeded", "rulecapexceeded":
			return RuleCapped
		}
	}
	return RuleOther
}

// DeleteRules deletes rules by their ids. Those that are not there are no error.
func (c *Client) DeleteRules(ctx context.Context, ids []string) error {
	wanted := make([]twitter.TweetSearchStreamRuleID, 0, len(ids))
	for _, id := range ids {
		if !isID(id) {
			return &Fault{Kind: Refused, Method: MethodRulesChange}
		}
		wanted = append(wanted, twitter.TweetSearchStreamRuleID(id))
	}
	if len(wanted) == 0 {
		return nil
	}
	_, err := c.body(ctx, MethodRulesChange, nil, func(ctx context.Context) error {
		_, err := c.library.TweetSearchStreamDeleteRuleByID(ctx, wanted, false)
		return err
	})
	return err
}

// DropConnections ends all open streams of the app, also those that X has not
// noticed to be gone.
func (c *Client) DropConnections(ctx context.Context) error {
	_, err := c.body(ctx, MethodConnections, nil, c.plain(http.MethodDelete, "2/connections/all", nil))
	return err
}
