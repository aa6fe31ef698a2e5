package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/service"
)

// retryWait is how long a retry waits to see what became of the records.
const retryWait = time.Minute

func newDeadlettersRetry(opts *options) *cobra.Command {
	var chosen choice
	var asJSON bool
	var wait time.Duration
	cmd := &cobra.Command{
		Use:   "retry [--class CLASS] --all | SEQUENCE...",
		Short: "Put failed records back where they came from, and say what became of them",
		Args:  func(_ *cobra.Command, given []string) error { return chosen.read(given) },
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := opts.load()
			if err != nil {
				return err
			}
			return withSession(cmd, cfg, func(ctx context.Context, s *session) error {
				n, err := s.retry(ctx, chosen, wait)
				if err != nil {
					return err
				}
				if asJSON {
					err = json.NewEncoder(cmd.OutOrStdout()).Encode(n)
				} else {
					_, err = fmt.Fprintln(cmd.OutOrStdout(), n)
				}
				return errors.Join(err, n.err())
			})
		},
	}
	cmd.Flags().BoolVar(&chosen.all, "all", false, "all failed records")
	cmd.Flags().StringVar(&chosen.class, "class", "", "only records of this `CLASS`")
	cmd.Flags().DurationVar(&wait, "wait", retryWait, "how long to wait for what becomes of them")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one line of JSON")
	return cmd
}

// retried is what a retry came to, in records.
type retried struct {
	PutBack     int `json:"put_back"`
	CameThrough int `json:"came_through"`
	FailedAgain int `json:"failed_again"`
	OnTheWay    int `json:"on_the_way"`
	// Sealed could not be opened with this ring and were left where they are.
	Sealed int `json:"sealed"`
}

func (n retried) String() string {
	text := fmt.Sprintf("put back %s: %d came through, %d failed again", plural(n.PutBack, "record"), n.CameThrough, n.FailedAgain)
	if n.OnTheWay > 0 {
		text += fmt.Sprintf(", %d are still on their way (`doxtrail status`)", n.OnTheWay)
	}
	if n.Sealed > 0 {
		text += fmt.Sprintf("; %d cannot be opened with this key ring and stay", n.Sealed)
	}
	return text
}

// err makes the exit code 1 where something is left to do.
func (n retried) err() error {
	if n.FailedAgain+n.Sealed > 0 {
		return plain(fmt.Errorf("%s left on FAILED; `doxtrail deadletters list` shows them", plural(n.FailedAgain+n.Sealed, "record")))
	}
	return nil
}

// retry puts records back and waits, for so long, until they came through or
// failed again.
func (s *session) retry(ctx context.Context, chosen choice, wait time.Duration) (n retried, err error) {
	key, err := s.failedKey()
	if err != nil {
		return n, err
	}
	all, err := s.deadletters(ctx)
	if err != nil {
		return n, err
	}
	letters, err := chosen.from(all)
	if err != nil || len(letters) == 0 {
		return n, err
	}
	raw, err := s.rawKey(ctx)
	if err != nil {
		return n, err
	}
	before, err := s.conn.FailedTally(ctx)
	if err != nil {
		return n, err
	}
	back, err := s.putBack(ctx, letters, key, raw)
	n.PutBack, n.Sealed = len(back.records), len(letters)-len(back.records)-back.gone
	if err != nil {
		return n, err
	}
	bounded, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	through := back.await(bounded, s.conn)
	if ctx.Err() != nil {
		return n, ctx.Err()
	}
	now, err := s.deadletters(ctx)
	if err != nil {
		return n, err
	}
	for _, d := range now {
		if back.records[d.identity] && d.known && d.Sequence > before.Entries {
			n.FailedAgain++
		}
	}
	if through {
		n.CameThrough = n.PutBack - n.FailedAgain
	} else {
		n.OnTheWay = n.PutBack - n.FailedAgain
	}
	s.log.Info("failed records put back", service.KeyCount, n.PutBack)
	return n, nil
}

// putBack puts records back, each once however often it failed.
func (s *session) putBack(ctx context.Context, letters []deadletter, key privacy.PrivateKey, raw privacy.PublicKey) (*putBack, error) {
	back := &putBack{records: map[[32]byte]bool{}, upTo: map[lane]uint64{}}
	for _, d := range letters {
		if !d.known {
			continue
		}
		sequence, err := s.conn.RetryFailed(ctx, d.entry, key, raw)
		if errors.Is(err, bus.ErrNoRecord) {
			back.gone++ // somebody else was faster
			continue
		}
		if err != nil {
			return back, err
		}
		for _, copied := range d.Copies {
			if err := s.conn.DropFailed(ctx, copied); err != nil && !errors.Is(err, bus.ErrNoRecord) {
				return back, err
			}
		}
		back.add(d, sequence)
	}
	return back, nil
}

// rawKey is what is sealed to on RAW.
func (s *session) rawKey(ctx context.Context) (privacy.PublicKey, error) {
	keys, err := s.conn.PublicKeys(ctx)
	if err != nil {
		return privacy.PublicKey{}, err
	}
	bounded, cancel := context.WithTimeout(ctx, readyWait)
	defer cancel()
	return keys.Raw(bounded)
}

// lane is one lane of one stream.
type lane struct {
	stage bus.Stage
	lane  bus.Lane
}

// putBack is what was put back, and up to where.
type putBack struct {
	records map[[32]byte]bool
	upTo    map[lane]uint64
	gone    int // were taken by somebody else meanwhile
}

func (b *putBack) add(d deadletter, sequence uint64) {
	b.records[d.identity] = true
	at := lane{d.entry.Of.Stage, d.entry.Of.Lane}
	b.upTo[at] = max(b.upTo[at], sequence)
}

// await is true once all that was put back is rows, or on FAILED again.
func (b *putBack) await(ctx context.Context, conn *bus.Conn) bool {
	for at, sequence := range b.upTo {
		var err error
		if at.stage == bus.StageRaw {
			err = conn.AwaitRows(ctx, at.lane, sequence)
		} else {
			err = conn.Await(ctx, bus.DurableOf(bus.StreamRecords, at.lane), sequence)
		}
		if err != nil {
			return false
		}
	}
	return true
}
