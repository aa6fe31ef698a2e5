package bus_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
)

// damage is one way a disk goes bad while no server runs.
type damage struct {
	name  string
	block int // which of the blocks, from the end if negative
	hurt  func(block []byte) []byte
	// index says that the server's index is gone as well, as after a crash.
	index bool
}

func flipAt(part float64) func([]byte) []byte {
	return func(b []byte) []byte {
		b[int(part*float64(len(b)))] ^= 0x10
		return b
	}
}

func cutBy(n int) func([]byte) []byte {
	return func(b []byte) []byte { return b[:len(b)-n] }
}

func damages() []damage {
	return []damage{
		{"a flipped bit", 0, flipAt(0.5), false},
		{"a flipped bit and no index", 0, flipAt(0.5), true},
		{"a flipped bit in the last block", -1, flipAt(0.3), false},
		{"a flipped bit in the last block and no index", -1, flipAt(0.3), true},
		{"a flipped bit at the very start and no index", 0, flipAt(0), true},
		{"a cut last block", -1, cutBy(7), false},
		{"a cut last block and no index", -1, cutBy(7), true},
		{"a cut first block and no index", 0, cutBy(20_000), true},
	}
}

// inflict damages a stream's store. The server is stopped.
func (d damage) inflict(t *testing.T, s *bustest.Server, stream string) {
	t.Helper()
	folder := filepath.Join(s.Dir, "jetstream", "$G", "streams", stream, "msgs")
	blocks, err := filepath.Glob(filepath.Join(folder, "*.blk"))
	if err != nil || len(blocks) == 0 {
		t.Fatalf("%d blocks: %v", len(blocks), err)
	}
	slices.SortFunc(blocks, func(a, b string) int { return len(a) - len(b) })
	path := blocks[(d.block+len(blocks))%len(blocks)]
	b, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, d.hurt(b), 0o600)
	}
	if err == nil && d.index {
		err = os.Remove(filepath.Join(folder, "index.db"))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// smallBlocks makes the server keep each stream in blocks of 32 kB.
func smallBlocks(c *bus.ProvisionConfig) { c.RecordsBytes, c.RawBytes = 120<<10, 120<<10 }

// unreadable lists what a stream can no longer give of its first n messages.
func unreadable(t *testing.T, s *bustest.Server, stream string, n uint64) (out []uint64) {
	t.Helper()
	str, err := s.Conn.JetStream().Stream(within(t), stream)
	if err != nil {
		t.Fatal(err)
	}
	for i := uint64(1); i <= n; i++ {
		if _, err := str.GetMsg(within(t), i); err != nil {
			out = append(out, i)
		}
	}
	return out
}

// sequencesOf lists the sequences of gaps.
func sequencesOf(gaps []bus.Gap) (out []uint64) {
	for _, g := range gaps {
		for n := g.First; n <= g.Last; n++ {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}

func audit(t *testing.T, c *bus.Conn) {
	t.Helper()
	ctx := within(t)
	err := c.NoteEnds(ctx)
	if err == nil {
		_, err = c.AuditRecords(ctx)
	}
	if err == nil {
		_, err = c.AuditRaw(ctx)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func start(t *testing.T, c *bus.Conn) {
	t.Helper()
	if _, err := c.AuditStart(within(t)); err != nil {
		t.Fatal(err)
	}
}

// reconnected waits until the connection stands again after a restart.
func reconnected(t *testing.T, s *bustest.Server) {
	t.Helper()
	eventually(t, "the connection is back", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := s.Conn.Lag(ctx)
		return err == nil
	})
}

// TestDamageOfRecordsIsNamed damages RECORDS in every way that was seen to go
// unnoticed, and wants exactly what cannot be read to be named, once.
func TestDamageOfRecordsIsNamed(t *testing.T) {
	for _, d := range damages() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			s := bustest.New(t, bustest.WithProvision(smallBlocks))
			p := publisher(t, s.Conn, bus.StageRecords, bus.PublisherConfig{})
			const messages = 70
			var all []bus.Message
			for i := range messages {
				all = append(all, message(t, recordsSubject(bus.LaneArchive), noise(i, 1000)))
			}
			send(t, p, all...)
			audit(t, s.Conn)
			if gaps, err := s.Conn.Gaps(within(t)); err != nil || len(gaps) != 0 {
				t.Fatalf("before any damage: %+v, %v", gaps, err)
			}
			s.Stop()
			d.inflict(t, s, bus.StreamRecords)
			s.Start()
			reconnected(t, s)
			start(t, s.Conn)
			audit(t, s.Conn)
			gone := unreadable(t, s, bus.StreamRecords, messages)
			gaps, err := s.Conn.OpenGaps(within(t))
			if named := sequencesOf(gaps); err != nil || len(gone) == 0 || !slices.Equal(named, gone) {
				t.Errorf("gone are %v, named %+v: %v", gone, gaps, err)
			}
			again(t, s)
		})
	}
}

// TestDamageUnderARunningAuditorIsNamed restarts a server on a damaged disk below
// a process that goes on noting the ends, as happens beside real servers.
func TestDamageUnderARunningAuditorIsNamed(t *testing.T) {
	for _, tc := range []struct {
		stream string
		damage
	}{
		{bus.StreamRecords, damage{"a cut last block", -1, cutBy(7), true}},
		{bus.StreamRecords, damage{"a flipped bit at the very start", 0, flipAt(0), true}},
		{bus.StreamRaw, damage{"a cut last block", -1, cutBy(7), true}},
	} {
		t.Run(tc.stream+" "+tc.name, func(t *testing.T) {
			t.Parallel()
			s := bustest.New(t, bustest.WithProvision(smallBlocks))
			stage := bus.StageRecords
			if tc.stream == bus.StreamRaw {
				stage = bus.StageRaw
			}
			p := publisher(t, s.Conn, stage, bus.PublisherConfig{})
			make := func(text string) bus.Message {
				if stage == bus.StageRaw {
					return rawMessage(t, s, bus.LaneArchive, text)
				}
				return message(t, recordsSubject(bus.LaneArchive), text)
			}
			const messages = 70
			for i := range messages {
				send(t, p, make(noise(i, 1000)))
			}
			audit(t, s.Conn)
			s.Stop()
			tc.inflict(t, s, tc.stream)
			s.Start()
			reconnected(t, s)
			gone := unreadable(t, s, tc.stream, messages)
			if tc.block == 0 { // the end moves on, and is noted with the new beginning
				send(t, p, make("one more"))
			}
			audit(t, s.Conn)
			gaps, err := s.Conn.OpenGaps(within(t))
			if named := sequencesOf(gaps); err != nil || len(gone) == 0 || !slices.Equal(named, gone) {
				t.Errorf("gone are %v, named %+v: %v", gone, gaps, err)
			}
		})
	}
}

// again wants an audit to find nothing new, also after the gaps are acknowledged
// and the server was restarted, and erased messages not to count.
func again(t *testing.T, s *bustest.Server) {
	t.Helper()
	counted := s.Stats.SequenceGaps.Load()
	if _, err := s.Conn.AcknowledgeGaps(within(t)); err != nil {
		t.Fatal(err)
	}
	p := publisher(t, s.Conn, bus.StageRecords, bus.PublisherConfig{})
	var last uint64
	for i := range 5 {
		last = send(t, p, message(t, recordsSubject(bus.LaneLive), fmt.Sprint("more", i)))
	}
	if err := s.Conn.EraseMessages(within(t), bus.StreamRecords, last-2); err != nil {
		t.Fatal(err)
	}
	audit(t, s.Conn)
	s.Restart()
	reconnected(t, s)
	start(t, s.Conn)
	audit(t, s.Conn)
	if gaps, err := s.Conn.OpenGaps(within(t)); err != nil || len(gaps) != 0 || s.Stats.SequenceGaps.Load() != counted {
		t.Errorf("a second audit finds %+v, %v", gaps, err)
	}
}
