package store_test

import (
	"testing"

	"github.com/doxtrail/doxtrail/pkg/store/storetest"
)

func TestMigrate(t *testing.T) {
	s := storetest.New(t)
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
}
