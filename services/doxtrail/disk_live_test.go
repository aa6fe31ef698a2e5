package main

import (
	"crypto/rand"
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
)

// A disk that fills up under a live collector: nearly, so that nothing more is
// taken in, and wholly, so that NATS refuses. The channels go on meanwhile, and
// with room again all of it is in the tables, once. Only root can have a file
// system of its own for it; other users see no disk fill up.
func TestALiveCollectorWaitsForRoomOnTheDisk(t *testing.T) {
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
			s := newLive(t, harbours(3)...)
			if !s.smallDisk() {
				t.Log("only root can have a small disk")
				return
			}
			s.write("doxtrail.yaml", "data: data\nkeys: keys\nmin_disk_free: "+tc.floor+"\n"+s.settings())
			posts := s.postEach(20)
			s.mustLogin()
			up := s.begin(nil, "up")
			t.Cleanup(func() { _ = up.process.Kill() })
			s.eventually("it collects", func() bool { return strings.Contains(up.stderr.String(), "msg=collecting") })
			s.eventually("the history is rows", func() bool { return len(s.rows().posts) == posts })
			s.fillBut(tc.leave)
			s.eventually("the log says that the disk is full", func() bool {
				posts += s.postEach(10)
				return tc.says.MatchString(up.stderr.String())
			})
			s.channels[0].EditText(3, "edited meanwhile")
			s.channels[1].Delete(4, 5)
			posts += s.postEach(20)
			s.eventually("status shows it as trouble", s.diskIsTrouble)
			if len(s.rows().posts) == posts {
				t.Error("posts came in without room for them")
			}
			if n := strings.Count(up.stderr.String(), "the disk is nearly full"); n > 1 {
				t.Errorf("the log says it %d times\n%s", n, up.stderr.String())
			}
			if err := os.Remove(s.path("data/filler")); err != nil {
				t.Fatal(err)
			}
			s.eventually("all of it is rows", func() bool { return s.complete() && len(s.rows().posts) == posts })
			_ = up.process.Signal(os.Interrupt)
			if r := up.wait(); r.code != exitDone {
				t.Errorf("up ended with %d\n%s", r.code, r.stderr)
			}
		})
	}
}

// postEach posts so many posts in each channel, and says how many that are.
func (s *liveStudy) postEach(n int) int {
	for range n {
		for _, c := range s.channels {
			c.Post(fake.Text("see https://harbour-leaks.example/card/7 " + rand.Text() + rand.Text()))
		}
	}
	return n * len(s.channels)
}

// diskIsTrouble says whether status does.
func (s *testStudy) diskIsTrouble() bool {
	s.t.Helper()
	var st status
	r := s.run("status", "--json")
	return json.Unmarshal([]byte(r.stdout), &st) == nil && slices.ContainsFunc(st.Troubles, func(t trouble) bool { return t.Check == "disk" })
}

// smallDisk gives the data folder a file system of its own, where that is allowed.
func (s *testStudy) smallDisk() bool {
	s.t.Helper()
	if err := os.Mkdir(s.path("data"), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if syscall.Mount("none", s.path("data"), "tmpfs", 0, "size=500m,mode=700") != nil {
		return false
	}
	s.t.Cleanup(func() { _ = syscall.Unmount(s.path("data"), syscall.MNT_DETACH) })
	return true
}

// fillBut leaves so many bytes of the data folder's file system.
func (s *testStudy) fillBut(leave int64) {
	s.t.Helper()
	var of syscall.Statfs_t
	if err := syscall.Statfs(s.path("data"), &of); err != nil {
		s.t.Fatal(err)
	}
	s.fill(int64(of.Bavail)*of.Bsize - leave)
}
