package api_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

func TestAllPagesOfRulesAreRead(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Query().Get("pagination_token") {
		case "":
			io.WriteString(w, `{"data":[{"id":"1","value":"a","tag":"wl:1:v1"}],"meta":{"next_token":"n"}}`)
		case "n":
			io.WriteString(w, `{"data":[{"id":"2","value":"b"}],"meta":{"sent":"2026-01-02T03:04:05.000Z"}}`)
		}
	})
	rules, err := open(t, s.URL).Rules(t.Context())
	if want := []api.Rule{{ID: "1", Value: "a", Tag: "wl:1:v1"}, {ID: "2", Value: "b"}}; err != nil || len(rules) != 2 || rules[0] != want[0] || rules[1] != want[1] {
		t.Errorf("%d rules, not as they came, %v", len(rules), err)
	}
	none, err := open(t, serve(t, text(200, `{"meta":{"sent":"2026-01-02T03:04:05.000Z","result_count":0}}`)).URL).Rules(t.Context())
	if len(none) != 0 || err != nil {
		t.Errorf("%d rules, %v", len(none), err)
	}
	g := &gate{}
	_, err = open(t, serve(t, text(200, `{"meta":{"next_token":"n"}}`)).URL, through(g)).Rules(t.Context())
	is(t, err, api.TooLarge)
	if len(g.turns) != 100 {
		t.Errorf("%d pages were read of a list without an end", len(g.turns))
	}
}

func TestRulesThatAreRefusedAreToldOf(t *testing.T) {
	const problems = `[{"value":"a","id":"7","title":"DuplicateRule","type":"https://api.twitter.com/2/problems/duplicate-rules"},
		{"value":"b","title":"UnprocessableEntity","type":"https://api.x.com/2/problems/invalid-rules"},
		{"value":"c","title":"RulesCapExceeded"},{"title":"Sharks"}]`
	for _, status := range []int{200, 201, 400} {
		s := serve(t, text(status, `{"meta":{"summary":{"created":0,"not_created":4}},"errors":`+problems+`}`))
		answer, err := open(t, s.URL).AddRules(t.Context(), []api.Rule{{Value: "a"}, {Value: "b"}, {Value: "c"}})
		var got []string
		for _, r := range answer.Refused {
			got = append(got, r.Value+" "+r.ID+" "+r.Reason)
		}
		if diff := cmp.Diff([]string{"a 7 duplicate", "b  invalid", "c  capped", "  other"}, got); diff != "" || err != nil {
			t.Errorf("status %d: %v %s", status, err, diff)
		}
	}
	s := serve(t, text(400, `{"title":"Invalid Request","errors":[{"message":"no"}]}`))
	_, err := open(t, s.URL).AddRules(t.Context(), []api.Rule{{Value: "a"}})
	is(t, err, api.Refused)
}

func TestRulesAreSentAsTheyAre(t *testing.T) {
	var sent []string
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Add    []map[string]string            `json:"add"`
			Delete map[string][]string            `json:"delete"`
			Other  map[string]map[string][]string `json:"other"`
		}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		sent = append(sent, fmt.Sprint(body))
		if len(body.Delete) > 0 {
			io.WriteString(w, `{"meta":{"summary":{"deleted":1,"not_deleted":1}},"errors":[{"title":"Not Found"}]}`)
			return
		}
		w.WriteHeader(201)
		io.WriteString(w, `{"data":[{"id":"1","value":"x"}],"meta":{"summary":{"created":1}}}`)
	})
	g := &gate{}
	c := open(t, s.URL, through(g))
	long := strings.Repeat("示", 1024)
	if _, err := c.AddRules(t.Context(), []api.Rule{{Value: long, Tag: "wl:1:v1"}}); err != nil {
		t.Error(err)
	}
	if err := c.DeleteRules(t.Context(), []string{"1", "2"}); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]string{"{[map[tag:wl:1:v1 value:" + long + "]] map[] map[]}", "{[] map[ids:[1 2]] map[]}"}, sent); diff != "" {
		t.Error(diff)
	}
	c.AddRules(t.Context(), nil)
	c.DeleteRules(t.Context(), nil)
	if len(g.turns) != 2 {
		t.Errorf("turns are %v", g.turns)
	}
}
