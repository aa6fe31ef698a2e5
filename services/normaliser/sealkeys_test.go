package normaliser

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/service/servicetest"
)

// keysOfAge makes RAW keys that are so many hours old, in that order.
func keysOfAge(t *testing.T, ring *privacy.Ring, now time.Time, hours ...int) []privacy.PrivateKey {
	t.Helper()
	keys := make([]privacy.PrivateKey, 0, len(hours))
	for _, h := range hours {
		key, err := ring.CurrentRawKey(now.Add(-time.Duration(h) * time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
	}
	return keys
}

func ids(keys []privacy.PrivateKey) (out []string) {
	for _, k := range keys {
		out = append(out, k.ID())
	}
	return out
}

func TestAKeyIsOldWhenItsSuccessorHasBeenOutForADay(t *testing.T) {
	now := time.Now()
	tests := map[string]struct {
		hours []int
		old   int
	}{
		"no key":                                 {},
		"one key, however old":                   {hours: []int{1000}},
		"replaced an hour ago":                   {hours: []int{30, 1}},
		"replaced an hour ago after a long rest": {hours: []int{1000, 1}},
		"replaced more than a day ago":           {hours: []int{55, 26, 1}, old: 1},
		"several":                                {hours: []int{120, 90, 60, 30, 2}, old: 3},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			keys := keysOfAge(t, testRing(t), now, tc.hours...)
			if diff := cmp.Diff(replaced(keys, now), ids(keys[:tc.old])); diff != "" {
				t.Errorf("old keys (-got +want)\n%s", diff)
			}
		})
	}
}

func TestTodaysKeysArePublished(t *testing.T) {
	s := newStage(t)
	s.list(harbour)
	old := keysOfAge(t, s.ring, time.Now(), 30)[0]
	stop := servicetest.Background(t, s.service().Run)
	if err := AwaitApplied(within(t), s.server.Conn, 1); err != nil {
		t.Fatal(err)
	}
	published, err := s.server.Conn.PublicKeys(within(t))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := published.Raw(within(t))
	if err != nil {
		t.Fatal(err)
	}
	stored, err := s.ring.RawKeys()
	if err != nil {
		t.Fatal(err)
	}
	if raw.ID() == old.ID() || !slices.Contains(ids(stored), raw.ID()) {
		t.Error("the published key is yesterday's, or its private half is not in the ring")
	}
	failed, err := published.Failed(within(t))
	if err != nil {
		t.Fatal(err)
	}
	if want, err := s.ring.FailedKey(); err != nil || failed.ID() != want.ID() {
		t.Errorf("the published key of FAILED is not the ring's: %v", err)
	}
	stop()
	// The next start finds the key young enough.
	servicetest.Background(t, s.service().Run)
	s.put(bus.KindPosts, sightingPosts(1, 1)...)
	s.settled()
	if again, err := published.Raw(within(t)); err != nil || again.ID() != raw.ID() {
		t.Errorf("a restart changed the key: %v", err)
	}
}

func TestOldKeysAreDestroyedOnlyWhenNothingIsSealedWithThem(t *testing.T) {
	s := newStage(t)
	now := time.Now()
	keys := keysOfAge(t, s.ring, now, 144, 96, 48, 0)
	n := s.service()
	destroy := func(want int, left []privacy.PrivateKey) {
		t.Helper()
		if got, err := n.destroyKeys(within(t), now); err != nil || got != want {
			t.Errorf("destroyed %d keys, want %d: %v", got, want, err)
		}
		stored, err := s.ring.RawKeys()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(ids(stored), ids(left)); diff != "" {
			t.Errorf("keys left (-got +want)\n%s", diff)
		}
	}
	s.putSealed(keys[0].PublicKey(), bus.KindPosts, sightingPosts(1, 1)...)
	destroy(1, []privacy.PrivateKey{keys[0], keys[2], keys[3]})
	destroy(0, []privacy.PrivateKey{keys[0], keys[2], keys[3]})

	s.list(harbour)
	stop := servicetest.Background(t, s.service().Run)
	s.settled()
	stop()
	destroy(1, keys[2:])
	if got := len(without(s.rows(), bus.KindSites, bus.KindDecisions)); got == 0 {
		t.Error("the batch under the old key was not normalised")
	}

	ended, cancel := context.WithCancel(context.Background())
	cancel()
	keysOfAge(t, s.ring, now.Add(48*time.Hour), 0)
	if got, err := n.destroyKeys(ended, now.Add(100*time.Hour)); err == nil || got != 0 {
		t.Errorf("without the bus %d keys were destroyed: %v", got, err)
	}
}
