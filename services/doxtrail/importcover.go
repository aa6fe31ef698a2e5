package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/doxtrail/doxtrail/pkg/store"
	archivecollector "github.com/doxtrail/doxtrail/services/collector/archive"
	"github.com/doxtrail/doxtrail/services/normaliser"
)

// coveredNow gives what an import asks before it publishes a file: what of it is
// rows under the watch list and the rules of now.
//
// To leave out what coverage lists is safe. A batch's coverage is published
// behind its posts and written after them, so as a rule they are there; and
// where they are not, because a process died in between, the batch is still on
// RAW or its posts are on RECORDS, both of which outlast any process, and the
// import waits until both are drained. Coverage and posts lie in one database:
// whoever restores an older one, or drops the tables, restores or drops both.
func (s *session) coveredNow(ctx context.Context) (func(context.Context, [16]byte) (archivecollector.Covered, error), error) {
	generation, err := normaliser.Applied(ctx, s.conn)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, id [16]byte) (archivecollector.Covered, error) {
		return s.covered(ctx, id, generation)
	}, nil
}

// covered asks as a researcher may: beside real servers a command has no other
// account.
func (s *session) covered(ctx context.Context, id [16]byte, generation uint64) (archivecollector.Covered, error) {
	ranges, finished, err := s.askCovered(ctx, id, generation)
	if err != nil {
		return archivecollector.Covered{}, fmt.Errorf("ask what of a file is covered: %w", err)
	}
	c := archivecollector.Covered{Finished: finished, Ranges: make([]archivecollector.Range, 0, len(ranges))}
	for _, r := range ranges {
		c.Ranges = append(c.Ranges, archivecollector.Range(r))
	}
	return c, nil
}

// coverPatience is how long a ClickHouse that does not answer is asked again, so
// that its restart does not end an import.
const coverPatience = time.Minute

func (s *session) askCovered(ctx context.Context, id [16]byte, generation uint64) (ranges []store.CoveredRange, finished bool, err error) {
	patience := time.After(coverPatience)
	for wait := 50 * time.Millisecond; ; wait = min(wait*2, 2*time.Second) {
		ranges, finished, err = s.reader.Covered(ctx, id, generation)
		var refused *store.QueryError
		if err == nil || errors.As(err, &refused) {
			return ranges, finished, err
		}
		select {
		case <-ctx.Done():
			return nil, false, ctx.Err()
		case <-patience:
			return nil, false, err
		case <-time.After(wait):
		}
	}
}

// missing says which posts of the files of an import are no rows after it, be it
// under an older watch list. Everything that was on its way has arrived by then.
func (s *session) missing(ctx context.Context, sum archivecollector.Summary) (sentences []string, err error) {
	for _, f := range sum.Files {
		if f.Result.Counts.Posts == 0 {
			continue
		}
		c, err := s.covered(ctx, f.ImportID, 0)
		if err != nil {
			return nil, err
		}
		if n := f.Missing(c); n > 0 {
			sentences = append(sentences, notRows(f.Ordinal, n, f.Result.Counts.Posts))
		}
	}
	return sentences, nil
}

// notRows is the sentence on posts of a file that are no rows.
func notRows(ordinal int, missing, posts uint64) string {
	return fmt.Sprintf("file %d: %s of %s posts are not rows: they could not be normalised, or waited too long for it; see `doxtrail deadletters list`, or import the file again",
		ordinal, grouped(missing), grouped(posts))
}
