package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/doxtrail/doxtrail/pkg/archive"
	archivecollector "github.com/doxtrail/doxtrail/services/collector/archive"
)

// progressEvery is how often the bar is drawn.
const progressEvery = 200 * time.Millisecond

// progress draws a bar with rate and time left for each file, if w is a
// terminal; elsewhere it draws nothing.
type progress struct {
	w    io.Writer
	draw bool

	mu     sync.Mutex
	bar    *progressbar.ProgressBar
	source *archive.Source
	stop   chan struct{}
	ended  sync.WaitGroup
	// continued are the files of which a part was a row before.
	continued map[int]bool
}

func newProgress(w io.Writer) *progress {
	f, ok := w.(*os.File)
	return &progress{w: w, draw: ok && term.IsTerminal(int(f.Fd()))}
}

// file starts the bar of the next file.
func (p *progress) file(source *archive.Source) {
	if !p.draw {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.finish()
	p.source = source
	p.bar = progressbar.NewOptions64(source.Size,
		progressbar.OptionSetWriter(p.w),
		progressbar.OptionSetDescription("file "+grouped(uint64(source.Ordinal))),
		progressbar.OptionShowBytes(true),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionThrottle(progressEvery),
		progressbar.OptionClearOnFinish(),
	)
	if p.stop == nil {
		p.stop = make(chan struct{})
		p.ended.Go(p.follow)
	}
}

// continuing says that a file was read before, up to a record.
func (p *progress) continuing(ordinal int, record uint64) {
	if p.continued == nil {
		p.continued = make(map[int]bool)
	}
	p.continued[ordinal] = true
	p.say(fmt.Sprintf("file %d was read before; continuing at record %s", ordinal, grouped(record)))
}

// readBefore says which files held nothing new.
func (p *progress) readBefore(sum archivecollector.Summary) {
	for _, f := range sum.Files {
		if f.Skipped > 0 && !p.continued[f.Ordinal] {
			p.say(fmt.Sprintf("file %d was read before", f.Ordinal))
		}
	}
}

// say writes a line above the bar.
func (p *progress) say(line string) {
	if !p.draw {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		_ = p.bar.Clear()
	}
	fmt.Fprintln(p.w, line)
}

// follow redraws the bar until done.
func (p *progress) follow() {
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-tick.C:
			p.mu.Lock()
			_ = p.bar.Set64(p.source.Consumed())
			p.mu.Unlock()
		}
	}
}

// finish closes the bar of the current file.
func (p *progress) finish() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}

// done ends the drawing.
func (p *progress) done() {
	if p.stop == nil {
		return
	}
	close(p.stop)
	p.ended.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.finish()
}
