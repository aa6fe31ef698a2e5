package archive

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/archive"
	"github.com/doxtrail/doxtrail/pkg/bus"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// channelExport is a Telegram export of one public channel.
func channelExport(channel int, messages ...string) string {
	return fmt.Sprintf(`{"name": "Invented", "type": "public_channel", "id": %d, "messages": [%s]}`, channel, strings.Join(messages, ",\n"))
}

// message is one of its posts.
func message(id int, text string) string {
	return fmt.Sprintf(`{"id": %d, "type": "message", "date_unixtime": "1588334400", "text": %q}`, id, text)
}

// pinned is one of its messages that is no post.
func pinned(id int) string {
	return fmt.Sprintf(`{"id": %d, "type": "service", "date_unixtime": "1588334400", "action": "pin_message", "text": ""}`, id)
}

// page is one line of twarc2: the answer to a search, with posts of these ids.
func page(query string, second int, ids ...int) string {
	posts := make([]string, 0, len(ids))
	for _, id := range ids {
		posts = append(posts, tweet(id, "an invented text"))
	}
	return fmt.Sprintf(`{"data": [%s], "__twarc": {"url": "https://api.x.example/2/tweets/search/all?query=%s", "version": "2.9.5", "retrieved_at": "2022-03-04T05:06:%02d+00:00"}}`+"\n",
		strings.Join(posts, ","), query, second)
}

func tweet(id int, text string) string {
	return fmt.Sprintf(`{"id": "12561950000000%05d", "author_id": "30", "created_at": "2020-05-01T12:30:00.000Z", "lang": "en", "text": %q}`, id, text)
}

// expected is one file as pkg/archive reads it.
type expected struct {
	id       [16]byte
	result   archive.Result
	broken   bool
	look     archive.Look
	posts    []*doxtrailv1.RawPost
	numbers  []uint64
	looks    []archive.Look // of each post
	channels []*doxtrailv1.RawChannel
	places   []archive.Look // each where it begins
	found    []bool         // whether a place has posts
}

func (e *expected) Look(look archive.Look) error {
	if n := len(e.places); n == 0 || e.look.Query != look.Query || e.look.ChannelID != look.ChannelID || e.look.Selection != look.Selection {
		e.places, e.found = append(e.places, look), append(e.found, false)
	} else {
		e.places[n-1].LookedAt = max(e.places[n-1].LookedAt, look.LookedAt)
	}
	e.look = look
	return nil
}

func (e *expected) Channel(channel *doxtrailv1.RawChannel) error {
	e.channels = append(e.channels, proto.CloneOf(channel))
	return nil
}

func (e *expected) Post(number uint64, post *doxtrailv1.RawPost) error {
	post = proto.CloneOf(post)
	post.SetRecord(number)
	first := number - number%stretch
	if n := len(e.numbers); n > 0 {
		first = max(first, e.numbers[n-1]+1)
	}
	if first < number {
		post.SetRecordCount(uint32(number + 1 - first))
	}
	e.posts, e.numbers, e.looks = append(e.posts, post), append(e.numbers, number), append(e.looks, e.look)
	e.found[len(e.found)-1] = true
	return nil
}

// expect reads files with pkg/archive alone.
func expect(t *testing.T, paths ...string) []*expected {
	t.Helper()
	var list []*expected
	for source, err := range archive.Open(paths, nil) {
		if err != nil {
			t.Fatal(err)
		}
		e := &expected{}
		e.result, err = archive.Read(context.Background(), source, archive.Options{}, e)
		e.broken = err != nil
		if e.id, err = source.ImportID(); err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
	}
	return list
}

// check compares what is on RAW of one file with what is expected.
func (e *expected) check(t *testing.T, ordinal int, label string, all []rawBatch) {
	t.Helper()
	of := map[bus.Kind][]rawBatch{}
	for _, b := range all {
		if !bytes.Equal(b.origin.GetImportId(), e.id[:]) {
			continue
		}
		of[b.subject.Kind] = append(of[b.subject.Kind], b)
		if b.subject.Lane != bus.LaneArchive || b.subject.Platform != e.result.Platform || b.origin.GetPlatform() != e.result.Platform ||
			b.origin.GetLeg() != doxtrailv1.Leg_LEG_ARCHIVE {
			t.Errorf("file %d: batch on %s with origin %v", ordinal, b.subject, b.origin)
		}
		if len(of[bus.KindImports]) > 0 && b.subject.Kind != bus.KindImports {
			t.Errorf("file %d: %s come after the import record", ordinal, b.subject.Kind)
		}
	}
	e.checkPosts(t, ordinal, of[bus.KindPosts])
	e.checkEmpty(t, ordinal, of[bus.KindCoverage])
	var channels []*doxtrailv1.RawChannel
	for _, b := range of[bus.KindChannels] {
		for _, record := range b.records {
			channels = append(channels, decoded[doxtrailv1.RawChannel](t, record))
		}
	}
	same(t, fmt.Sprintf("file %d: channels", ordinal), channels, e.channels)
	if ledger := of[bus.KindImports]; len(ledger) != 1 || len(of) > 4 {
		t.Errorf("file %d: %d import records, %d kinds", ordinal, len(ledger), len(of))
	} else {
		e.checkImport(t, ordinal, label, decoded[doxtrailv1.Import](t, ledger[0].records[0]))
	}
}

// checkPosts checks the batches of posts, which RAW may have in any order.
func (e *expected) checkPosts(t *testing.T, ordinal int, batches []rawBatch) {
	t.Helper()
	slices.SortFunc(batches, func(a, b rawBatch) int { return cmp.Compare(a.origin.GetFirstRecord(), b.origin.GetFirstRecord()) })
	var posts []*doxtrailv1.RawPost
	for _, b := range batches {
		first := b.origin.GetFirstRecord()
		end := first + b.origin.GetRecordCount()
		e.checkLook(t, len(posts), len(b.records), b.origin)
		var accounted uint64
		for _, record := range b.records {
			p := decoded[doxtrailv1.RawPost](t, record)
			posts = append(posts, p)
			accounted += uint64(max(p.GetRecordCount(), 1))
		}
		if last := posts[len(posts)-1].GetRecord(); accounted != b.origin.GetRecordCount() || last+1 != end || first/stretch != last/stretch {
			t.Errorf("file %d: a batch of %d to %d accounts for %d records up to %d", ordinal, first, end, accounted, last)
		}
	}
	same(t, fmt.Sprintf("file %d: posts", ordinal), posts, e.posts)
}

// checkEmpty checks the reports of places without a post.
func (e *expected) checkEmpty(t *testing.T, ordinal int, batches []rawBatch) {
	t.Helper()
	var want, got []*doxtrailv1.RawCoverage
	for i, look := range e.places {
		if e.found[i] || look.ChannelID+look.Query == "" {
			continue
		}
		m := doxtrailv1.RawCoverage_builder{
			State: doxtrailv1.CoverageState_COVERAGE_STATE_COMPLETE.Enum(), Selection: &look.Selection, FirstRecord: &look.First,
		}.Build()
		if look.ChannelID != "" {
			m.SetChannelId(look.ChannelID)
		} else {
			m.SetQuery(look.Query)
		}
		if look.LookedAt != 0 {
			m.SetLookedAt(look.LookedAt)
		}
		want = append(want, m)
	}
	for _, b := range batches {
		for _, record := range b.records {
			got = append(got, decoded[doxtrailv1.RawCoverage](t, record))
		}
	}
	same(t, fmt.Sprintf("file %d: places without a post", ordinal), got, want)
}

func same[M proto.Message](t *testing.T, what string, got, want []M) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: got %d, want %d", what, len(got), len(want))
		return
	}
	for i := range want {
		if !proto.Equal(got[i], want[i]) {
			t.Errorf("%s: number %d differs", what, i)
			return
		}
	}
}

// checkLook checks that a batch has posts of one place, and says which.
func (e *expected) checkLook(t *testing.T, from, n int, origin *doxtrailv1.BatchOrigin) {
	t.Helper()
	if from+n > len(e.looks) {
		return // counted elsewhere
	}
	first, lookedAt := e.looks[from], int64(0)
	for _, look := range e.looks[from : from+n] {
		lookedAt = max(lookedAt, look.LookedAt)
		if look.Selection != first.Selection || look.Query != first.Query || look.ChannelID != first.ChannelID {
			t.Error("a batch has posts of two places")
		}
	}
	if origin.GetSelection() != first.Selection || origin.GetQuery() != first.Query || origin.GetLookedAt() != lookedAt || origin.HasLookedAt() != (lookedAt != 0) {
		t.Errorf("a batch says %v, its posts were seen by %v until %d", origin, first, lookedAt)
	}
}

func (e *expected) checkImport(t *testing.T, ordinal int, label string, m *doxtrailv1.Import) {
	t.Helper()
	n := e.result.Counts
	o := uint32(ordinal)
	want := doxtrailv1.Import_builder{
		ImportId: e.id[:], FileHash: e.result.FileHash[:sha256.Size], FileOrdinal: &o, Label: &label,
		Format: &e.result.Format, Platform: &e.result.Platform, RecordCount: &n.Records, PostCount: &n.Posts,
		NonPostCount: &n.NonPosts, RejectedCount: &n.Rejected, DuplicateCount: &n.Duplicates, ConflictCount: &n.Conflicts,
		ByteCount: &n.Bytes, Complete: &e.result.Complete,
	}.Build()
	if !proto.Equal(m, want) {
		t.Errorf("file %d: import record %v, want %v", ordinal, m, want)
	}
}
