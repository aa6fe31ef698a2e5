// Package archive is the service that reads archive files and puts their posts
// on RAW, sealed. pkg/archive knows the formats; this package knows the bus.
//
// Import reads what a person names and returns what was read and up to which
// sequence RAW holds it, so that the caller can wait until it is rows. Run
// watches a folder and imports what appears there.
//
// Limits: files are read one after the other; one file is one stream of
// batches. Nothing of a path or file name is kept, logged or published.
package archive

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/doxtrail/doxtrail/pkg/archive"
	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/service"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// Name is the service's word in subjects, metrics and log lines.
const Name = "collector-archive"

// Deps is what a Collector needs from outside.
type Deps struct {
	Log      *slog.Logger
	Registry prometheus.Registerer
	// Conn is its own connection to NATS.
	Conn *bus.Conn
}

// Collector is the service.
type Collector struct {
	cfg     Config
	deps    Deps
	log     *slog.Logger
	metrics *metrics
	keys    *bus.SealKeys
}

// New returns a Collector that has done nothing yet.
func New(cfg Config, deps Deps) *Collector {
	return &Collector{
		cfg: cfg, deps: deps, log: service.For(deps.Log, Name),
		metrics: newMetrics(deps.Registry), keys: deps.Conn.NewSealKeys(),
	}
}

// Name implements service.Service.
func (*Collector) Name() string { return Name }

// Call is one import.
type Call struct {
	// Files is what archive.Open gives.
	Files iter.Seq2[*archive.Source, error]
	// Format is the format of all files; unspecified recognises each.
	Format doxtrailv1.ArchiveFormat
	// Label is the watch list's neutral label for the files, if any.
	Label string
	// Reading is called with each file before it is read; may be nil.
	Reading func(*archive.Source)
	// Skip says whether a file need not be read; nil reads all.
	Skip func(importID [16]byte) bool
	// Covered says what of a file was covered before; nil reads and publishes
	// all of it. It is asked once a file, and only for one that holds posts.
	Covered func(ctx context.Context, importID [16]byte) (Covered, error)
	// Continuing is called when the first record of a file is published after
	// some that were rows already; may be nil.
	Continuing func(ordinal int, record uint64)
	// found says that Files were come across, not named by a person: what is
	// no archive is passed over, as inside a folder.
	found bool
}

// File is what one file came to.
type File struct {
	Ordinal  int
	ImportID [16]byte
	Result   archive.Result
	// Skipped is how many of its posts were not published, because they were
	// rows already.
	Skipped uint64
	// Err is why the file could not be read at all; it holds no path.
	Err error

	posts numbers
}

// Missing is how many of the file's posts are not covered.
func (f File) Missing(c Covered) uint64 { return f.posts.outside(c) }

// Summary is what an import came to.
type Summary struct {
	Files  []File
	Counts archive.Counts
	// PassedOver counts what lay in folders and zips and is no archive.
	PassedOver int
	// Sequence is the highest sequence on RAW that the import was given.
	Sequence uint64
}

// Import reads everything that call names, in order. A file that cannot be
// read is noted and the rest goes on; the error is for what ends the import:
// no key to seal to, a batch that RAW refuses for good, or ctx ended. The
// summary then holds the files that were finished.
func (c *Collector) Import(ctx context.Context, call Call) (Summary, error) {
	var sum Summary
	publisher, err := c.deps.Conn.NewPublisher(bus.StageRaw, bus.PublisherConfig{Pace: bus.PaceRaw})
	if err != nil {
		return sum, err
	}
	defer publisher.Close(ctx) //nolint:errcheck // every receipt was waited for
	for source, err := range call.Files {
		if err != nil {
			c.note(&sum, File{Ordinal: ordinalOf(err, len(sum.Files)+1), Err: err})
			continue
		}
		if err := c.importFile(ctx, publisher, source, call, &sum); err != nil {
			return sum, err
		}
	}
	return sum, nil
}

// ordinalOf takes a file's position from the error that refused it.
func ordinalOf(err error, next int) int {
	var refused *archive.Error
	if errors.As(err, &refused) {
		return refused.Ordinal
	}
	return next
}

// importFile reads one file and reports it. Only what must end the whole
// import is an error.
func (c *Collector) importFile(ctx context.Context, publisher *bus.Publisher, source *archive.Source, call Call, sum *Summary) error {
	if call.Skip != nil {
		if id, err := source.ImportID(); err == nil && call.Skip(id) {
			return nil
		}
	}
	if call.Reading != nil {
		call.Reading(source)
	}
	zone, err := c.cfg.location()
	if err != nil {
		return err
	}
	b := &batcher{
		ctx: ctx, publisher: publisher, key: c.keys.Current, importID: source.ImportID,
		builder: bus.NewBuilder(bus.StageRaw), channels: bus.NewBuilder(bus.StageRaw), looks: bus.NewBuilder(bus.StageRaw),
	}
	if call.Covered != nil {
		b.ask = func(id [16]byte) (Covered, error) { return call.Covered(ctx, id) }
	}
	if call.Continuing != nil {
		b.continuing = func(record uint64) { call.Continuing(source.Ordinal, record) }
	}
	result, err := archive.Read(ctx, source, archive.Options{Format: call.Format, Groups: c.cfg.Groups, Zone: zone}, b)
	var broken *archive.Error // this file alone is at fault
	if err != nil && !errors.As(err, &broken) {
		return fmt.Errorf("read file %d: %w", source.Ordinal, err)
	}
	if broken != nil && broken.Class == archive.ClassUnknownFormat && (call.found || !source.Named) {
		sum.PassedOver++
		return nil // what lies in a folder beside an archive: pictures, films
	}
	if err := b.finish(); err != nil {
		return fmt.Errorf("read file %d: %w", source.Ordinal, err)
	}
	file := File{Ordinal: source.Ordinal, Result: adjusted(result, b.oversize), Skipped: b.skipped, posts: b.posts}
	if broken != nil {
		file.Err = broken
	}
	if result.Platform != doxtrailv1.Platform_PLATFORM_UNSPECIFIED {
		if file.ImportID, err = source.ImportID(); err != nil {
			return err // it was known a moment ago
		}
		if err := b.report(importRecord(file, call.Label)); err != nil {
			return fmt.Errorf("report file %d: %w", source.Ordinal, err)
		}
	}
	sum.Sequence = max(sum.Sequence, b.sequence)
	c.note(sum, file)
	return nil
}

// adjusted counts what was too large for the bus as rejected.
func adjusted(r archive.Result, over oversize) archive.Result {
	r.Counts.Posts -= over.posts
	r.Counts.Duplicates -= over.duplicates
	r.Counts.Rejected += over.posts + over.duplicates
	// Which of the duplicates were conflicts is not told.
	r.Counts.Conflicts = min(r.Counts.Conflicts, r.Counts.Duplicates)
	return r
}

// importRecord is the row of the import ledger for a file.
func importRecord(f File, label string) *doxtrailv1.Import {
	n := &f.Result.Counts
	ordinal := uint32(f.Ordinal)
	return doxtrailv1.Import_builder{
		ImportId:       f.ImportID[:],
		FileHash:       f.Result.FileHash[:sha256.Size],
		FileOrdinal:    &ordinal,
		Label:          &label,
		Format:         &f.Result.Format,
		Platform:       &f.Result.Platform,
		RecordCount:    &n.Records,
		PostCount:      &n.Posts,
		NonPostCount:   &n.NonPosts,
		RejectedCount:  &n.Rejected,
		DuplicateCount: &n.Duplicates,
		ConflictCount:  &n.Conflicts,
		ByteCount:      &n.Bytes,
		Complete:       &f.Result.Complete,
	}.Build()
}

// note adds a file to the summary, the metrics and the log.
func (c *Collector) note(sum *Summary, f File) {
	sum.Files = append(sum.Files, f)
	n := &f.Result.Counts
	sum.Counts.Add(*n)
	c.metrics.records.WithLabelValues("post").Add(float64(n.Posts))
	c.metrics.records.WithLabelValues("non_post").Add(float64(n.NonPosts))
	c.metrics.records.WithLabelValues("rejected").Add(float64(n.Rejected))
	c.metrics.records.WithLabelValues("duplicate").Add(float64(n.Duplicates))
	c.metrics.bytes.Add(float64(n.Bytes))
	outcome := "complete"
	switch {
	case f.Err != nil:
		outcome = "unreadable"
	case !f.Result.Complete:
		outcome = "incomplete"
	}
	c.metrics.files.WithLabelValues(outcome).Inc()
	c.log.Info("archive file read", service.KeyFile, f.Ordinal, service.KeyOutcome, outcome,
		service.KeyRecords, n.Records, service.KeyPosts, n.Posts, service.KeyRejected, n.Rejected)
}
