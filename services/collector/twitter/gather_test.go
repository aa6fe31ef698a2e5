package twitter

import (
	"io"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/archive"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// postOf is a post by its first version, of which X gives the last.
func postOf(original string, versions ...string) archive.TweetPost {
	author := "4711"
	return archive.TweetPost{
		Raw: doxtrailv1.RawPost_builder{PostId: &versions[0], ChannelId: &author}.Build(),
		ID:  versions[len(versions)-1], VersionIDs: versions, Original: original,
	}
}

func TestNothingIsPaidForWhatOthersQuoteOrAnswer(t *testing.T) {
	const match, repost, original, edit, quoted = "10", "20", "5", "7", "3"
	a := &app{known: load(t, newDrawer())}
	paid := func(want ...uint64) {
		t.Helper()
		var got []uint64
		for _, p := range a.known.after(0, 10, false) {
			got = append(got, p.ID)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("what is asked for again (-want +got):\n%s", diff)
		}
		lines, done := a.known.lines(a.known.newest())
		defer done()
		if text, err := io.ReadAll(lines); err != nil || string(text) != "3\n5\n10\n20\n" {
			t.Errorf("a job is asked about %q: %v", text, err)
		}
	}
	a.remember(&archive.TweetPage{
		Posts:    []archive.TweetPost{postOf("", match), postOf(edit, repost)}, // X refers to the last version
		Included: []archive.TweetPost{postOf("", quoted), postOf("", original, edit)},
	})
	paid(5, 10, 20)
	a.remember(&archive.TweetPage{Included: []archive.TweetPost{postOf("", match), postOf("", original, edit)}})
	paid(5, 10, 20) // once they matched, they did
	for name, list := range map[string]func(p archive.TweetPost){
		"found":  func(p archive.TweetPost) { a.remember(&archive.TweetPage{Posts: []archive.TweetPost{p}}) },
		"listed": func(p archive.TweetPost) { a.known.read(&p) },
	} {
		t.Run(name, func(t *testing.T) {
			id, _ := strconv.ParseUint(quoted, 10, 64)
			a.known.edit(id, func(p *knownPost) { p.Aside = true })
			if s := (&shares{app: a}); !s.fresh([]archive.TweetPost{postOf("", quoted)}) {
				t.Error("a post that is aside counts as listed before")
			}
			list(postOf("", quoted))
			if p, _ := a.known.get(id); p.Aside || p.Mark != markUp {
				t.Errorf("it is %+v", p)
			}
			paid(3, 5, 10, 20)
		})
	}
}
