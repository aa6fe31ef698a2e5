package main

import (
	"encoding/json"
	"os"
	"strings"
	"syscall"
	"testing"
)

// TestAnImportWaitsForRoomOnTheDisk fills the data folder's file system but for
// a little, and makes room again. Only root can have a file system of its own
// for it; other users fill nothing and see that the import waits.
func TestAnImportWaitsForRoomOnTheDisk(t *testing.T) {
	t.Parallel()
	c := smallCampaign(97)
	s := newStudy(t, c, c.Sites())
	if err := os.Mkdir(s.path("data"), 0o700); err != nil {
		t.Fatal(err)
	}
	floor, own := "1000000000000000", false
	if syscall.Mount("none", s.path("data"), "tmpfs", 0, "size=400m,mode=700") == nil {
		t.Cleanup(func() { _ = syscall.Unmount(s.path("data"), syscall.MNT_DETACH) })
		floor, own = "250000000", true
	}
	s.write("doxtrail.yaml", "watchlist: watchlist.yaml\ndata: data\nkeys: keys\nmin_disk_free: "+floor+"\n")
	if own {
		s.fill(200 << 20)
	}
	importing := s.begin(nil, "import", "--json", "archives")
	s.eventually("the import says that it waits", func() bool {
		return strings.Contains(importing.stderr.String(), "waiting: the disk is nearly full; ")
	})
	if !own {
		_ = importing.process.Signal(os.Interrupt)
		if r := importing.wait(); r.code != exitFailed {
			t.Errorf("the import ended with %d\n%s", r.code, r.stderr)
		}
		return
	}
	var st status
	if err := json.Unmarshal([]byte(s.must("status", "--json")), &st); err != nil {
		t.Fatal(err)
	}
	if !st.DiskLow || len(st.Troubles) != 1 || st.Troubles[0].Check != "disk" {
		t.Errorf("status --json: %+v", st)
	}
	if err := os.Remove(s.path("data/filler")); err != nil {
		t.Fatal(err)
	}
	r := importing.wait()
	var figures imported
	if err := json.Unmarshal([]byte(r.stdout), &figures); err != nil {
		t.Fatalf("import ended with %d: %v\n%s", r.code, err, r.stderr)
	}
	if !strings.Contains(r.stderr, "going on: there is room on the disk again") || s.count("posts") != c.Truth(c.Sites()).Posts {
		t.Errorf("%d posts\n%s", s.count("posts"), r.stderr)
	}
}

// fill takes so many bytes of the data folder's file system.
func (s *testStudy) fill(bytes int64) {
	s.t.Helper()
	f, err := os.OpenFile(s.path("data/filler"), os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		err = syscall.Fallocate(int(f.Fd()), 0, 0, bytes)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		s.t.Fatal(err)
	}
}
