package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/store"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// sealed is a locator of the tests: sealed under a data key, until a time.
type sealed struct {
	target, part, value, key string
	kind                     doxtrailv1.LocatorKind
	until                    int64
}

func (w *world) sealed(l sealed) {
	w.t.Helper()
	w.add(store.KindLocators, telegram, doxtrailv1.Locator_builder{
		TargetKey: w.key(l.target), Kind: l.kind.Enum(), PartKey: w.key(l.part), LocatorKeyId: w.key(l.key), Sealed: []byte(l.value), ExpiresAt: &l.until,
	}.Build())
}

func (w *world) dataKey(name string, until int64) {
	w.t.Helper()
	w.add(store.KindLocatorKeys, telegram, doxtrailv1.LocatorKey_builder{
		LocatorKeyId: w.key(name), Wrapped: []byte("wrapped " + name), CustodianKeyId: []byte("custodian"), ExpiresAt: proto.Int64(until),
	}.Build())
}

// located lists what is found of some targets.
func (w *world) located(targets ...string) (lines []string) {
	w.t.Helper()
	var keys []privacy.Key
	for _, name := range targets {
		keys = append(keys, privacy.Key(w.key(name)))
	}
	found, err := w.store.SealedLocators(w.t.Context(), keys)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, l := range found {
		lines = append(lines, w.named(fmt.Sprintf("%s %s %s, %q of %q, %d", l.Target, l.Kind, l.Sealed, l.Wrapped, l.Custodian, l.ExpiresAt.UnixMilli())))
	}
	return lines
}

const (
	ofPost    = doxtrailv1.LocatorKind_LOCATOR_KIND_POST
	ofChannel = doxtrailv1.LocatorKind_LOCATOR_KIND_CHANNEL
	ofURL     = doxtrailv1.LocatorKind_LOCATOR_KIND_URL
)

func TestLocatorsAreFoundWithTheirDataKeys(t *testing.T) {
	w := newWorld(t)
	w.dataKey("first", lasting)
	w.dataKey("second", lasting+1)
	w.sealed(sealed{target: "p1", value: "a", key: "first", kind: ofPost, until: lasting})
	w.sealed(sealed{target: "p1", value: "b", key: "second", kind: ofPost, until: lasting + 1})
	w.sealed(sealed{target: "p1", value: "c", key: "first", kind: ofPost, until: lasting})
	w.sealed(sealed{target: "c1", part: "name", value: "d", key: "first", kind: ofChannel, until: lasting})
	w.sealed(sealed{target: "c1", value: "e", key: "second", kind: ofChannel, until: lasting + 1})
	w.sealed(sealed{target: "card", part: "host 1", value: "f", key: "first", kind: ofURL, until: lasting + 1})
	w.sealed(sealed{target: "card", part: "host 2", value: "g", key: "first", kind: ofURL, until: lasting})
	w.sealed(sealed{target: "card", part: "host 2", value: "h", key: "lost", kind: ofURL, until: lasting + 1})
	w.sealed(sealed{target: "p2", value: "i", key: "first", kind: ofPost, until: lasting})
	w.insert()
	want := []string{
		`p1 post b, "wrapped second" of "custodian", 4070908800001`,
		`c1 channel e, "wrapped second" of "custodian", 4070908800001`,
		`c1 channel d, "wrapped first" of "custodian", 4070908800000`,
		`card url f, "wrapped first" of "custodian", 4070908800001`,
		`card url h, "" of "", 4070908800001`,
	}
	if diff := cmp.Diff(sorted(want), sorted(w.located("p1", "c1", "card", "nosuch"))); diff != "" {
		t.Errorf("located (-want +got):\n%s", diff)
	}
	if lines := w.located(); len(lines) != 0 {
		t.Errorf("nothing asked for gives %v", lines)
	}
}

func TestLocatorsOfOneTargetAreBounded(t *testing.T) {
	w := newWorld(t)
	for i := range store.MostParts + 20 {
		w.sealed(sealed{target: "card", part: fmt.Sprint("host ", i), value: "x", key: "first", kind: ofURL, until: lasting})
	}
	w.sealed(sealed{target: "card", value: "x", key: "first", kind: ofPost, until: lasting})
	w.insert()
	if n := len(w.located("card")); n != store.MostParts+1 {
		t.Errorf("%d locators, want %d", n, store.MostParts+1)
	}
	if found, err := w.store.SealedLocators(t.Context(), make([]privacy.Key, store.MostLocated)); err != nil || len(found) > 0 {
		t.Errorf("as many keys as there may be: %d locators, %v", len(found), err)
	}
	if _, err := w.store.SealedLocators(t.Context(), make([]privacy.Key, store.MostLocated+1)); !errors.Is(err, store.ErrManyKeys) {
		t.Errorf("a key too many: %v", err)
	}
}

// The engine takes away what is expired when it merges, and at once if told to.
func TestExpiredLocatorsGo(t *testing.T) {
	w := newWorld(t)
	const past = 1_580_483_045_678
	for _, table := range []string{"locators", "locator_keys"} { // or a merge may come first
		w.exec("SYSTEM STOP MERGES " + w.store.Tables() + "." + table)
	}
	w.dataKey("old", past)
	w.dataKey("new", lasting)
	w.sealed(sealed{target: "p1", value: "a", key: "old", kind: ofPost, until: past})
	w.sealed(sealed{target: "p2", value: "b", key: "new", kind: ofPost, until: lasting})
	w.insert()
	found, err := w.store.SealedLocators(t.Context(), []privacy.Key{privacy.Key(w.key("p1")), privacy.Key(w.key("p2"))})
	if err != nil || len(found) != 2 || !found[0].Expired(time.Now()) || found[1].Expired(time.Now()) {
		t.Errorf("before a merge: %d locators, %v", len(found), err)
	}
	for _, table := range []string{"locators", "locator_keys"} {
		name := w.store.Tables() + "." + table
		w.exec("SYSTEM START MERGES " + name)
		w.exec("OPTIMIZE TABLE " + name + " FINAL") //nolint:misspell // its name
	}
	var left strings.Builder
	sql := fmt.Sprintf("SELECT arrayJoin(arraySort(groupArray(left_key))) AS key FROM (SELECT target_key AS left_key FROM %[1]s.locators UNION ALL SELECT locator_key_id FROM %[1]s.locator_keys)", w.store.Tables())
	if err := w.store.Stream(t.Context(), &left, sql, nil, "tsv"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("key\nnew\np2", w.named(left.String())); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
}

func (w *world) exec(sql string) {
	w.t.Helper()
	if err := w.store.Exec(w.t.Context(), sql); err != nil {
		w.t.Fatal(err)
	}
}
