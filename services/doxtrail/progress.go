package main

import (
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/doxtrail/doxtrail/pkg/archive"
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
