package archive

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// checking asserts what must hold for every post, whatever the file.
type checking struct {
	t     *testing.T
	posts uint64
}

func (c *checking) Look(Look) error { return nil }

func (c *checking) Channel(channel *doxtrailv1.RawChannel) error {
	_, err := proto.Marshal(channel)
	return err
}

func (c *checking) Post(_ uint64, p *doxtrailv1.RawPost) error {
	c.posts++
	b, err := proto.Marshal(p)
	if err != nil {
		c.t.Errorf("marshal: %v", err)
	}
	if len(b) > 512<<10 {
		c.t.Errorf("a post of %d bytes", len(b))
	}
	if !p.HasChannelId() || p.GetPostId() == "" || p.GetPostedAt() <= 0 || !p.HasKind() || !p.HasChannelKind() {
		c.t.Error("a post without its identity")
	}
	return nil
}

func fuzzFormat(f *testing.F, format doxtrailv1.ArchiveFormat) {
	f.Helper()
	for _, content := range traps()[:4] {
		f.Add([]byte(content))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		c := &checking{t: t}
		options := Options{Format: format, Groups: true, Zone: time.UTC, maxRecord: 4 << 10}
		result, err := Read(context.Background(), memorySource(content), options, c)
		if e, ok := errors.AsType[*Error](err); err != nil && !ok {
			t.Fatal(err)
		} else if ok && strings.ContainsAny(e.Error(), "{}\"") {
			t.Errorf("content in an error: %v", e)
		}
		checkCounts(t, result)
		if c.posts < result.Counts.Posts {
			t.Errorf("%d posts handed over, counted %d", c.posts, result.Counts.Posts)
		}
	})
}

func FuzzTelegramDesktop(f *testing.F) { fuzzFormat(f, formatTelegram) }

func FuzzTwarc2(f *testing.F) { fuzzFormat(f, formatTwarc2) }

func FuzzSniff(f *testing.F) {
	for _, content := range traps()[:4] {
		f.Add([]byte(content), true)
	}
	f.Fuzz(func(t *testing.T, content []byte, whole bool) {
		if format, class := sniff(content, whole); (format == formatUnknown) == (class == "") {
			t.Errorf("got %v and %q", format, class)
		}
	})
}

// FuzzTweetReader also asserts that both readers of X's posts give the same.
func FuzzTweetReader(f *testing.F) {
	for _, body := range []string{
		wholeBody, renamed(wholeBody), searchPage, flattenedLine, `{"data":{"id":"12","te{"data":{"id":"13"}}`, "<html>",
		`{"errors":[{"disconnect_type":"ForceDisconnect"}]}`, `{"data":{"id":"1","username":"a","protected":true}}`,
	} {
		f.Add([]byte(strings.TrimSpace(oneLine(body))))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		page, err := NewTweetReader().Read(body, time.UnixMilli(readMillis))
		if e, ok := errors.AsType[*BodyError](err); err != nil && (!ok || e.Class == "" || strings.ContainsAny(e.Error(), "{}\"<")) {
			t.Errorf("content in an error: %v", err)
		}
		c := &checking{t: t}
		for _, list := range [][]TweetPost{page.Posts, page.Included} {
			for _, post := range list {
				_ = c.Post(0, post.Raw)
				if len(post.VersionIDs) == 0 || post.VersionIDs[0] != post.Raw.GetPostId() {
					t.Error("a post whose first version is not its identity")
				}
			}
		}
		if !strings.ContainsAny(string(body), "\r\n") {
			alike(t, string(body))
		}
	})
}
