// Package shortlinktest stands in for the shorteners of the world in the tests of
// collectors: a redirect.Client dials nothing on this machine, and is tested with
// servers of its own.
package shortlinktest

import (
	"context"
	"slices"
	"sync"

	"github.com/doxtrail/doxtrail/pkg/redirect"
	"github.com/doxtrail/doxtrail/pkg/redirect/shortlink"
)

// World answers what short links lead to. Make it with [New]; it is safe for
// concurrent use.
type World struct {
	mu      sync.Mutex
	cfg     redirect.Config
	results map[string]redirect.Result
	begun   int
	asked   []string
	hold    chan struct{}
}

// New returns a World that answers with the results of links; of any other link it
// knows nothing.
func New(results map[string]redirect.Result) *World {
	w := &World{results: results, hold: make(chan struct{})}
	close(w.hold)
	return w
}

// Resolved is the result of a link that leads somewhere.
func Resolved(url string) redirect.Result {
	return redirect.Result{URL: url, Outcome: redirect.Resolved, Hops: 1}
}

// Open is for [shortlink.Deps].
func (w *World) Open(cfg redirect.Config) (shortlink.Expander, error) {
	client, err := redirect.New(cfg)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cfg = cfg
	return inWorld{client, w}, nil
}

// Config is what the World was opened with; the zero value if it was not.
func (w *World) Config() redirect.Config {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.cfg
}

// inWorld knows shorteners as the real client does.
type inWorld struct {
	*redirect.Client
	world *World
}

// Expand answers as the World does.
func (e inWorld) Expand(ctx context.Context, link string) (redirect.Result, error) {
	e.world.mu.Lock()
	hold := e.world.hold
	e.world.begun++
	e.world.mu.Unlock()
	select {
	case <-hold:
	case <-ctx.Done():
		return redirect.Result{}, ctx.Err()
	}
	e.world.mu.Lock()
	defer e.world.mu.Unlock()
	e.world.asked = append(e.world.asked, link)
	return e.world.results[link], nil
}

// Answer changes what a link leads to.
func (w *World) Answer(link string, result redirect.Result) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.results[link] = result
}

// KeepWaiting has every question wait until release is called.
func (w *World) KeepWaiting() (release func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	hold := make(chan struct{})
	w.hold = hold
	return func() { close(hold) }
}

// Questions are the links that were asked for and answered, in order.
func (w *World) Questions() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.asked)
}

// IsAsked says whether there was a question, answered or not.
func (w *World) IsAsked() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.begun > 0
}

// Times says how often a link was asked for.
func (w *World) Times(link string) (n int) {
	for _, asked := range w.Questions() {
		if asked == link {
			n++
		}
	}
	return n
}
