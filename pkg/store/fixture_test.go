package store_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/store"
	"github.com/doxtrail/doxtrail/pkg/store/storetest"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// The platforms by short names, to keep tables of rows readable.
const (
	telegram = doxtrailv1.Platform_PLATFORM_TELEGRAM
	twitter  = doxtrailv1.Platform_PLATFORM_TWITTER
	web      = doxtrailv1.Platform_PLATFORM_WEB
)

// world is a store that is filled by hand. Keys have names: what a name was
// given for stands in results instead of the key.
type world struct {
	t      *testing.T
	store  *store.Store
	rows   *store.Rows
	byName map[string][]byte
	names  []string // uuid text, name, uuid text, name, ...
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, store: storetest.New(t), rows: store.NewRows(), byName: map[string][]byte{}}
	if err := w.store.SetAccountsOfX(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	return w
}

// key makes the key of a name, or gives it again.
func (w *world) key(name string) []byte {
	if k, ok := w.byName[name]; ok || name == "" {
		return k
	}
	k := make([]byte, 16)
	copy(k, "key:")
	binary.BigEndian.PutUint32(k[4:], uint32(len(w.byName)+1))
	binary.BigEndian.PutUint32(k[12:], uint32(len(w.byName)+1))
	w.byName[name] = k
	w.names = append(w.names, uuidText(k), name)
	return k
}

func uuidText(k []byte) string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", k[:4], k[4:6], k[6:8], k[8:10], k[10:])
}

func (w *world) add(kind store.Kind, platform doxtrailv1.Platform, m proto.Message) {
	w.t.Helper()
	record, err := proto.Marshal(m)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.rows.Append(kind, platform, record); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) insert() {
	w.t.Helper()
	if err := w.store.Insert(w.t.Context(), w.rows); err != nil {
		w.t.Fatal(err)
	}
	w.rows.Reset()
}

// query runs a named question and gives its result as tab-separated lines
// without the heading, with names for keys.
func (w *world) query(name string, params map[string]string) string {
	w.t.Helper()
	var b bytes.Buffer
	if err := w.store.StreamQuery(w.t.Context(), &b, name, params, "tsv"); err != nil {
		w.t.Fatalf("%s: %v", name, err)
	}
	_, body, _ := strings.Cut(b.String(), "\n")
	return w.named(body)
}

func (w *world) named(text string) string {
	text = strings.NewReplacer(append(w.names, ".000Z", "Z", "\t", " ", `\N`, "-")...).Replace(text)
	return strings.TrimSuffix(text, "\n")
}

// at reads a time as "01-31 15:04:05" of the year 2020.
func at(t *testing.T, text string) int64 {
	t.Helper()
	v, err := time.Parse("2006-01-02 15:04:05", "2020-"+text)
	if err != nil {
		t.Fatal(err)
	}
	return v.UnixMilli()
}

func sorted(s []string) []string {
	s = slices.Clone(s)
	slices.Sort(s)
	return s
}
