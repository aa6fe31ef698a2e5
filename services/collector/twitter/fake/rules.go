package fake

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// ruleLength is how many characters a rule may have.
const ruleLength = 1024

// Rule is a rule of the stream.
type Rule struct{ ID, Value, Tag string }

type rule struct {
	Rule
	match expression
	from  time.Time // when it takes effect, by the machine's clock
}

// rules are those of the app; like at X they outlive connections.
type rules struct {
	list []*rule
	ever []RuleTruth
	next int64
}

func newRules() rules { return rules{next: 1_500_000_000_000_000_001} }

// Rules are the rules of the stream, in the order they were made.
func (s *Server) Rules() []Rule {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Rule, len(s.rules.list))
	for i, r := range s.rules.list {
		all[i] = r.Rule
	}
	return all
}

func (r *rule) shape() object {
	o := object{"id": r.ID, "value": r.Value}
	if r.Tag != "" {
		o["tag"] = r.Tag
	}
	return o
}

func sent() string { return time.Now().UTC().Format("2006-01-02T15:04:05.000Z") }

// readRules answers GET .../stream/rules, all of them on one page.
func (s *Server) readRules(r *http.Request) answer {
	var data []any
	wanted := r.URL.Query().Get("ids")
	for _, rule := range s.rules.list {
		if wanted == "" || slices.Contains(strings.Split(wanted, ","), rule.ID) {
			data = append(data, rule.shape())
		}
	}
	body := object{"meta": object{"sent": sent(), "result_count": len(data)}}
	if len(data) > 0 {
		body["data"] = data
	}
	return ok(body)
}

// changeRules answers POST .../stream/rules.
func (s *Server) changeRules(r *http.Request) answer {
	var request struct {
		Add    []struct{ Value, Tag string }
		Delete *struct{ IDs, Values []string }
	}
	err := json.NewDecoder(r.Body).Decode(&request)
	dry := r.URL.Query().Get("dry_run") == "true"
	switch {
	case err != nil || len(request.Add) == 0 == (request.Delete == nil):
		return s.invalid("body", "", "The body must have either add or delete.")
	case request.Delete != nil:
		return s.deleteRules(request.Delete.IDs, request.Delete.Values, dry)
	}
	if len(s.rules.list)+len(request.Add) > s.opts.RuleLimit {
		return s.problem(http.StatusUnprocessableEntity, "rule-cap", "RulesCapExceeded",
			"There may be "+strconv.Itoa(s.opts.RuleLimit)+" rules.", nil)
	}
	var data, errors []any
	for _, add := range request.Add {
		if made, refusal := s.newRule(add.Value, add.Tag); refusal != nil {
			errors = append(errors, refusal)
		} else {
			data = append(data, made.shape())
			if !dry {
				s.rules.list = append(s.rules.list, made)
				s.rules.ever = append(s.rules.ever, RuleTruth{Rule: made.Rule, From: s.opts.Now().Add(s.opts.RuleDelay)})
			}
		}
	}
	body := object{"meta": object{"sent": sent(), "summary": object{
		"created": len(data), "not_created": len(errors), "valid": len(data), "invalid": len(errors),
	}}}
	if len(errors) > 0 {
		body["errors"] = errors
	}
	if len(data) == 0 {
		return ok(body)
	}
	body["data"] = data
	return answer{status: s.opts.RuleStatus, body: body}
}

// newRule makes a rule or says why X will not have it.
func (s *Server) newRule(value, tag string) (*rule, object) {
	for _, r := range s.rules.list {
		if r.Value == value {
			return nil, object{"value": value, "id": r.ID, "title": "DuplicateRule", "type": s.problemType("duplicate-rules")}
		}
	}
	e, err := readQuery(value)
	details := ""
	switch {
	case utf8.RuneCountInString(value) > ruleLength:
		details = "Rules must be at most " + strconv.Itoa(ruleLength) + " characters."
	case err != nil:
		details = "There were errors processing the rule: " + err.Error()
	}
	if details != "" {
		return nil, object{
			"value": value, "title": "UnprocessableEntity", "details": []string{details}, "type": s.problemType("invalid-rules"),
		}
	}
	s.rules.next++
	return &rule{
		Rule:  Rule{ID: name(s.rules.next), Value: value, Tag: tag},
		match: e, from: time.Now().Add(s.opts.RuleDelay),
	}, nil
}

// end takes down that a rule was deleted.
func (r *rules) end(id string, at time.Time) {
	for i := range r.ever {
		if r.ever[i].ID == id {
			r.ever[i].Until = at
		}
	}
}

func (s *Server) deleteRules(ids, values []string, dry bool) answer {
	var errors []any
	deleted := 0
	for i, v := range append(slices.Clone(ids), values...) {
		at := slices.IndexFunc(s.rules.list, func(r *rule) bool { return i < len(ids) && r.ID == v || i >= len(ids) && r.Value == v })
		if at < 0 {
			errors = append(errors, object{
				"value": v, "title": "Invalid Request", "detail": "Rule does not exist", "type": s.problemType("invalid-request"),
			})
			continue
		}
		deleted++
		if !dry {
			s.rules.end(s.rules.list[at].ID, s.opts.Now())
			s.rules.list = slices.Delete(s.rules.list, at, at+1)
		}
	}
	body := object{"meta": object{"sent": sent(), "summary": object{"deleted": deleted, "not_deleted": len(errors)}}}
	if len(errors) > 0 {
		body["errors"] = errors
	}
	return ok(body)
}
