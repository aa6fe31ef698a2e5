//go:build torture

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// outcome is what a run came to.
type outcome struct {
	seed     uint64
	scenario string
	verdict  verdict
	took     time.Duration
	recovery []recovery
	faults   int
	problem  string
	load     string
}

func (o outcome) slow() bool {
	return slices.ContainsFunc(o.recovery, func(r recovery) bool { return r.took > recoveryLimit })
}

func (o outcome) good() bool { return o.verdict.good() && o.problem == "" && !o.slow() }

// TestTorture runs the fault campaign: RUNS runs, each from a seed of its own
// that is printed, or the one run of SEED. SCENARIO takes one scenario only.
func TestTorture(t *testing.T) {
	all := newWorlds(t.TempDir())
	first := uint64(time.Now().UnixNano()) % 1_000_000_000
	runs := 200
	if text := os.Getenv("RUNS"); text != "" {
		runs = atoi(t, text)
	}
	if text := os.Getenv("SEED"); text != "" {
		first, runs = uint64(atoi(t, text)), 1
	}
	started := time.Now()
	var mu sync.Mutex
	var outcomes []outcome
	t.Run("runs", func(t *testing.T) {
		for i := range runs {
			seed := first + uint64(i)
			t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
				t.Parallel()
				o := tortureOnce(t, all, seed)
				mu.Lock()
				defer mu.Unlock()
				outcomes = append(outcomes, o)
				fmt.Println(o.line())
				if !o.good() {
					t.Fail()
				}
			})
		}
	})
	printTable(outcomes)
	printSummary(t, outcomes, time.Since(started))
}

func atoi(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatal("RUNS and SEED are numbers above 0")
	}
	return n
}

// choose takes the scenario of a seed.
func choose(seed uint64) scenario {
	var bag []scenario
	for _, s := range scenarios() {
		if only := os.Getenv("SCENARIO"); only == s.name {
			return s
		}
		bag = append(bag, slices.Repeat([]scenario{s}, s.weight)...)
	}
	return bag[rand.New(rand.NewPCG(seed, 3)).IntN(len(bag))]
}

// tortureOnce does one run and judges it.
func tortureOnce(t *testing.T, all []*world, seed uint64) outcome {
	t.Helper()
	w := theWorld(t, all, int(seed%worlds))
	s := choose(seed)
	o := outcome{seed: seed, scenario: s.name, load: loadAverage()}
	started := time.Now()
	r, err := s.run(t, w, seed)
	defer r.killAll()
	if errors.Is(err, errNoSmallDisk) {
		fmt.Printf("seed %d %s: %v; another scenario runs in its place\n", seed, s.name, err)
		r, err = killUp(t, w, seed)
		defer r.killAll()
		o.scenario = "kill-up"
	}
	o.recovery = r.recovering.end()
	o.verdict, err = r.conclude(err)
	o.took, o.faults = time.Since(started), len(r.faults)
	if err != nil {
		o.problem = err.Error()
	}
	if !o.good() || os.Getenv("SEED") != "" {
		r.tell(o)
	}
	return o
}

// conclude ends the faults, lets the streams drain and judges what is there;
// then, in one run of three, it imports everything again, which must change
// nothing. imported is the error of the imports.
func (r *tortured) conclude(imported error) (verdict, error) {
	if r.apart == nil {
		if err := r.keepUp(); err != nil {
			return verdict{unknown: len(r.world.truth.posts)}, err
		}
	}
	v, err := r.verdict(imported == nil)
	if imported != nil || err != nil || !v.good() || r.rnd.IntN(3) > 0 {
		return v, errors.Join(imported, err, r.stopUp())
	}
	if err := r.importCalls(nothing); err != nil {
		return v, fmt.Errorf("import everything again: %w", err)
	}
	v, err = r.verdict(true)
	return v, errors.Join(err, r.stopUp())
}

func (r *tortured) verdict(done bool) (verdict, error) {
	drained := r.drain()
	got, err := r.answers()
	if err != nil {
		return verdict{unknown: len(r.world.truth.posts)}, errors.Join(drained, err)
	}
	return judge(r.world.truth, got, done), drained
}

func loadAverage() string {
	b, _ := os.ReadFile("/proc/loadavg") // empty where there is none
	load, _, _ := strings.Cut(string(b), " ")
	return load
}

// line is a run in one line.
func (o outcome) line() string {
	var b strings.Builder
	mark := "ok  "
	if !o.good() {
		mark = "FAIL"
	}
	fmt.Fprintf(&b, "%s seed %d %-15s %s, %d faults, %.1f s, load %s, recovered", mark, o.seed, o.scenario, o.verdict, o.faults, o.took.Seconds(), o.load)
	if len(o.recovery) == 0 {
		b.WriteString(" -")
	}
	for _, r := range o.recovery {
		fmt.Fprintf(&b, " %s %.1f s", r.of, r.took.Seconds())
	}
	if o.problem != "" {
		fmt.Fprintf(&b, ", %s", strings.ReplaceAll(o.problem, "\n", "; "))
	}
	return b.String()
}

// tell prints all that is known of a run that failed.
func (r *tortured) tell(o outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Printf("--- seed %d %s\n", o.seed, o.scenario)
	for _, fault := range r.faults {
		fmt.Println("    fault:", fault)
	}
	for _, p := range r.all {
		said := p.stderr.String()
		fmt.Printf("    %s, pid %d, ended %v %v:\n%s\n", p.name, p.cmd.Process.Pid, p.dead(), p.cmd.ProcessState, said[max(0, len(said)-2500):])
	}
}

// printTable sums the runs up by scenario.
func printTable(outcomes []outcome) {
	fmt.Printf("\n%-16s %5s %8s %6s %8s %8s %6s %12s %12s\n", "scenario", "runs", "ok", "lost", "doubled", "unknown", "bad", "recovery p50", "max ms")
	for _, s := range scenarios() {
		var sum verdict
		var bad, runs int
		var took []int64
		for _, o := range outcomes {
			if o.scenario != s.name {
				continue
			}
			runs++
			sum.add(o.verdict)
			took = append(took, millis(o.recovery)...)
			if !o.good() {
				bad++
			}
		}
		p50, longest := spread(took)
		fmt.Printf("%-16s %5d %8d %6d %8d %8d %6d %12d %12d\n", s.name, runs, sum.ok, sum.lost, sum.doubled, sum.unknown, bad, p50, longest)
	}
}

func (v *verdict) add(o verdict) {
	v.ok, v.lost, v.doubled, v.unknown = v.ok+o.ok, v.lost+o.lost, v.doubled+o.doubled, v.unknown+o.unknown
}

func millis(all []recovery) []int64 {
	out := make([]int64, 0, len(all))
	for _, r := range all {
		out = append(out, r.took.Milliseconds())
	}
	return out
}

// spread is the median and the maximum.
func spread(all []int64) (p50, longest int64) {
	if len(all) == 0 {
		return 0, 0
	}
	slices.Sort(all)
	return all[len(all)/2], all[len(all)-1]
}

// printSummary ends with the one line that scripts read.
func printSummary(t *testing.T, outcomes []outcome, took time.Duration) {
	t.Helper()
	var sum verdict
	var recovered []int64
	var bad []uint64
	var faults, spared int
	for _, o := range outcomes {
		sum.add(o.verdict)
		faults += o.faults
		if o.faults == 0 {
			spared++ // over before the first fault came
		}
		recovered = append(recovered, millis(o.recovery)...)
		if !o.good() {
			bad = append(bad, o.seed)
		}
	}
	if len(bad) > 0 {
		fmt.Printf("\nfailed seeds, each repeated with make torture SEED=n: %v\n", bad)
	}
	p50, longest := spread(recovered)
	line, err := json.Marshal(map[string]any{
		"runs": len(outcomes), "ok": sum.ok, "lost": sum.lost, "doubled": sum.doubled, "unknown": sum.unknown,
		"failed_runs": len(bad), "faults": faults, "runs_without_fault": spared, "recoveries": len(recovered), "recovery_p50_ms": p50, "recovery_max_ms": longest, "seconds": int(took.Seconds()),
	})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("\n%s\n", line)
}
