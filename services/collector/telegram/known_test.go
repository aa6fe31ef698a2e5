package telegram

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestAPageIsKeptSmallAndComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := &page{}
		want := map[int]mark{}
		for _, i := range rapid.SliceOfN(rapid.IntRange(0, pageIDs-1), 0, 50).Draw(t, "ids") {
			want[i] = mark(rapid.IntRange(0, int(markWithheld)).Draw(t, "mark"))
			p.set(i, want[i])
		}
		kept, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		back := &page{}
		if err := json.Unmarshal(kept, back); err != nil {
			t.Fatal(err)
		}
		for i, m := range want {
			if back.get(i) != m {
				t.Fatalf("id %d is %d, was %d", i, back.get(i), m)
			}
		}
		if diff := cmp.Diff(len(p.Marks), len(back.Marks)); diff != "" {
			t.Fatal(diff)
		}
	})
	full := &page{}
	for i := range pageIDs {
		full.set(i, markUp)
	}
	if kept, err := json.Marshal(full); err != nil || len(kept) > 200 {
		t.Errorf("a page of posts that are all there takes %d bytes: %v", len(kept), err)
	}
	if err := json.Unmarshal([]byte(`{"flate":"AAAA"}`), &page{}); err == nil {
		t.Error("a damaged page is taken")
	}
}
