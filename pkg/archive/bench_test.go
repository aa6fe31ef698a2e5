package archive

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// discard takes records and forgets them.
type discard struct {
	posts   int
	marshal bool
	buf     []byte
}

func (d *discard) Look(Look) error                      { return nil }
func (d *discard) Channel(*doxtrailv1.RawChannel) error { return nil }
func (d *discard) Post(_ uint64, post *doxtrailv1.RawPost) error {
	d.posts++
	if d.marshal {
		buf, err := proto.MarshalOptions{}.MarshalAppend(d.buf[:0], post)
		d.buf = buf
		return err
	}
	return nil
}

// telegramExport builds an export of n messages of about a kilobyte each.
func telegramExport(n int) []byte {
	var b bytes.Buffer
	b.WriteString("{\n \"name\": \"Invented channel\",\n \"type\": \"public_channel\",\n \"id\": 1234567890,\n \"messages\": [\n")
	filler := strings.Repeat("這是一個虛構的句子。 ", 10)
	for i := range n {
		if i > 0 {
			b.WriteString(",\n")
		}
		url := fmt.Sprintf("https://cards%d.example/card/%d", i%14, i%500)
		fmt.Fprintf(&b, `  {
   "id": %d,
   "type": "message",
   "date": "2020-05-01T12:00:00",
   "date_unixtime": "%d",
   "from": "Invented channel",
   "from_id": "channel1234567890",
   "text": [
    "%s\n",
    {
     "type": "link",
     "text": "%s"
    },
    " end"
   ],
   "text_entities": [
    {
     "type": "plain",
     "text": "%s\n"
    },
    {
     "type": "link",
     "text": "%s"
    },
    {
     "type": "plain",
     "text": " end"
    }
   ]
  }`, i+1, 1588334400+i, filler, url, filler, url)
	}
	b.WriteString("\n ]\n}")
	return b.Bytes()
}

// twarcPages builds pages of a hundred posts of about a kilobyte each.
func twarcPages(pages int) []byte {
	var b bytes.Buffer
	id := uint64(1256000000000000000)
	for p := range pages {
		b.WriteString(`{"data": [`)
		for i := range 100 {
			if i > 0 {
				b.WriteString(", ")
			}
			id += 4194304
			fmt.Fprintf(&b, `{"author_id": "%d", "conversation_id": "%d", "created_at": "2020-05-01T12:00:00.000Z", `+
				`"entities": {"urls": [{"start": 10, "end": 33, "url": "https://t.co/a%d", "expanded_url": "https://cards%d.example/card/%d", "display_url": "cards.example/ca\u2026"}]}, `+
				`"id": "%d", "lang": "zh", "possibly_sensitive": false, `+
				`"public_metrics": {"retweet_count": 3, "reply_count": 1, "like_count": 9, "quote_count": 0}, `+
				`"reply_settings": "everyone", "source": "Twitter Web App", "edit_history_tweet_ids": ["%d"], "text": "%s https://t.co/a%d"}`,
				1000+i%50, id, i, i%14, i%500, id, id, strings.Repeat(`\u9019\u662f`, 30)+strings.Repeat("plain words ", 10), i)
		}
		b.WriteString(`], "includes": {"users": [`)
		for i := range 50 {
			if i > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(&b, `{"id": "%d", "username": "invented%d", "created_at": "2015-01-01T00:00:00.000Z", "public_metrics": {"followers_count": %d}}`, 1000+i, i, i*7)
		}
		fmt.Fprintf(&b, `]}, "meta": {"result_count": 100}, "__twarc": {"url": "https://api.twitter.example/2/tweets/search/all?query=x&next_token=%d", "version": "2.9.5", "retrieved_at": "2022-03-04T05:%02d:00+00:00"}}`+"\n", p, p%60)
	}
	return b.Bytes()
}

// memorySource serves bytes as a file.
func memorySource(content []byte) *Source {
	return &Source{Ordinal: 1, Size: int64(len(content)), origin: &memoryOrigin{content: content}}
}

func benchmarkRead(b *testing.B, content []byte, posts int, marshal bool) {
	b.Helper()
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	for b.Loop() {
		h := &discard{marshal: marshal}
		result, err := Read(context.Background(), memorySource(content), Options{}, h)
		if err != nil || h.posts != posts || !result.Complete {
			b.Fatal(err, h.posts, result.Faults)
		}
	}
	perPost := float64(b.Elapsed().Nanoseconds()) / float64(b.N) / float64(posts)
	b.ReportMetric(perPost, "ns/post")
	b.ReportMetric(1e9/perPost, "posts/s")
	b.ReportMetric(float64(len(content))/float64(posts), "bytes/post")
}

func BenchmarkTelegramDesktop(b *testing.B) {
	benchmarkRead(b, telegramExport(20000), 20000, false)
}

func BenchmarkTelegramDesktopMarshalled(b *testing.B) {
	benchmarkRead(b, telegramExport(20000), 20000, true)
}

func BenchmarkTwarc2(b *testing.B) { benchmarkRead(b, twarcPages(200), 20000, false) }

func BenchmarkTwarc2Marshalled(b *testing.B) { benchmarkRead(b, twarcPages(200), 20000, true) }

// The reader of live bodies reads what the reader of archives reads.
func BenchmarkTweetReader(b *testing.B) {
	content := twarcPages(200)
	bodies := bytes.Split(bytes.TrimSpace(content), []byte("\n"))
	reader := NewTweetReader()
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	for b.Loop() {
		posts := 0
		for _, body := range bodies {
			page, err := reader.Read(body, time.UnixMilli(1))
			if err != nil {
				b.Fatal(err)
			}
			posts += len(page.Posts)
		}
		if posts != 20000 {
			b.Fatal(posts)
		}
	}
	perPost := float64(b.Elapsed().Nanoseconds()) / float64(b.N) / 20000
	b.ReportMetric(perPost, "ns/post")
	b.ReportMetric(1e9/perPost, "posts/s")
}
