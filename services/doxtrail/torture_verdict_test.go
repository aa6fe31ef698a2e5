//go:build torture

package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// verdict is what became of the posts of a run, after Jepsen's test of queues.
// Each post is one of four: ok, its row once and with the right links; lost, an
// import said that it is done and it is not (or not as it should be); doubled,
// there or counted more than once; unknown, no import came to its end.
type verdict struct {
	ok, lost, doubled, unknown int
	// differs names the questions and views whose answers are not those of an
	// undisturbed import, byte by byte.
	differs []string
}

func (v verdict) good() bool {
	return v.lost == 0 && v.doubled == 0 && v.unknown == 0 && len(v.differs) == 0
}

// judge compares what a study answers with the truth. done says that every
// import ended with exit code 0.
func judge(truth, got answers, done bool) verdict {
	var v verdict
	for key, want := range truth.posts {
		switch have, there := got.posts[key]; {
		case have == want:
			v.ok++
		case there && (number(have.rows) > 1 || number(have.links) > number(want.links)):
			v.doubled++
		case done:
			v.lost++
		default:
			v.unknown++
		}
	}
	for key := range got.posts {
		if _, known := truth.posts[key]; !known {
			v.doubled++ // another identity of a post that is there already
		}
	}
	for _, name := range slices.Sorted(maps.Keys(truth.named)) {
		if got.named[name] != truth.named[name] {
			v.differs = append(v.differs, name)
		}
	}
	if len(v.differs) > 0 && v.lost+v.doubled+v.unknown == 0 {
		v.sums(truth, got, done)
	}
	return v
}

// sums is for figures that differ while every post is as it should be.
func (v *verdict) sums(truth, got answers, done bool) {
	want, have := strings.Fields(truth.counted), strings.Fields(got.counted)
	for i := range min(len(want), len(have)) {
		if number(have[i]) > number(want[i]) {
			v.doubled++
			return
		}
	}
	if done {
		v.lost++
		return
	}
	v.unknown++
}

func number(s string) int {
	n, _ := strconv.Atoi(s) // empty where there is no row
	return n
}

func (v verdict) String() string {
	s := fmt.Sprintf("ok %d lost %d doubled %d unknown %d", v.ok, v.lost, v.doubled, v.unknown)
	if len(v.differs) > 0 {
		s += " differs: " + strings.Join(v.differs, ", ")
	}
	return s
}

// early asks, the moment an import has said that it is done, whether all of its
// files are covered as they should be: what comes later hides that it lied.
func (r *tortured) early(call int) error {
	e, err := r.endpoint()
	if err != nil {
		return nil //nolint:nilerr // who said so has gone, and its servers with it
	}
	out, err := e.ask(r.ctx, r.ledgerSQL(call), nil)
	if err != nil {
		return nil //nolint:nilerr // as above; the last verdict sees all
	}
	if want := strings.Count(out, "\n"); want != len(r.world.hashes[call]) {
		return fmt.Errorf("an import is done and %d of its %d files are in the ledger", want, len(r.world.hashes[call]))
	}
	for line := range strings.Lines(out) {
		f := strings.Fields(line)
		if len(f) != 3 || f[1] != f[2] {
			return fmt.Errorf("an import is done and a file of %s posts is covered with %s", f[1], f[2])
		}
	}
	return nil
}

func (r *tortured) ledgerSQL(call int) string {
	return `SELECT i.file_hash, i.post_count, c.covered FROM research.imports AS i
	LEFT JOIN (SELECT import_id, sum(post_count) AS covered FROM research.coverage GROUP BY import_id) AS c ON c.import_id = i.import_id
	WHERE i.file_hash IN ('` + strings.Join(r.world.hashes[call], "','") + `')`
}
