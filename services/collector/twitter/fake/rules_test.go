package fake

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const rulesPath = "/2/tweets/search/stream/rules"

func TestRules(t *testing.T) {
	s := start(t, Options{RuleLimit: 3})
	if r := get(t, s, rulesPath); r.status != 200 || r.Data != nil || r.Meta.Count != 0 {
		t.Errorf("no rules: %s", r.text)
	}
	r := rulesOf(t, s, "canary", "wl:1:v1", `"no end`, "wl:2:v1", "cards", "")
	if r.status != 201 || len(r.list(t)) != 2 || len(r.Errors) != 1 {
		t.Fatalf("got %d %s", r.status, r.text)
	}
	if diff := cmp.Diff(map[string]int{"created": 2, "not_created": 1, "valid": 2, "invalid": 1}, r.Meta.Summary); diff != "" {
		t.Error(diff)
	}
	if e := r.Errors[0]; e["title"] != "UnprocessableEntity" || e["details"] == nil || !strings.HasSuffix(e["type"].(string), "/invalid-rules") {
		t.Errorf("got %v", e)
	}
	canary := r.ids(t)[0]
	r = rulesOf(t, s, "canary", "another tag")
	if r.status != 200 || r.Errors[0]["title"] != "DuplicateRule" || r.Errors[0]["id"] != canary {
		t.Errorf("twice: %d %s", r.status, r.text)
	}
	if r := rulesOf(t, s, strings.Repeat("卡", 1025), "long"); r.Errors[0]["title"] != "UnprocessableEntity" {
		t.Errorf("1,025 characters: %s", r.text)
	}
	if r := call(t, s, http.MethodPost, rulesPath, `{"add":[{"value":"third"}]}`, "dry_run", "true"); r.status != 201 || len(s.Rules()) != 2 {
		t.Errorf("dry run: %d %s", r.status, r.text)
	}
	if r := rulesOf(t, s, strings.Repeat("卡", 1024), "long", "fourth", ""); r.status != 422 {
		t.Errorf("over the limit: %d %s", r.status, r.text)
	}
	r = call(t, s, http.MethodPost, rulesPath, `{"delete":{"ids":["`+canary+`","1"]}}`)
	if r.status != 200 || r.Meta.Summary["deleted"] != 1 || r.Meta.Summary["not_deleted"] != 1 || len(r.Errors) != 1 {
		t.Errorf("delete: %d %s", r.status, r.text)
	}
	if r := get(t, s, rulesPath); len(r.list(t)) != 1 || r.list(t)[0]["value"] != "cards" || r.list(t)[0]["tag"] != nil {
		t.Errorf("left: %s", r.text)
	}
	if all := s.Truth().Rules; len(all) != 2 || all[0].Until.IsZero() || !all[1].Until.IsZero() {
		t.Errorf("truth: %+v", all)
	}
	for _, body := range []string{`{}`, `nonsense`, `{"add":[{"value":"x"}],"delete":{"ids":["1"]}}`} {
		if r := call(t, s, http.MethodPost, rulesPath, body); r.status != 400 {
			t.Errorf("%s: %d", body, r.status)
		}
	}
}

func TestRuleStatusIsAnOption(t *testing.T) {
	s := start(t, Options{RuleStatus: 200})
	if r := rulesOf(t, s, "canary", "wl:1:v1"); r.status != 200 || r.Meta.Summary["created"] != 1 {
		t.Errorf("got %d %s", r.status, r.text)
	}
}
