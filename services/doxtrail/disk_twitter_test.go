package main

import (
	"crypto/rand"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/doxtrail/doxtrail/services/collector/twitter/fake"
)

// The same under a live collector of X: what the stream brings waits, and with room
// again all of it is in the tables, once.
func TestALiveCollectorOfXWaitsForRoomOnTheDisk(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, floor string
		leave       int64
		says        *regexp.Regexp
	}{
		{"nearly", "200000000", 100 << 20, regexp.MustCompile("the disk is nearly full; nothing more is taken in")},
		// Which of the servers meets it first is chance.
		{"wholly", "1", 0, regexp.MustCompile("the disk is nearly full|no space left on device|NOT_ENOUGH_SPACE")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newTwitter(t, fake.Options{}, quays(2)...)
			if !s.smallDisk() {
				t.Log("only root can have a small disk")
				return
			}
			s.write("doxtrail.yaml", "data: data\nkeys: keys\nmin_disk_free: "+tc.floor+"\n"+s.settings())
			up := s.begin(nil, "up")
			t.Cleanup(func() { _ = up.process.Kill() })
			s.eventually("X is listened to", func() bool { return s.fake.Streams() == 1 })
			posts := s.postEach(20)
			s.eventually("what the stream brings is rows", func() bool { return s.count("posts") == posts })
			s.fillBut(tc.leave)
			s.eventually("the log says that the disk is full", func() bool {
				posts += s.postEach(10)
				return tc.says.MatchString(up.stderr.String())
			})
			posts += s.postEach(20)
			s.eventually("status shows it as trouble", s.diskIsTrouble)
			if s.count("posts") == posts {
				t.Error("posts came in without room for them")
			}
			if n := strings.Count(up.stderr.String(), "the disk is nearly full"); n > 1 {
				t.Errorf("the log says it %d times\n%s", n, up.stderr.String())
			}
			if err := os.Remove(s.path("data/filler")); err != nil {
				t.Fatal(err)
			}
			s.eventually("all of it is rows", func() bool { return s.count("posts") == posts })
			_ = up.process.Signal(os.Interrupt)
			if r := up.wait(); r.code != exitDone || strings.Contains(r.stdout+r.stderr, "harbour-leaks") || strings.Contains(r.stdout+r.stderr, twitterToken) {
				t.Errorf("up ended with %d\n%s", r.code, r.stderr)
			}
		})
	}
}

// postEach posts so many posts that are looked for on each account, and says how many
// that are.
func (s *twitterStudy) postEach(n int) int {
	for range n {
		for _, handle := range s.handles {
			s.fake.Post(handle, "see https://harbour-leaks.example/card/7 "+rand.Text()+rand.Text())
		}
	}
	return n * len(s.handles)
}
