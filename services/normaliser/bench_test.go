package normaliser

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/archive"
	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/campaign"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// encodedPosts takes what a reader finds as a collector puts it into a batch.
type encodedPosts struct {
	platform doxtrailv1.Platform
	records  [][]byte
}

func (e *encodedPosts) Look(look archive.Look) error       { e.platform = look.Platform; return nil }
func (*encodedPosts) Channel(*doxtrailv1.RawChannel) error { return nil }
func (e *encodedPosts) Post(_ uint64, p *doxtrailv1.RawPost) error {
	record, err := proto.Marshal(p)
	e.records = append(e.records, record)
	return err
}

// loadPosts reads posts of about a kilobyte, five in a hundred with a card,
// from an archive of a format.
func loadPosts(b *testing.B, format campaign.Format, n int) *encodedPosts {
	b.Helper()
	path := filepath.Join(b.TempDir(), "archive")
	file, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := campaign.Load(file, format, n, 1); err != nil {
		b.Fatal(err)
	}
	if err := file.Close(); err != nil {
		b.Fatal(err)
	}
	posts := &encodedPosts{}
	for source, err := range archive.Open([]string{path}, nil) {
		if err != nil {
			b.Fatal(err)
		}
		if _, err := archive.Read(context.Background(), source, archive.Options{}, posts); err != nil {
			b.Fatal(err)
		}
	}
	if len(posts.records) != n {
		b.Fatalf("read %d posts, want %d", len(posts.records), n)
	}
	return posts
}

// BenchmarkPosts is what the normaliser does for a post but opening RAW and
// publishing: decode, find links, make keys, encode the rows, pack batches.
func BenchmarkPosts(b *testing.B) {
	const n, batch = 20_000, 500
	for _, format := range []campaign.Format{campaign.TelegramDesktop, campaign.Twarc2} {
		b.Run(string(format), func(b *testing.B) {
			posts := loadPosts(b, format, n)
			ring := testRing(b)
			c := newConverter(ring, effective(b, harbour), 500)
			c.locators = testLocators(b, ring)
			out := newOutput(nil)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for b.Loop() {
				for i, record := range posts.records {
					if i%batch == 0 {
						c.forget()
						out.start(bus.LaneArchive)
					}
					if _, err := c.post(posts.platform, record, out); err != nil {
						b.Fatal(err)
					}
				}
			}
			runtime.ReadMemStats(&after)
			total := float64(b.N) * n
			b.ReportMetric(float64(b.Elapsed().Microseconds())/total, "us/post")
			b.ReportMetric(float64(after.Mallocs-before.Mallocs)/total, "allocs/post")
			b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/total, "B/post")
		})
	}
}
