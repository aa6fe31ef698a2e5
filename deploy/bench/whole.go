package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// usage is what one command took.
type usage struct {
	seconds float64
	rssMiB  float64
}

// peak is the median of the peaks of memory, in MiB.
func peak(all []usage) float64 {
	sizes := make([]float64, 0, len(all))
	for _, u := range all {
		sizes = append(sizes, u.rssMiB)
	}
	return quantile(sizes, 0.5)
}

// study prepares a folder with a watch list, as a user has it.
func (b bench) study() (dir string, err error) {
	if dir, err = os.MkdirTemp(b.dir, "study-"); err != nil {
		return "", err
	}
	for name, text := range map[string]string{
		"doxtrail.yaml":  "watchlist: watchlist.yaml\ndata: data\nkeys: keys\n",
		"watchlist.yaml": "families:\n  - label: harbour-leaks\n    sites: [harbourleaks.example, harbour-leaks.example]\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	return dir, nil
}

func (b bench) command(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, b.binary, args...) //nolint:gosec // the binary under measurement
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	return cmd
}

// whole has the binary import an archive into a new study, and checks that all
// of it arrived. Without an archive it only starts and stops everything: the
// floor under the memory.
func (b bench) whole(ctx context.Context, archive string) (usage, error) {
	dir, err := b.study()
	if err != nil {
		return usage{}, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary folder
	cmd := b.command(ctx, dir, "status")
	var want int
	if archive != "" {
		cmd = b.command(ctx, dir, "import", "--json", archive)
		want = b.postsOf(archive)
	}
	var out bytes.Buffer
	cmd.Stdout = &out
	started := time.Now()
	if err := cmd.Run(); err != nil {
		return usage{}, fmt.Errorf("run the binary: %w", err)
	}
	u := usage{seconds: time.Since(started).Seconds()}
	if r, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		u.rssMiB = float64(r.Maxrss) / 1024
	}
	if archive == "" {
		return u, nil
	}
	var imported struct {
		Posts int `json:"posts"`
	}
	if err := json.Unmarshal(out.Bytes(), &imported); err != nil || imported.Posts != want {
		return u, fmt.Errorf("the binary imported %d posts of %d", imported.Posts, want)
	}
	return u, nil
}

func (b bench) postsOf(archive string) int {
	if archive == b.large.path {
		return b.large.Posts
	}
	return b.small.Posts
}

// quantile gives a quantile of values, 0 of none.
func quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}
