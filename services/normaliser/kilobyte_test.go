package normaliser

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/campaign"
	"github.com/doxtrail/doxtrail/pkg/cardlink"
	"github.com/doxtrail/doxtrail/pkg/privacy/kinds"
	"github.com/doxtrail/doxtrail/pkg/privacy/privacytest"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

const (
	// textBytes is the length of the texts, links left out.
	textBytes = 1000
	// usualNumbers is what stands beside words in posts of everyday.
	usualNumbers = "2019年8月31日晚上10時45分，太子站有300人被困，票價$12.50，第2頁。"
	// everyDetector marks signals beside the families of harbour.
	everyDetector = harbour + `
signals:
  bounty: [懸賞, 獎金, reward for, bounty on]
  call_to_action: [起底, 人肉, 廣傳, spread this, share widely]
`
)

// kilobytePosts are the posts of a load with texts of a kilobyte: chatter and the
// usual numbers, and on the posts with a card also a text with three or more kinds of
// labelled personal data.
func kilobytePosts(b *testing.B, n int) []*doxtrailv1.RawPost {
	b.Helper()
	cards := privacytest.NewTexts(1)
	chatter := ""
	posts := make([]*doxtrailv1.RawPost, 0, n)
	for _, record := range loadPosts(b, campaign.TelegramDesktop, n).records {
		post := &doxtrailv1.RawPost{}
		if err := proto.Unmarshal(record, post); err != nil {
			b.Fatal(err)
		}
		text := post.GetText()
		if strings.Contains(text, "://") || len(post.GetLinks()) > 0 {
			text += "\n" + cardText(cards)
		} else {
			chatter, text = text, text+"\n"+usualNumbers
		}
		for len(text) < textBytes && chatter != "" {
			text += "\n" + strings.ToValidUTF8(chatter[:min(len(chatter), textBytes-len(text))], "")
		}
		post.SetText(text)
		posts = append(posts, post)
	}
	return posts
}

// cardText is the next text with three kinds of personal data.
func cardText(texts *privacytest.Texts) string {
	for {
		text := texts.Next()
		found := map[doxtrailv1.PersonalDataKind]bool{}
		for _, span := range text.Spans {
			found[span.Kind] = true
		}
		if len(found) >= tellingKinds {
			return text.Text
		}
	}
}

// BenchmarkKilobyte prints what a post of a kilobyte costs with every detector on,
// all but opening RAW and publishing, and what each detector costs by itself on the
// same texts. `make bench-normaliser` runs it.
//
// Times are of the CPU, which other work on the machine lengthens least, and the
// lowest of some rounds, in which the parts take turns.
func BenchmarkKilobyte(b *testing.B) {
	const n, rounds = 10_000, 10
	posts := kilobytePosts(b, n)
	converters := make([]func(), runtime.GOMAXPROCS(0))
	for i := range converters {
		converters[i] = conversion(b, posts, true)
	}
	const whole, unlocated, decoding = 1, 2, 3
	parts := append([]part{
		{name: "cores", posts: n * len(converters), run: func() { together(converters) }},
		{name: "whole", posts: n, run: conversion(b, posts, true)},
		{name: "without locators", posts: n, run: conversion(b, posts, false)},
	}, detectors(b, posts)...)
	for b.Loop() {
		for range 1 + rounds { // buffers grow in the first
			for i := range parts {
				parts[i].measure(b)
			}
		}
	}
	rest := parts[unlocated].cost
	for _, p := range parts[decoding:] {
		rest = rest.minus(p.cost)
	}
	parts = append(parts, part{name: "locators", cost: parts[whole].minus(parts[unlocated].cost)}, part{name: "keys, rows, batches", cost: rest})
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%.0f posts/s\ton %d cores; %.0f if they did nothing else\n", parts[0].rate, len(converters), float64(len(converters))*1e6/parts[0].cpu)
	for _, p := range append(parts[whole:unlocated:unlocated], parts[decoding:]...) {
		fmt.Fprintf(w, "%s\t%.2f us\t%.2f allocs a post\n", p.name, p.cpu, p.allocs)
	}
	_ = w.Flush() // into memory
	b.Logf("%d posts of a kilobyte\n%s", n, strings.TrimSpace(table.String()))
	b.ReportMetric(parts[0].rate, "posts/s")
	b.ReportMetric(0, "ns/op")
}

// conversion gives what converts all records once, in deliveries of 500.
func conversion(b *testing.B, posts []*doxtrailv1.RawPost, withLocators bool) func() {
	b.Helper()
	records := make([][]byte, len(posts))
	for i, post := range posts {
		records[i] = encoded(b, post)
	}
	ring := testRing(b)
	c := newConverter(ring, effective(b, everyDetector), 500)
	if withLocators {
		c.locators = testLocators(b, ring)
	}
	out := newOutput(nil)
	const batch = 500
	return func() {
		for i, record := range records {
			if i%batch == 0 {
				c.forget()
				out.start(bus.LaneArchive)
			}
			if _, err := c.post(telegram, record, out); err != nil {
				panic(err) // a goroutine may not fail the benchmark
			}
		}
	}
}

// together runs each in a goroutine of its own and waits for all.
func together(all []func()) {
	var wait sync.WaitGroup
	for _, one := range all {
		wait.Go(one)
	}
	wait.Wait()
}

// detectors are the parts of a conversion that look at a post, each by itself.
func detectors(b *testing.B, posts []*doxtrailv1.RawPost) []part {
	b.Helper()
	c := newConverter(testRing(b), effective(b, everyDetector), 500)
	var links []cardlink.Link
	var spans []kinds.Span
	each := func(name string, detect func(post *doxtrailv1.RawPost)) part {
		return part{name: name, posts: len(posts), run: func() {
			for _, post := range posts {
				detect(post)
			}
		}}
	}
	next := 0
	records := make([][]byte, len(posts))
	for i, post := range posts {
		records[i] = encoded(b, post)
	}
	return []part{
		each("decode", func(*doxtrailv1.RawPost) {
			if err := decode(records[next%len(records)], &doxtrailv1.RawPost{}); err != nil {
				b.Fatal(err)
			}
			next++
		}),
		each("links", func(post *doxtrailv1.RawPost) {
			links = links[:0]
			for _, m := range post.GetLinks() {
				links = c.finder.Marked(links, m.GetUrl(), m.GetSource(), m.GetExpandedBy())
			}
			links = c.finder.Text(links, post.GetText())
		}),
		each("personal data", func(post *doxtrailv1.RawPost) {
			var err error
			if spans, err = c.recogniser.Find(spans[:0], post.GetText()); err != nil {
				b.Fatal(err)
			}
			kinds.Count(spans)
		}),
		each("signals", func(post *doxtrailv1.RawPost) { c.signals.Find(post.GetText()) }),
		each("text facts", func(post *doxtrailv1.RawPost) { factsOf(post.GetText()) }),
	}
}

// part is something that is measured, over posts of so many.
type part struct {
	name  string
	posts int
	run   func()
	cost
}

// cost is of one post: CPU in microseconds, allocations, and how many posts were done
// in a second of the clock; 0 before the first measurement.
type cost struct{ cpu, allocs, rate float64 }

func (c cost) minus(d cost) cost { return cost{cpu: c.cpu - d.cpu, allocs: c.allocs - d.allocs} }

// measure runs a part once and keeps the best figures so far.
func (p *part) measure(b *testing.B) {
	b.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began, cpu := time.Now(), cpuTime(b)
	p.run()
	cpu = cpuTime(b) - cpu
	took := time.Since(began)
	runtime.ReadMemStats(&after)
	n := float64(p.posts)
	now := cost{float64(cpu.Nanoseconds()) / 1e3 / n, float64(after.Mallocs-before.Mallocs) / n, n / took.Seconds()}
	if p.rate == 0 {
		p.cost = now
		return
	}
	p.cost = cost{min(p.cpu, now.cpu), min(p.allocs, now.allocs), max(p.rate, now.rate)}
}

func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
