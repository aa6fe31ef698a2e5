package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/doxtrail/doxtrail/pkg/store"
	"github.com/doxtrail/doxtrail/pkg/store/storetest"
)

func TestClassify(t *testing.T) {
	code := func(n int32) error {
		return fmt.Errorf("insert: %w", &clickhouse.Exception{Code: n})
	}
	for _, tc := range []struct {
		name string
		err  error
		want store.Class
	}{
		{"out of memory", code(241), store.Retry},
		{"too many parts", code(252), store.Retry},
		{"not migrated yet", code(60), store.Retry},
		{"wrong password", code(516), store.Retry},
		{"a code nobody knows", code(99999), store.Retry},
		{"no answer", errors.New("connection refused"), store.Retry},
		{"stopped by the caller", fmt.Errorf("insert: %w", context.Canceled), store.Retry},
		{"a type that does not fit", code(53), store.Permanent},
		{"a wrong statement", code(62), store.Permanent},
		{"a statement that is not allowed", code(497), store.Permanent},
		{"a constraint that does not hold", code(469), store.Permanent},
		{"a word that an enum has not", code(691), store.Permanent},
		{"a record that cannot be stored", fmt.Errorf("%w: posts", store.ErrBadRecord), store.Permanent},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := store.Classify(tc.err); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestOnlySomeRefusalsAreAboutTheStatement(t *testing.T) {
	for code, want := range map[int32]bool{16: true, 62: true, 497: true, 349: false, 469: false, 691: false, 60: false, 241: false} {
		if got := store.RefusesStatement(fmt.Errorf("insert: %w", &clickhouse.Exception{Code: code})); got != want {
			t.Errorf("code %d: %v", code, got)
		}
	}
	if store.RefusesStatement(store.ErrBadRecord) {
		t.Error("a bad record is taken for a wrong statement")
	}
}

func TestInsertErrorsCarryNoContent(t *testing.T) {
	s := storetest.Open(t, storetest.Config(t)) // not migrated
	rows := store.NewRows()
	if err := rows.Append(store.KindPosts, telegram, encoded(t, benchPost(1))); err != nil {
		t.Fatal(err)
	}
	err := s.Insert(t.Context(), rows)
	var failed *store.Error
	if !errors.As(err, &failed) || failed.Code == 0 {
		t.Fatalf("got %v, want a code of ClickHouse", err)
	}
	if store.Classify(err) != store.Retry {
		t.Errorf("class of %v: want retry, the provisioner may be late", err)
	}
	if strings.Contains(err.Error(), "zh") || strings.Contains(err.Error(), s.Tables()) {
		t.Errorf("error repeats ClickHouse's text: %v", err)
	}
	if rows.Len() != 1 {
		t.Error("the rows are gone with the error")
	}
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Insert(t.Context(), rows); err != nil {
		t.Errorf("the same rows once more: %v", err)
	}
}
