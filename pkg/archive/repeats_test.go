package archive

import (
	"fmt"
	"strings"
	"testing"
)

func TestRepeats(t *testing.T) {
	tweets := func(list ...string) string {
		return `{"data":[` + strings.Join(list, ",") + `],"meta":{}}` + "\n"
	}
	withCounters := strings.Replace(simpleTweet(idA, "1", "x"), "{", `{"public_metrics":{"like_count":5},`, 1)
	quote := `{"id":"` + idB + `","author_id":"2","created_at":"2020-05-01T12:00:00.000Z","text":"q","referenced_tweets":[{"type":"quoted","id":"` + idA + `"}]}`
	for _, tc := range []struct {
		name, content         string
		posts, dups, conflict uint64
		repeated              []bool
	}{
		{"the same message twice", channelExport(plainMessage(1, "a"), plainMessage(1, "a")), 1, 1, 0, []bool{false}},
		{"another text", channelExport(plainMessage(1, "a"), plainMessage(1, "b")), 1, 1, 1, []bool{false, true}},
		{"another text, twice", channelExport(plainMessage(1, "a"), plainMessage(1, "b"), plainMessage(1, "a")), 1, 2, 1, []bool{false, true}},
		{
			"only the white space differs",
			channelExport(plainMessage(1, "a"), strings.ReplaceAll(plainMessage(1, "a"), ": ", ":\n  ")), 1, 1, 0,
			[]bool{false},
		},
		{
			"the same number in two channels",
			`{"chats": {"list": [{"type": "public_channel", "id": 1, "messages": [` + plainMessage(1, "a") + `]}, {"type": "public_channel", "id": 2, "messages": [` + plainMessage(1, "a") + `]}]}}`,
			2, 0, 0,
			[]bool{false, false},
		},
		{"the same post on two pages", tweets(simpleTweet(idA, "1", "x")) + tweets(simpleTweet(idA, "1", "x")), 1, 1, 0, []bool{false}},
		{"other counters", tweets(simpleTweet(idA, "1", "x")) + tweets(withCounters), 1, 1, 0, []bool{false}},
		{"another text of a post", tweets(simpleTweet(idA, "1", "x")) + tweets(simpleTweet(idA, "1", "y")), 1, 1, 1, []bool{false, true}},
		{
			"a fuller copy is handed over and is no conflict",
			tweets(quote) + `{"data":` + quote + `,"includes":{"tweets":[` + simpleTweet(idA, "1", "x") + "]}}\n",
			2, 1, 0,
			[]bool{false, true, false},
		},
		{
			"a poorer copy is not",
			`{"data":` + quote + `,"includes":{"tweets":[` + simpleTweet(idA, "1", "x") + "]}}\n" + tweets(quote),
			2, 1, 0,
			[]bool{false, false},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r, result := read(t, tc.content, Options{})
			c := result.Counts
			if c.Posts != tc.posts || c.Duplicates != tc.dups || c.Conflicts != tc.conflict {
				t.Errorf("got %+v", c)
			}
			var repeated []bool
			for _, p := range r.posts {
				repeated = append(repeated, p.GetRepeatedInFile())
			}
			diff(t, "repeated", repeated, tc.repeated)
		})
	}
}

func TestChannelIsToldAgainWhenItsNameChanges(t *testing.T) {
	line := func(id, name string) string {
		return fmt.Sprintf(`{"id":%q,"author_id":"1","created_at":"2020-05-01T12:00:00.000Z","text":"x","author":{"id":"1","username":%q},"__twarc":{}}`+"\n", id, name)
	}
	r, _ := read(t, line(idA, "one")+line(idB, "one")+line(idC, "two"), Options{})
	var names []string
	for _, c := range r.channels {
		names = append(names, c.GetName())
	}
	diff(t, "names", names, []string{"one", "two"})
}

func TestSeenAgainstAMap(t *testing.T) {
	var s seen
	want := map[uint64]uint32{}
	hash := uint64(0)
	for i := range 50_000 {
		// Every tenth hash repeats, and 0 is among them.
		if i%10 != 0 {
			hash = hashNumber(postSeed, uint64(i/3))
		} else if i%20 == 0 {
			hash = 0
		}
		value, known := s.slot(hash)
		key := max(hash, 1)
		old, ok := want[key]
		if known != ok || *value != old {
			t.Fatalf("step %d: got %d %v, want %d %v", i, *value, known, old, ok)
		}
		*value = uint32(i)
		want[key] = uint32(i)
	}
}
