package archive

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// shortReader gives a random part of what is asked for.
type shortReader struct {
	r    io.Reader
	rand *rand.Rand
	most int
}

func (s *shortReader) Read(p []byte) (int, error) {
	return s.r.Read(p[:min(len(p), 1+s.rand.IntN(s.most))])
}

// traps is a file of each format with something of everything in it.
func traps() []string {
	return []string{
		channelExport(plainMessage(1, `a "quoted" \ {text}`), `"stray \" string"`, `oops {"id": 1}`, plainMessage(1, "b"), plainMessage(2, strings.Repeat("long ", 300))),
		`{"about": "a \\", "chats": {"list": [{"type": "personal_chat", "id": 1, "messages": [` + plainMessage(1, `\\\"]}`) + `]}, {"type": "public_channel", "id": 2, "messages": [` + plainMessage(1, `\\\"]}`) + `, 5, ]}]}}`,
		oneLine(searchPage) + "{broken\n" + oneLine(flattenedLine) + oneLine(searchPage)[:300],
		searchPage,
		string(telegramExport(30)),
		string(twarcPages(1)),
	}
}

func TestShortReadsGiveTheSame(t *testing.T) {
	for i, content := range traps() {
		want, wantResult := read(t, content, Options{})
		for seed := range uint64(8) {
			source := memorySource([]byte(content))
			source.origin.(*memoryOrigin).wrap = func(r io.Reader) io.Reader {
				return &shortReader{r: r, rand: rand.New(rand.NewPCG(seed, 1)), most: 1 << (2 * seed)}
			}
			got := &recorder{}
			result, err := Read(context.Background(), source, Options{}, got)
			if err != nil {
				t.Fatal(err)
			}
			diff(t, "result", result, wantResult)
			diff(t, "posts", got.posts, want.posts)
			diff(t, "looks", got.looks, want.looks)
			if t.Failed() {
				t.Fatalf("content %d, seed %d", i, seed)
			}
		}
	}
}

// TestCountsAddUp damages files at random: whatever comes out, the counts are
// consistent and every post handed over is counted.
func TestCountsAddUp(t *testing.T) {
	files := traps()
	rapid.Check(t, func(rt *rapid.T) {
		content := []byte(rapid.SampledFrom(files).Draw(rt, "file"))
		for range rapid.IntRange(0, 5).Draw(rt, "damages") {
			at := rapid.IntRange(0, len(content)-1).Draw(rt, "at")
			switch rapid.IntRange(0, 3).Draw(rt, "damage") {
			case 0:
				content[at] = rapid.SampledFrom([]byte(`"\{}[],:x`+"\n\x00\xff")).Draw(rt, "byte")
			case 1:
				content = append(content[:at:at], content[min(len(content), at+rapid.IntRange(1, 40).Draw(rt, "cut")):]...)
			case 2:
				content = append(content[:at:at], append([]byte(`{"id":`), content[at:]...)...)
			case 3:
				content = content[:at+1]
			}
			if len(content) == 0 {
				return
			}
		}
		limit := rapid.SampledFrom([]int{0, 200, 1000}).Draw(rt, "limit")
		r := &recorder{}
		result, err := Read(context.Background(), memorySource(content), Options{maxRecord: limit}, r)
		if _, ok := errors.AsType[*Error](err); err != nil && !ok {
			rt.Fatal(err)
		}
		c := result.Counts
		if c.Records != c.Posts+c.NonPosts+c.Rejected+c.Duplicates || uint64(len(r.posts)) < c.Posts {
			rt.Fatalf("counts: %+v, %d handed over", c, len(r.posts))
		}
		if err == nil && c.Bytes != uint64(len(content)) {
			rt.Fatalf("read %d of %d bytes", c.Bytes, len(content))
		}
		checkCounts(rt, result)
		for i, n := range r.numbers {
			if n >= c.Records || i > 0 && n <= r.numbers[i-1] {
				rt.Fatalf("numbers: %v of %d", r.numbers, c.Records)
			}
		}
	})
}

func TestLongRecords(t *testing.T) {
	long := strings.Repeat("x", 5000)
	t.Run("a message", func(t *testing.T) {
		r, result := read(t, channelExport(plainMessage(1, "a"), plainMessage(2, long), plainMessage(3, "c")), Options{maxRecord: 1000})
		diff(t, "posts", r.ids(), []string{"1", "3"})
		diff(t, "faults", classes(result), []Class{ClassTooLong})
	})
	t.Run("a line", func(t *testing.T) {
		line := func(id, text string) string {
			return `{"data":` + simpleTweet(id, "1", text) + `,"meta":{}}` + "\n"
		}
		r, result := read(t, line(idA, "a")+line(idB, long)+line(idC, "c"), Options{maxRecord: 1000})
		diff(t, "posts", r.ids(), []string{idA, idC})
		diff(t, "faults", classes(result), []Class{ClassTooLong})
	})
	t.Run("beyond the buffer, unbuffered", func(t *testing.T) {
		far := strings.Repeat("x", 18<<20)
		r := &recorder{}
		source := memorySource([]byte(channelExport(plainMessage(1, "a"), plainMessage(2, far), plainMessage(3, "c"))))
		in := &intake{source: source, handler: r}
		if err := in.read(t.Context(), &counted{r: mustOpen(t, source), source: source}); err != nil {
			t.Fatal(err)
		}
		diff(t, "posts", r.ids(), []string{"1", "3"})
		if len(in.window.buf) > maxRecord+2*windowSize {
			t.Errorf("the buffer grew to %d bytes", len(in.window.buf))
		}
	})
}

func mustOpen(t *testing.T, s *Source) io.Reader {
	t.Helper()
	rc, err := s.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rc.Close() })
	return rc
}

func TestCapsOfOnePost(t *testing.T) {
	var entities strings.Builder
	for range maxLinks + 50 {
		entities.WriteString(`{"type": "text_link", "text": "你", "href": "https://cards.example/x"},`)
	}
	text := strings.Repeat("你", maxText/3)
	r, _ := read(t, textMessage(`"text_entities": [`+entities.String()+`{"type": "plain", "text": "`+text+`"}]`), Options{})
	p := r.posts[0]
	if len(p.GetLinks()) != maxLinks || len(p.GetText()) > maxText || strings.Contains(p.GetText(), "\uFFFD") || len(p.GetFlags()) != 1 {
		t.Errorf("%d links, %d bytes of text, flags %v", len(p.GetLinks()), len(p.GetText()), p.GetFlags())
	}
}

func TestUnreadableContent(t *testing.T) {
	for _, tc := range []struct {
		name, content string
		class         Class
	}{
		{"empty", "", ClassEmpty},
		{"white space", " \n\t", ClassEmpty},
		{"only a byte order mark", "\xef\xbb\xbf", ClassEmpty},
		{"a picture", "\x89PNG\r\n\x1a\nabc", ClassUnknownFormat},
		{"other JSON", `{"hello": 1}`, ClassUnknownFormat},
		{"a list of numbers in JSON", `[1, 2]`, ClassUnknownFormat},
		{"a browser capture", `{"nav_index": "1", "source_platform": "x.example", "data": {"text": "x"}}`, ClassUnknownFormat},
		{"a post of the older API", `{"created_at": "Wed Oct 10 20:19:24 +0000 2018", "id_str": "1", "author_id": "1"}`, ClassTwitter1},
		{"a chat export as a web page", "<!DOCTYPE html><html>", ClassHTML},
		{"utf-16", "\xff\xfe{\x00", ClassUTF16},
		{"ids", "1256194900000000000\r\n1256194900000000001\r\n", ClassIDList},
		{"a zip", "PK\x03\x04abc", ClassNestedZip},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := &recorder{}
			result, err := Read(t.Context(), memorySource([]byte(tc.content)), Options{}, r)
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Class != tc.class || e.Ordinal != 1 || result.Complete || len(r.looks) > 0 {
				t.Fatalf("got %v", err)
			}
			if !strings.HasPrefix(err.Error(), "read file 1 at byte 0: "+string(tc.class)) {
				t.Errorf("says %q", err)
			}
			diff(t, "faults", classes(result), []Class{tc.class})
		})
	}
}

func TestNamedFormat(t *testing.T) {
	for _, tc := range []struct {
		name, content string
		format        doxtrailv1.ArchiveFormat
		class         Class
	}{
		{"the right one", channelExport(plainMessage(1, "a")), formatTelegram, ""},
		{"the wrong one", channelExport(plainMessage(1, "a")), formatTwarc2, ClassOtherFormat},
		{"an empty file", "", formatTwarc2, ClassEmpty},
		{"not recognised", `{"data": {"author_id": "1", "id": "5"}}`, formatTwarc2, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			result, err := Read(t.Context(), memorySource([]byte(tc.content)), Options{Format: tc.format}, &recorder{})
			e, _ := errors.AsType[*Error](err)
			if (tc.class == "") != (e == nil) || e != nil && e.Class != tc.class {
				t.Errorf("got %v", err)
			}
			if tc.class == "" && result.Counts.Records != 1 {
				t.Errorf("got %+v", result.Counts)
			}
		})
	}
}

func TestErrorsAreHandedBack(t *testing.T) {
	stop := errors.New("stop")
	t.Run("of the handler", func(t *testing.T) {
		for _, content := range traps() {
			r := &recorder{err: stop}
			result, err := Read(t.Context(), memorySource([]byte(content)), Options{}, r)
			if !errors.Is(err, stop) || result.Complete || len(r.looks) != 1 {
				t.Errorf("got %v", err)
			}
		}
	})
	t.Run("of the context", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		result, err := Read(ctx, memorySource(telegramExport(1)), Options{}, &recorder{})
		if !errors.Is(err, context.Canceled) || result.Complete {
			t.Errorf("got %v", err)
		}
	})
	t.Run("of the disk", func(t *testing.T) {
		source := memorySource(telegramExport(2000))
		source.origin.(*memoryOrigin).wrap = func(r io.Reader) io.Reader {
			return io.MultiReader(io.LimitReader(r, 1<<20), iotest.ErrReader(stop))
		}
		r := &recorder{}
		result, err := Read(t.Context(), source, Options{}, r)
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Class != ClassUnreadable || result.Complete || len(r.posts) == 0 || result.Counts.Rejected != 0 {
			t.Errorf("got %v, %+v", err, result.Counts)
		}
	})
}

// TestNoContentInFaults: what a file says must not come out of errors.
func TestNoContentInFaults(t *testing.T) {
	const canary = "canary"
	for _, content := range []string{
		`{"canary": 1}`,
		channelExport(`{"id": "canary", "type": "message", "text": "canary"}`, `{"id": 1, "canary": canary}`, `canary`),
		"{\"data\":[{\"id\":\"1\",\"text\":\"canary\"}],\"meta\":{}}\n{\"canary\": canary}\n",
		"canary",
	} {
		result, err := Read(t.Context(), memorySource([]byte(content)), Options{}, &recorder{})
		all := ""
		if err != nil {
			all = err.Error()
		}
		for _, f := range result.Faults {
			all += f.String()
		}
		if all == "" || strings.Contains(all, canary) {
			t.Errorf("says %q", all)
		}
	}
}

func TestFileHash(t *testing.T) {
	content := telegramExport(3)
	want := sha256.Sum256(content)
	_, result := read(t, string(content), Options{})
	if result.FileHash != want {
		t.Error("hash of a file")
	}
	for source, err := range Open([]string{"-"}, bytes.NewReader(content)) {
		if err != nil {
			t.Fatal(err)
		}
		result, err := Read(t.Context(), source, Options{}, &recorder{})
		if err != nil || result.FileHash != want {
			t.Errorf("hash of a stream: %v", err)
		}
	}
}
