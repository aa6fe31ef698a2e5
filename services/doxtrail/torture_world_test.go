//go:build torture

package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/campaign"
)

// worlds is how many campaigns the runs share: an undisturbed import of each
// says what its posts, and the answers to all questions, must be.
const worlds = 6

// world is one campaign with its archives, a key ring, and the truth about it.
type world struct {
	once sync.Once
	// dir holds archives, keys as they were before the first import, and the
	// watch list.
	dir string
	// calls are the imports that read all archives: the files of each, in order.
	calls [][]string
	// hashes are the SHA-256 of the files of each call.
	hashes [][]string
	truth  answers
	// took is how long the undisturbed import of one call takes.
	took time.Duration
	err  error
}

// loadPosts is how many posts each of the two large files of a world has.
const loadPosts = 4000

// theWorld makes a world once, whoever asks first.
func theWorld(t *testing.T, all []*world, n int) *world {
	t.Helper()
	w := all[n]
	w.once.Do(func() {
		if w.err = w.write(uint64(n) + 1); w.err != nil {
			return
		}
		w.err = w.import1(t)
	})
	if w.err != nil {
		t.Fatalf("the undisturbed import of world %d: %v", n, w.err)
	}
	return w
}

func newWorlds(dir string) []*world {
	all := make([]*world, worlds)
	for i := range all {
		all[i] = &world{dir: filepath.Join(dir, fmt.Sprintf("world-%d", i))}
	}
	return all
}

// write writes archives and watch list. Each archive is in one call.
func (w *world) write(seed uint64) error {
	r := rand.New(rand.NewPCG(seed, 1))
	c := campaign.New(seed, campaign.Size{Posts: 1600 + r.IntN(1600), Channels: 10, Accounts: 60, Cards: 20, Sites: 6})
	files, err := c.WriteArchives(filepath.Join(w.dir, "archives"))
	if err != nil {
		return err
	}
	var paths []string
	for _, f := range files {
		paths = append(paths, f.Path)
	}
	for i, format := range []campaign.Format{campaign.TelegramDesktop, campaign.Twarc2} {
		path := filepath.Join(w.dir, "archives", fmt.Sprintf("load-%d.json", i))
		out, err := os.Create(path)
		if err != nil {
			return err
		}
		// A seed of its own: no channel is in both.
		_, err = campaign.Load(out, format, loadPosts, seed+1000)
		if closed := out.Close(); err != nil || closed != nil {
			return fmt.Errorf("write load: %w", err)
		}
		paths = append(paths, path)
	}
	r.Shuffle(len(paths), func(i, j int) { paths[i], paths[j] = paths[j], paths[i] })
	w.calls = slices.Collect(slices.Chunk(paths, (len(paths)+1)/2))
	for _, call := range w.calls {
		var hashes []string
		for _, path := range call {
			hash, err := fileHash(path)
			if err != nil {
				return err
			}
			hashes = append(hashes, hash)
		}
		w.hashes = append(w.hashes, hashes)
	}
	var list strings.Builder
	if err := c.WriteWatchlist(&list, c.Sites()); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(w.dir, "watchlist.yaml"), []byte(list.String()), 0o600)
}

// import1 imports the world undisturbed and keeps the answers.
func (w *world) import1(t *testing.T) error {
	r := newTortured(t, w, 0)
	defer r.killAll()
	if code := r.spawn("keys", nil, "keys", "init").wait(r.ctx); code != 0 {
		return fmt.Errorf("keys init: exit %d", code)
	}
	if err := copyKeys(r.path("keys"), filepath.Join(w.dir, "keys")); err != nil {
		return err
	}
	for _, call := range w.calls {
		p := r.spawn("import", nil, append([]string{"import", "--json"}, call...)...)
		// The invented archives have a broken line and private chats; what is
		// readable is read to its end.
		if code := p.wait(r.ctx); code != 0 {
			return fmt.Errorf("import: exit %d: %s", code, p.stderr.String())
		}
		w.took = max(w.took, time.Since(p.started))
	}
	up, err := r.serve()
	if err != nil {
		return err
	}
	if w.truth, err = r.answers(); err != nil {
		return err
	}
	up.signal(syscall.SIGINT)
	if code := up.wait(r.ctx); code != 0 {
		return fmt.Errorf("up: exit %d", code)
	}
	if n := len(w.truth.posts); n < 2*loadPosts+1600 {
		return fmt.Errorf("only %d posts are rows", n)
	}
	return nil
}
