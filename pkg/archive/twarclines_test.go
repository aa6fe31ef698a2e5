package archive

import (
	"strings"
	"testing"
)

func TestTwarcBadLines(t *testing.T) {
	good := func(id string) string { return `{"data":[` + simpleTweet(id, "1", "x") + `],"meta":{}}` }
	for _, tc := range []struct {
		name, bad string
		classes   []Class
		ids       []string
	}{
		{"glued half line", `{"data":{"id":"12","te{"data":{"id":"13"}}`, []Class{ClassBrokenJSON}, []string{idA, idC}},
		{"rest of a line", `xt":"abc"}}`, []Class{ClassBrokenJSON}, []string{idA, idC}},
		{"two whole objects", good(idB) + good("99"), []Class(nil), []string{idA, idB, "99", idC}},
		{"a whole object and half of one", good(idB) + `{"data":`, []Class{ClassBrokenJSON}, []string{idA, idB, idC}},
		{"no author", `{"data":[{"id":"5","text":"x"}],"meta":{}}`, []Class{ClassMissingField}, []string{idA, idC}},
		{"no id", `{"data":[{"author_id":"5","text":"x"}],"meta":{}}`, []Class{ClassMissingField}, []string{idA, idC}},
		{"bad time", `{"data":[{"id":"5","author_id":"5","created_at":"yesterday"}],"meta":{}}`, []Class{ClassBadTime}, []string{idA, idC}},
		{"data of strings", `{"data":["a","b"],"meta":{}}`, []Class{ClassWrongType}, []string{idA, idC}},
		{"blank lines", "\r\n\n  ", []Class(nil), []string{idA, idC}},
		{"wrong types inside", `{"data":[{"id":"5","author_id":"5","created_at":"2020-05-01T12:00:00Z","text":7,"entities":[],"attachments":"x","public_metrics":3,"referenced_tweets":{},"lang":{}}],"meta":{}}`, []Class(nil), []string{idA, "5", idC}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r, result := read(t, good(idA)+"\n"+tc.bad+"\r\n"+good(idC)+"\n", Options{})
			diff(t, "classes", classes(result), tc.classes)
			want := tc.ids
			if tc.name == "two whole objects" {
				// 99 is older than ids that carry a time, but created_at is there.
				want = []string{idA, idB, "99", idC}
			}
			diff(t, "posts", r.ids(), want)
			if len(result.Faults) > 0 && result.Faults[0].Offsets[0] != uint64(len(good(idA))+1) {
				t.Errorf("offset %d", result.Faults[0].Offsets[0])
			}
			if !result.Complete {
				t.Error("one bad line made the file incomplete")
			}
		})
	}
}

func TestTwarcTruncatedLastLine(t *testing.T) {
	_, result := read(t, oneLine(searchPage)+oneLine(searchPage)[:200], Options{})
	if result.Complete || result.Counts.Rejected != 1 {
		t.Errorf("got %+v, complete %v", result.Counts, result.Complete)
	}
	diff(t, "faults", classes(result), []Class{ClassBrokenJSON, ClassTruncated})
}

func TestTwarcShapesOverLines(t *testing.T) {
	for _, tc := range []struct{ name, content string }{
		{"a page over several lines", searchPage},
		{"an array of pages", "[" + searchPage + ",\n" + searchPage + "]"},
		{"windows line ends", strings.ReplaceAll(oneLine(searchPage), "\n", "\r\n")},
		{"byte order mark", "\xef\xbb\xbf" + oneLine(searchPage)},
		{"no line end", strings.TrimSpace(oneLine(searchPage))},
	} {
		t.Run(tc.name, func(t *testing.T) {
			content := tc.content
			if tc.name == "a page over several lines" {
				content = strings.Replace(content, "{", "{\n", 1)
			}
			r, result := read(t, content, Options{})
			if len(r.posts) != 3 || !result.Complete || len(result.Faults) > 0 {
				t.Errorf("got %d posts, %v", len(r.posts), result.Faults)
			}
		})
	}
}
