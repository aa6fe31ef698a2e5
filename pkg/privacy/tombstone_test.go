package privacy_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/privacy"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// keyNo is the nth key of a test.
func keyNo(n byte) privacy.Key { return privacy.Key{0: 1, privacy.KeySize - 1: n} }

func openTombstones(t *testing.T, dir string) *privacy.Tombstones {
	t.Helper()
	file, err := privacy.OpenTombstones(dir)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// has says which of the first hundred keys a file knows.
func has(t *testing.T, file *privacy.Tombstones) (known []int) {
	t.Helper()
	set, err := file.Current()
	if err != nil {
		t.Fatal(err)
	}
	for n := range 100 {
		if set.Has(keyNo(byte(n))) {
			known = append(known, n)
		}
	}
	return known
}

func TestTombstonesAreKeptAndSeenByOthers(t *testing.T) {
	dir := t.TempDir()
	ours, theirs := openTombstones(t, dir), openTombstones(t, dir)
	if set, err := ours.Current(); err != nil || !set.Empty() || set.Has(keyNo(1)) {
		t.Errorf("a folder without the file: %v", err)
	}
	list := []privacy.Tombstone{
		{Target: keyNo(1)}, {Target: keyNo(1), Part: keyNo(2)}, {Target: keyNo(3), Path: keyNo(4), Site: keyNo(5)},
	}
	for _, again := range [][]privacy.Tombstone{list, list, {{}, {Target: keyNo(6)}, list[0]}} {
		if err := ours.Append(again); err != nil {
			t.Fatal(err)
		}
	}
	all, err := theirs.All()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(append(slices.Clone(list), privacy.Tombstone{Target: keyNo(6)}), all); diff != "" {
		t.Errorf("the file (-want +got):\n%s", diff)
	}
	for _, file := range []*privacy.Tombstones{ours, theirs, openTombstones(t, dir)} {
		if known := has(t, file); !slices.Equal(known, []int{1, 2, 3, 6}) {
			t.Errorf("known are %v", known)
		}
	}
	path := filepath.Join(dir, privacy.TombstonesName)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if known := has(t, ours); len(known) != 4 {
		t.Errorf("a file that is gone takes back what was erased: %v", known)
	}
}

func TestManyAppendAtOnce(t *testing.T) {
	dir := t.TempDir()
	watching := openTombstones(t, dir)
	var wg sync.WaitGroup
	for n := range 20 {
		wg.Go(func() {
			file, err := privacy.OpenTombstones(dir)
			if err == nil {
				err = file.Append([]privacy.Tombstone{{Target: keyNo(byte(n))}, {Target: keyNo(byte(n)), Part: keyNo(byte(n + 40))}})
			}
			if err != nil {
				t.Error(err)
			}
			if _, err := watching.Current(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if known := has(t, watching); len(known) != 40 {
		t.Errorf("%d are known", len(known))
	}
}

// A process may be killed in the middle of a line.
func TestALineWithoutItsEndIsNone(t *testing.T) {
	whole := string(privacy.FormatTombstones([]privacy.Tombstone{{Target: keyNo(1)}, {Target: keyNo(2), Part: keyNo(3)}}))
	first := strings.IndexByte(whole, '\n') + 1
	for cut := range len(whole) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, privacy.TombstonesName), []byte(whole[:cut]), 0o600); err != nil {
			t.Fatal(err)
		}
		file := openTombstones(t, dir)
		want := []int{7}
		if cut >= first {
			want = []int{1, 7}
		}
		if known := has(t, file); len(known) != len(want)-1 {
			t.Fatalf("cut at %d: known are %v", cut, known)
		}
		if err := file.Append([]privacy.Tombstone{{Target: keyNo(7)}}); err != nil {
			t.Fatal(err)
		}
		if known := has(t, file); !slices.Equal(known, want) {
			t.Fatalf("cut at %d, then one more: known are %v", cut, known)
		}
		if known := has(t, openTombstones(t, dir)); !slices.Equal(known, want) {
			t.Fatalf("cut at %d, then one more: another knows %v", cut, known)
		}
	}
}

func TestDamagedTombstonesAreNotBelieved(t *testing.T) {
	good := privacy.FormatTombstones([]privacy.Tombstone{{Target: keyNo(1)}})
	for _, line := range []string{
		"erased\n", "erased nonsense\n", "gone " + keyNo(1).String() + "\n", "part " + keyNo(1).String() + "\n", "\n",
		"erased " + privacy.Key{}.String() + "\n", strings.TrimSuffix(string(good), "\n") + " more\n", strings.Repeat("x", 4<<10),
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, privacy.TombstonesName)
		if err := os.WriteFile(path, append(bytes.Clone(good), line...), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := privacy.OpenTombstones(dir)
		if !errors.Is(err, privacy.ErrTombstones) {
			t.Errorf("%.20q is read: %v", line, err)
		}
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, privacy.TombstonesName), good, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := privacy.OpenTombstones(dir); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a file that others may read: %v", err)
	}
}

func FuzzTombstones(f *testing.F) {
	f.Add([]byte("erased " + keyNo(1).String() + "\npart " + keyNo(1).String() + " " + keyNo(2).String() + "\n"))
	f.Add([]byte("page x"))
	f.Fuzz(func(t *testing.T, text []byte) {
		list, err := privacy.ParseTombstones(text)
		if err != nil {
			return
		}
		if again := privacy.FormatTombstones(list); !strings.EqualFold(string(again), string(text)) {
			t.Errorf("read and written again it is other")
		}
	})
}

// judged is the set of the table below: a post 1, of it an item 2, a channel 3, an
// account 4, and a card 5 with the path 6 at the site 7.
func judged() *privacy.TombstoneSet {
	return privacy.NewTombstoneSet([]privacy.Tombstone{
		{Target: keyNo(1)}, {Target: keyNo(1), Part: keyNo(2)}, {Target: keyNo(3)}, {Target: keyNo(4)}, {Target: keyNo(5), Path: keyNo(6), Site: keyNo(7)},
	})
}

func TestRecordsAreJudgedByTheKeysThatTheyHold(t *testing.T) {
	k := func(n byte) []byte { return keyNo(n).Bytes() }
	link := func(host, site, path byte) proto.Message {
		return doxtrailv1.Link_builder{PostKey: k(50), ChannelKey: k(51), HostKey: k(host), SiteKey: k(site), PathKey: k(path), Depth: proto.Uint32(1)}.Build()
	}
	for _, tc := range []struct {
		kind   string
		record proto.Message
		want   privacy.Verdict
	}{
		{"posts", doxtrailv1.Post_builder{PostKey: k(1), ChannelKey: k(51)}.Build(), privacy.Goes},
		{"posts", doxtrailv1.Post_builder{PostKey: k(50), ChannelKey: k(3)}.Build(), privacy.Goes},
		{"posts", doxtrailv1.Post_builder{PostKey: k(50), ChannelKey: k(51), AccountKey: k(4)}.Build(), privacy.Goes},
		{"posts", doxtrailv1.Post_builder{PostKey: k(50), ChannelKey: k(51), ItemKeys: [][]byte{k(52), k(2)}}.Build(), privacy.Goes},
		{"posts", doxtrailv1.Post_builder{PostKey: k(50), ChannelKey: k(51), PostNoKey: k(1), Length: proto.Uint32(9)}.Build(), privacy.Stays},
		{"links", doxtrailv1.Link_builder{PostKey: k(1)}.Build(), privacy.Goes},
		{"links", link(60, 7, 6), privacy.Goes},
		{"links", link(7, 61, 6), privacy.Goes},
		{"links", link(60, 61, 6), privacy.Unsure},
		{"links", link(60, 7, 62), privacy.Stays},
		{"shares", doxtrailv1.Share_builder{PostKey: k(50), SourceChannelKey: k(3)}.Build(), privacy.Goes},
		{"shares", doxtrailv1.Share_builder{PostKey: k(50), SourcePostKey: k(2)}.Build(), privacy.Goes},
		{"shares", doxtrailv1.Share_builder{PostKey: k(50), SourceChannelKey: k(51)}.Build(), privacy.Stays},
		{"observations", doxtrailv1.Observation_builder{ChannelKey: k(3)}.Build(), privacy.Goes},
		{"channels", doxtrailv1.Channel_builder{ChannelKey: k(3)}.Build(), privacy.Goes},
		{"locators", doxtrailv1.Locator_builder{TargetKey: k(2)}.Build(), privacy.Goes},
		{"locators", doxtrailv1.Locator_builder{TargetKey: k(6)}.Build(), privacy.Goes},
		{"locators", doxtrailv1.Locator_builder{TargetKey: k(50)}.Build(), privacy.Stays},
		{"coverage", doxtrailv1.Coverage_builder{ChannelKey: k(3)}.Build(), privacy.Stays},
		{"decisions", doxtrailv1.Decision_builder{TargetKey: k(3)}.Build(), privacy.Stays},
	} {
		record, err := proto.Marshal(tc.record)
		if err != nil {
			t.Fatal(err)
		}
		if got := judged().Judge(tc.kind, record); got != tc.want {
			t.Errorf("%s %v: verdict %d, want %d", tc.kind, tc.record, got, tc.want)
		}
		if got := (&privacy.TombstoneSet{}).Judge(tc.kind, record); got != privacy.Stays {
			t.Errorf("%s: nothing was erased, and the verdict is %d", tc.kind, got)
		}
	}
}

func FuzzJudge(f *testing.F) {
	record, err := proto.Marshal(doxtrailv1.Link_builder{HostKey: keyNo(7).Bytes(), PathKey: keyNo(6).Bytes()}.Build())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(record)
	set := judged()
	f.Fuzz(func(_ *testing.T, record []byte) { set.Judge("links", record) }) // it must end, and not panic
}

func TestReceiptsAreSignedByOneKeyOfTheRing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	ring, err := privacy.CreateRing(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ring.PresentReceiptKey(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before the first receipt there is a key: %v", err)
	}
	key, err := ring.ReceiptKey(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if shown := fmt.Sprintf("%v %+v %#v %s", key, key, key, key); strings.Count(shown, "[redacted]") != 4 {
		t.Errorf("a key is shown as %s", shown)
	}
	public, err := key.PublicPEM()
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode([]byte(public))
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil || !ed25519.Verify(parsed.(ed25519.PublicKey), []byte("text"), key.Sign([]byte("text"))) {
		t.Errorf("a signature does not fit: %v", err)
	}

	// It is the same ever after, and comes back with the ring.
	var backup bytes.Buffer
	if err := ring.WriteBackup(&backup, "four invented test words", time.Now()); err != nil {
		t.Fatal(err)
	}
	opened, err := privacy.ReadBackup(&backup, "four invented test words")
	if err != nil {
		t.Fatal(err)
	}
	restored, err := opened.Restore(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	for _, ring := range []*privacy.Ring{ring, restored} {
		if again, err := ring.ReceiptKey(time.Now()); err != nil || again.ID() != key.ID() {
			t.Errorf("another key: %v", err)
		}
	}
}
