// Command bench measures the whole path of doxtrail on this machine, with fsync
// on, as `make bench` runs it.
//
//	go run ./deploy/bench -binary bin/doxtrail
//
// It makes archives of one-kilobyte posts, of which five in a hundred carry a
// card, and measures:
//
//   - speed and memory: the built binary imports a large and a small archive,
//     each into a study of its own. Time is that of the whole command, from its
//     start to its end; memory is its peak.
//   - CPU by stage: the path is run in parts over the large archive, each one
//     stage longer than the one before, and a stage costs what it adds (see
//     path.go). A post costs more the more there are: ClickHouse merges.
//   - live: posts are put on the live lane while an import runs, and each is
//     timed until it is a row (see live.go).
//
// The table goes to stderr, one line of JSON to stdout. Figures are medians of
// interleaved runs; the load average stands beside them, because this machine
// may have other work. Nothing here decides whether a test passes.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/doxtrail/doxtrail/pkg/campaign"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	binary               string
	stage, archive, dir  string
	large, small, beside int
	runs                 int
}

func run(ctx context.Context, args []string) error {
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&o.binary, "binary", "bin/doxtrail", "the built doxtrail")
	flags.IntVar(&o.large, "posts", 2_000_000, "posts of the large archive, some kilobyte each")
	flags.IntVar(&o.small, "small", 100_000, "posts of the small archive")
	flags.IntVar(&o.beside, "beside", 400_000, "posts of the archive beside which live posts are timed, and that goes through RECORDS twice")
	flags.IntVar(&o.runs, "runs", 3, "runs of each measurement, interleaved")
	flags.StringVar(&o.stage, "stage", "", "run one part of the path on -archive in -dir and print its CPU; the program calls itself so")
	flags.StringVar(&o.archive, "archive", "", "see -stage")
	flags.StringVar(&o.dir, "dir", "", "see -stage")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if o.stage != "" {
		return runPart(ctx, part(o.stage), o.archive, o.dir)
	}
	return o.bench(ctx)
}

// bench makes the archives, takes all measurements and prints them.
func (o options) bench(ctx context.Context) error {
	binary, err := filepath.Abs(o.binary)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "doxtrail-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary folder
	b := bench{binary: binary, dir: dir, runs: o.runs}
	for _, size := range []struct {
		posts int
		to    *load
	}{{o.large, &b.large}, {o.small, &b.small}, {o.beside, &b.beside}} {
		if *size.to, err = writeLoad(dir, size.posts); err != nil {
			return err
		}
	}
	result, err := b.measure(ctx)
	if err != nil {
		return err
	}
	result.print(os.Stderr)
	return json.NewEncoder(os.Stdout).Encode(result)
}

// load is one archive.
type load struct {
	path string
	campaign.LoadFigures
}

func writeLoad(dir string, posts int) (load, error) {
	const seed = 2019
	l := load{path: filepath.Join(dir, fmt.Sprintf("load-%d.json", posts))}
	file, err := os.Create(l.path)
	if err != nil {
		return l, err
	}
	l.LoadFigures, err = campaign.Load(file, campaign.TelegramDesktop, posts, seed)
	return l, errors.Join(err, file.Close())
}

// bench takes the measurements.
type bench struct {
	binary, dir          string
	runs                 int
	large, small, beside load
}

// measureParts adds what a post costs in each part, in microseconds.
func (b bench) measureParts(ctx context.Context, parts map[part][]float64) error {
	for _, p := range partsInOrder() {
		l := b.large
		if p == partOnce || p == partTwice {
			l = b.beside
		}
		cpu, err := b.part(ctx, p, l.path)
		if err != nil {
			return err
		}
		parts[p] = append(parts[p], cpu/float64(l.Posts)*1e6)
	}
	return nil
}

// measure interleaves the runs, so that what else the machine does falls on
// all of them alike.
func (b bench) measure(ctx context.Context) (result, error) {
	var large, small, idle []usage
	var rates []rate
	parts := map[part][]float64{}
	for range b.runs {
		for _, m := range []struct {
			archive string
			to      *[]usage
		}{{"", &idle}, {b.small.path, &small}, {b.large.path, &large}} {
			u, err := b.whole(ctx, m.archive)
			if err != nil {
				return result{}, err
			}
			*m.to = append(*m.to, u)
		}
		last := large[len(large)-1]
		rates = append(rates, rate{float64(b.large.Posts) / last.seconds, float64(b.large.Bytes) / last.seconds / 1e6})
		if err := b.measureParts(ctx, parts); err != nil {
			return result{}, err
		}
	}
	live, err := b.live(ctx)
	if err != nil {
		return result{}, err
	}
	r := result{
		Posts: b.large.Posts, Stages: stages(parts), LiveP99: quantile(live, 0.99), liveMedian: quantile(live, 0.5), lives: len(live),
		PeakRSS: peak(large), smallRSS: peak(small), floorRSS: peak(idle),
	}
	slices.SortFunc(rates, func(a, b rate) int { return int(a.posts - b.posts) })
	middle := rates[len(rates)/2]
	r.PostsPerSecond, r.MBPerSecond, r.rates = round(middle.posts, 0), round(middle.mb, 1), rates
	r.Growth = round(r.PeakRSS/r.smallRSS, 3)
	r.PeakRSS = round(r.PeakRSS, 0)
	r.Efficiency = round(r.PostsPerSecond*r.Stages.sum()/1e6/float64(runtime.NumCPU()), 3)
	return r, nil
}
