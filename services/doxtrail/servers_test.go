package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/campaign"
)

// A process that is killed while it makes the first stream leaves its folder
// without a description. The next one is not to take that for a store it cannot
// read; where there are messages, it is.
func TestAStreamThatWasHardlyBegunHidesNothing(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		left    map[string]string
		refused bool
	}{
		{map[string]string{"msgs/1.blk": ""}, false},
		{map[string]string{"meta.inf": `{"name":"RAW"}`}, false},
		{map[string]string{"msgs/1.blk": "messages of a stream without a description"}, true},
	} {
		s := newStudy(t, &campaign.Campaign{}, nil)
		s.write("doxtrail.yaml", "data: data\nkeys: keys\n")
		for name, content := range tc.left {
			path := s.path(filepath.Join("data/nats/jetstream/$G/streams/RAW", name))
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		r := s.run("status")
		if refused := r.code == exitFailed && strings.Contains(r.stderr, "new streams would hide what it holds"); refused != tc.refused || !refused && r.code != exitDone {
			t.Errorf("%v: exit %d\n%s", tc.left, r.code, r.stderr)
		}
	}
}
