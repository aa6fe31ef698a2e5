package store_test

import (
	"encoding/binary"
	"syscall"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/embedded"
	"github.com/doxtrail/doxtrail/pkg/store"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// mixed spreads a counter over the bits of a key, as a keyed id would be.
func mixed(purpose string, n uint64) []byte {
	k := make([]byte, 16)
	x := n*0x9E3779B97F4A7C15 + uint64(len(purpose)) + uint64(purpose[0])<<32
	x ^= x >> 29
	x *= 0xBF58476D1CE4E5B9
	x ^= x >> 32
	binary.BigEndian.PutUint64(k, x)
	binary.BigEndian.PutUint64(k[8:], x*0x94D049BB133111EB+1)
	return k
}

func benchPost(n uint64) *doxtrailv1.Post {
	return doxtrailv1.Post_builder{
		PostKey: mixed("post", n), PostNoKey: mixed("no", n), ChannelKey: mixed("channel", n%40), AccountKey: mixed("account", n%4000),
		Kind: doxtrailv1.PostKind_POST_KIND_ORIGINAL.Enum(), PostedAt: proto.Int64(1_565_000_000_000 + int64(n)*60_000),
		PostedPrecisionS: proto.Uint32(1), CollectedAt: proto.Int64(1_600_000_000_000), Language: proto.String("zh"), Script: proto.String("Hant"),
		Length: proto.Uint32(320), TextFingerprint: mixed("fingerprint", n), Generation: proto.Uint64(1),
		Counters: doxtrailv1.Counters_builder{
			ViewCount: proto.Int64(int64(n % 9999)), ForwardCount: proto.Int64(int64(n % 77)), ReplyCount: proto.Int64(int64(n % 13)), Audience: proto.Int64(40_000),
		}.Build(),
	}.Build()
}

func benchLink(n uint64) *doxtrailv1.Link {
	return doxtrailv1.Link_builder{
		PostKey: mixed("post", n), ChannelKey: mixed("channel", n%40), PostedAt: proto.Int64(1_565_000_000_000 + int64(n)*60_000), PostedPrecisionS: proto.Uint32(1),
		HostKey: mixed("host", n%500), SiteKey: mixed("site", n%500), LabelKey: mixed("label", n%500), PathKey: mixed("path", n%5000), DirKey: mixed("dir", n%100),
		Depth: proto.Uint32(2), ExtensionClass: doxtrailv1.ExtensionClass_EXTENSION_CLASS_PAGE.Enum(), ExpandedBy: doxtrailv1.LinkExpansion_LINK_EXPANSION_NONE.Enum(),
		Role: doxtrailv1.LinkRole_LINK_ROLE_LINK.Enum(), Source: doxtrailv1.LinkSource_LINK_SOURCE_TEXT.Enum(), CanonVersion: proto.Uint32(1),
		Generation: proto.Uint64(1), PostKind: doxtrailv1.PostKind_POST_KIND_ORIGINAL.Enum(),
	}.Build()
}

// records encodes the posts from first on, and a link for every twentieth.
func benchRecords(b *testing.B, first, count uint64) (posts, links [][]byte) {
	b.Helper()
	for n := first; n < first+count; n++ {
		record, err := proto.Marshal(benchPost(n))
		if err != nil {
			b.Fatal(err)
		}
		posts = append(posts, record)
		if n%20 == 0 {
			if record, err = proto.Marshal(benchLink(n)); err != nil {
				b.Fatal(err)
			}
			links = append(links, record)
		}
	}
	return posts, links
}

func appendAll(b *testing.B, rows *store.Rows, posts, links [][]byte) {
	b.Helper()
	for _, record := range posts {
		if err := rows.Append(store.KindPosts, telegram, record); err != nil {
			b.Fatal(err)
		}
	}
	for _, record := range links {
		if err := rows.Append(store.KindLinks, telegram, record); err != nil {
			b.Fatal(err)
		}
	}
}

// cpuTime is what this process has used, the engine's threads included.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkAppend(b *testing.B) {
	const count = 50_000
	posts, links := benchRecords(b, 0, count)
	rows := store.NewRows()
	appendAll(b, rows, posts, links)
	b.ReportAllocs()
	for b.Loop() {
		rows.Reset()
		appendAll(b, rows, posts, links)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*count), "ns/post")
}

// BenchmarkInsert writes batches of 50,000 posts, a link with every twentieth,
// to an engine on the disk, as the recorder does.
func BenchmarkInsert(b *testing.B) {
	const count = 50_000
	server, err := embedded.StartClickHouse(b.Context(), embedded.ClickHouseConfig{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	end := server.Endpoint()
	s, err := store.Open(b.Context(), store.Config{URL: end.URL, User: end.User, Password: end.Password})
	if err != nil {
		b.Fatal(err)
	}
	if err := s.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	rows := store.NewRows()
	next := uint64(0)
	var cpu time.Duration
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		posts, links := benchRecords(b, next, count)
		next += count
		before := cpuTime(b)
		b.StartTimer()
		rows.Reset()
		appendAll(b, rows, posts, links)
		if err := s.Insert(b.Context(), rows); err != nil {
			b.Fatal(err)
		}
		cpu += cpuTime(b) - before
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*count), "ns/post")
	b.ReportMetric(float64(cpu.Nanoseconds())/float64(b.N*count), "cpu-ns/post")
	b.ReportMetric(float64(b.N*count)/b.Elapsed().Seconds(), "posts/s")
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	if err := server.Close(b.Context()); err != nil {
		b.Fatal(err)
	}
}
