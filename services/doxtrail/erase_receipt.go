package main

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/doxtrail/doxtrail/pkg/privacy"
)

const (
	receiptFormat   = "doxtrail erasure receipt 1"
	signatureSuffix = ".sig"
	unreadParts     = "parts"
)

// receipt says that something was erased, to whoever asked for it. It leaves the
// house, so it holds counts and no value, and no key of one either.
type receipt struct {
	Format  string `json:"format"`
	Version string `json:"version"` // of the doxtrail that erased
	// Case is a random number, to talk about.
	Case string `json:"case"`
	// Ring is the public id of the study's key ring.
	Ring       string    `json:"ring"`
	StartedAt  time.Time `json:"started_at"`
	FinishedAt time.Time `json:"finished_at"`
	// Targets is how many values of which kind were given.
	Targets map[string]int64 `json:"targets"`
	// Rows were deleted, by table, and Records by stream. A call that finishes one
	// that was killed counts what was left.
	Rows    map[string]uint64 `json:"rows"`
	Records map[string]uint64 `json:"records"`
	Scan    scan              `json:"scan"`
	// Unread counts what could not be looked into: messages, by stream, of which each is
	// checked before anything becomes of it, and, as parts, what ClickHouse set aside of
	// broken tables.
	Unread map[string]uint64 `json:"unread"`
	// PublicKey checks the signature, in PEM. Whether it is the study's own says who
	// runs it.
	PublicKey string `json:"public_key"`
}

// scan is the result of looking for what is left after all was deleted.
type scan struct {
	At time.Time `json:"at"`
	// Left is by table and stream, Total their sum: 0 means that nothing is left.
	Left  map[string]uint64 `json:"left"`
	Total uint64            `json:"total"`
	// Kept are rows that stay on purpose: that it was erased, that there was a look
	// at it, and under which other names a channel is to be known again.
	Kept map[string]uint64 `json:"kept"`
}

// issue completes, signs and writes the receipt. The signature is over its bytes as
// they stand in the file, or in the line on standard output.
func (r *receipt) issue(out io.Writer, ring *privacy.Ring, path string) error {
	now := time.Now()
	key, err := ring.ReceiptKey(now)
	if err != nil {
		return plain(err)
	}
	if r.PublicKey, err = key.PublicPEM(); err != nil {
		return err
	}
	number := make([]byte, 8)
	_, _ = rand.Read(number) // never fails: it ends the process instead
	r.Case, r.FinishedAt = hex.EncodeToString(number), now
	r.StartedAt, r.FinishedAt, r.Scan.At = toSecond(r.StartedAt), toSecond(r.FinishedAt), toSecond(r.Scan.At)
	if path == "" {
		text, err := json.Marshal(r)
		if err != nil {
			return err
		}
		return json.NewEncoder(out).Encode(signedReceipt{text, base64.StdEncoding.EncodeToString(key.Sign(text))})
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	text = append(text, '\n')
	for _, part := range []struct {
		path string
		text []byte
	}{{path, text}, {path + signatureSuffix, key.Sign(text)}} {
		write := func(w io.Writer) error {
			_, err := w.Write(part.text)
			return err
		}
		if err := newFile(part.path, write); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(out, "erased: case %s, %s left; the receipt is signed\n", r.Case, grouped(r.Scan.Total))
	return err
}

// note says what who erases has to look at, since a receipt only counts.
func (r *receipt) note(w io.Writer) {
	gone := uint64(0)
	for _, counts := range []map[string]uint64{r.Rows, r.Records} {
		for _, n := range counts {
			gone += n
		}
	}
	if gone == 0 {
		fmt.Fprintln(w, "nothing was known of it; unless it was erased before, see that each value is spelled as it stood")
	}
	if n := r.Unread[unreadParts]; n > 0 {
		fmt.Fprintf(w, "ClickHouse has set %s aside, in which it may lie still, and counts as unread: delete the folders `detached` of the tables\n",
			plurals(int(n), "broken part", "broken parts"))
	}
}

// signedReceipt is a receipt on one line.
type signedReceipt struct {
	Receipt   json.RawMessage `json:"receipt"`
	Signature string          `json:"signature"`
}

// toSecond is a time to the second, in UTC.
func toSecond(at time.Time) time.Time { return at.UTC().Truncate(time.Second) }
