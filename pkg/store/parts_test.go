package store_test

import (
	"testing"

	"github.com/doxtrail/doxtrail/pkg/store"
	"github.com/doxtrail/doxtrail/pkg/store/storetest"
)

func TestPartsAndTheirFsyncAreKnown(t *testing.T) {
	s := storetest.New(t)
	rows := store.NewRows()
	if err := rows.Append(store.KindPosts, telegram, encoded(t, benchPost(1))); err != nil {
		t.Fatal(err)
	}
	for range 3 { // merges may make less of them, never nothing
		if err := s.Insert(t.Context(), rows); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.MostParts(t.Context()); n < 1 || n > 3 || err != nil {
		t.Errorf("three inserts make %d parts: %v", n, err)
	}
	if n, err := s.Unsynced(t.Context()); n != 0 || err != nil {
		t.Errorf("%d tables are made without fsync: %v", n, err)
	}
	if err := s.Exec(t.Context(), "ALTER TABLE "+s.Tables()+".posts MODIFY SETTING fsync_after_insert = 0"); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Unsynced(t.Context()); n != 1 || err != nil {
		t.Errorf("%d tables are known to be without fsync, want 1: %v", n, err)
	}
}
