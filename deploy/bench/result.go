package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"strings"
	"text/tabwriter"
)

// costs is the CPU time of each stage, in microseconds a post.
type costs struct {
	Read      float64 `json:"read"`
	Raw       float64 `json:"raw"`
	Normalise float64 `json:"normalise"`
	Records   float64 `json:"records"`
	Store     float64 `json:"store"`
}

func (c costs) sum() float64 { return c.Read + c.Raw + c.Normalise + c.Records + c.Store }

// stages takes the parts apart. The sum of the stages is the whole path.
func stages(parts map[part][]float64) costs {
	of := func(p part) float64 { return quantile(parts[p], 0.5) }
	records := of(partTwice) - of(partOnce)
	return costs{
		Read:      round(of(partRead), 2),
		Raw:       round(of(partRaw)-of(partRead), 2),
		Normalise: round(of(partNormalise)-of(partRaw)-records, 2),
		Records:   round(records, 2),
		Store:     round(of(partStore)-of(partNormalise), 2),
	}
}

// rate is the speed of one run.
type rate struct{ posts, mb float64 }

// result is what is printed as JSON, and what only the table shows.
type result struct {
	Posts          int     `json:"posts"`
	PostsPerSecond float64 `json:"end_to_end_posts_per_s"`
	MBPerSecond    float64 `json:"mb_per_s"`
	Stages         costs   `json:"cpu_us_per_post"`
	Efficiency     float64 `json:"parallel_efficiency"`
	PeakRSS        float64 `json:"peak_rss_mib"`
	Growth         float64 `json:"rss_growth"`
	LiveP99        float64 `json:"live_p99_ms"`

	rates              []rate
	smallRSS, floorRSS float64
	liveMedian         float64
	lives              int
}

func (r result) print(w io.Writer) {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(name, format string, values ...any) { fmt.Fprintf(tw, name+"\t"+format+"\n", values...) }
	row("whole path", "%.0f posts/s (%.0f to %.0f), %.1f MB/s: the built binary, %d posts, fsync on, start and end included",
		r.PostsPerSecond, r.rates[0].posts, r.rates[len(r.rates)-1].posts, r.MBPerSecond, r.Posts)
	for _, s := range []struct {
		name  string
		value float64
	}{
		{"read", r.Stages.Read},
		{"raw", r.Stages.Raw},
		{"normalise", r.Stages.Normalise},
		{"records", r.Stages.Records},
		{"store", r.Stages.Store},
		{"all stages", r.Stages.sum()},
	} {
		row("CPU "+s.name, "%.2f us a post", s.value)
	}
	row("parallel efficiency", "%.2f of %d cores", r.Efficiency, runtime.NumCPU())
	row("memory", "peak %.0f MiB large, %.0f MiB small archive, %.0f MiB with none: growth %.3f, above the floor %.3f",
		r.PeakRSS, r.smallRSS, r.floorRSS, r.Growth, (r.PeakRSS-r.floorRSS)/(r.smallRSS-r.floorRSS))
	row("live during an import", "p99 %.0f ms, median %.0f ms, of %d posts", r.LiveP99, r.liveMedian, r.lives)
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		row("load average", "%s", strings.TrimSpace(string(load)))
	}
	_ = tw.Flush() // a terminal that is gone shows nothing
}

func round(v float64, digits int) float64 {
	f := math.Pow10(digits)
	return math.Round(v*f) / f
}
