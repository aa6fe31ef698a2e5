package store_test

import (
	"testing"

	"github.com/doxtrail/doxtrail/pkg/store"
	"github.com/doxtrail/doxtrail/pkg/store/storetest"
)

func TestPartsAndTheirFsyncAreKnown(t *testing.T) {
	s := storetest.New(t)
	if n, err := s.MostParts(t.Context()); n != 0 || err != nil {
		t.Errorf("an empty store has %d parts: %v", n, err)
	}
	rows := store.NewRows()
	if err := rows.Append(store.KindPosts, telegram, encoded(t, benchPost(1))); err != nil {
		t.Fatal(err)
	}
	if err := s.Insert(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
	if n, err := s.MostParts(t.Context()); n != 1 || err != nil {
		t.Errorf("one insert makes %d parts: %v", n, err)
	}
	if n, err := s.Unsynced(t.Context()); n != 0 || err != nil {
		t.Errorf("%d tables are made without fsync: %v", n, err)
	}
}
