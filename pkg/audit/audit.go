// Package audit keeps a log of what was opened, shown, erased and handed out: who did
// it, when, why, and how much of what; never a value.
//
//	log, err := audit.Open(filepath.Join(keys, audit.FileName))
//	err = log.Append(audit.Entry{Action: "locate", Reason: "notice 12 to the host", Counts: map[string]int64{"locators": 1}})
//	// only now is the locator opened
//
// A log is a file of one JSON line an entry, and each line holds the hash of the one
// before: a line that was changed, taken out or put in shows. Whoever can write the
// file can also write it anew from the beginning, so its newest hash ([Log.Head]) is
// worth noting somewhere else. An entry is on the disk when Append returns; what it is
// about happens after that, so nothing happens that is not in the log, and something
// may be in it that did not happen.
//
// Limits: an entry's reason is free text that a person types. It is scrubbed of what
// looks like personal data, which does not find every name.
package audit

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/doxtrail/doxtrail/pkg/privacy"
)

// FileName is what the log is called in the folder of a key ring.
const FileName = "audit.jsonl"

// maxReason bounds a reason, in bytes, maxLine a whole line.
const (
	maxReason = 500
	maxLine   = 64 << 10
)

// ErrNoReason says that nobody said why.
var ErrNoReason = errors.New("write the audit log: say why, in a few words that name no person (--reason)")

// ErrBroken says that the log is not as it was written.
var ErrBroken = errors.New("read the audit log: a line was changed, taken out or put in")

// Entry is one thing that was done.
type Entry struct {
	// Action is a word: locate, lookup, erase, export.
	Action string `json:"action"`
	// Reason is why, in the words of who did it.
	Reason string `json:"reason"`
	// Counts is how much of what, by word.
	Counts map[string]int64 `json:"counts,omitempty"`
	// At and Who are filled in by Append: the time in UTC, and the operating system's
	// number of the user and, where it has one, the name.
	At  time.Time `json:"at"`
	Who string    `json:"who"`
	// Previous is the hash of the line before; empty in the first.
	Previous string `json:"previous,omitempty"`
}

// Log is an audit log. Several processes may append to one.
type Log struct {
	path string
	mu   sync.Mutex
}

// Open names the log; the file is made by the first Append.
func Open(path string) *Log { return &Log{path: path} }

// Append writes an entry and returns when it is on the disk. Errors: ErrNoReason,
// ErrBroken, those of the file system.
func (l *Log) Append(e Entry) error {
	return l.AppendIf(e, func([]Entry) error { return nil })
}

// AppendIf writes an entry unless allowed, which is given all entries before it, says
// why not: that error is returned then. No other process appends in between, so that
// of many who ask at once no more are let through than one after the other.
func (l *Log) AppendIf(e Entry, allowed func([]Entry) error) error {
	if e.Reason = strings.TrimSpace(privacy.Scrub(e.Reason)); e.Reason == "" {
		return ErrNoReason
	}
	if len(e.Reason) > maxReason {
		return fmt.Errorf("write the audit log: a reason has at most %d bytes", maxReason)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	file, err := os.OpenFile(l.path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("open the audit log: %w", bare(err))
	}
	defer func() { _ = file.Close() }()
	if err := lock(file); err != nil {
		return fmt.Errorf("lock the audit log: %w", err)
	}
	var before []Entry
	last, err := mend(file, func(e Entry) { before = append(before, e) })
	if err != nil {
		return err
	}
	if err := allowed(before); err != nil {
		return err
	}
	e.At, e.Who, e.Previous = time.Now().UTC(), who(), hashOf(last)
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("write the audit log: %w", err)
	}
	if _, err = file.Write(append(privacy.VisibleJSON(line), '\n')); err == nil {
		err = file.Sync()
	}
	if err != nil {
		return fmt.Errorf("write the audit log: %w", bare(err))
	}
	return nil
}

// Read gives all entries, the oldest first. Errors: ErrBroken behind the last entry
// that is as it was written.
func (l *Log) Read() ([]Entry, error) {
	file, err := os.Open(l.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open the audit log: %w", bare(err))
	}
	defer func() { _ = file.Close() }()
	var list []Entry
	_, _, err = walk(file, func(e Entry) { list = append(list, e) })
	return list, err
}

// Head is the hash of the newest line; empty where there is none.
func (l *Log) Head() (string, error) {
	file, err := os.Open(l.path)
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("open the audit log: %w", bare(err))
	}
	defer func() { _ = file.Close() }()
	last, _, err := walk(file, func(Entry) {})
	return hashOf(last), err
}

// mend gives the last line, and cuts off one that a process was killed in.
func mend(file *os.File, each func(Entry)) (last []byte, err error) {
	last, whole, err := walk(file, each)
	if err != nil {
		return nil, err
	}
	if err := file.Truncate(whole); err != nil {
		return nil, fmt.Errorf("mend the audit log: %w", bare(err))
	}
	return last, nil
}

// walk reads every whole line and gives the last, and where it ends.
func walk(file io.Reader, each func(Entry)) (last []byte, whole int64, err error) {
	lines := bufio.NewReaderSize(file, maxLine)
	for {
		line, err := lines.ReadSlice('\n')
		switch {
		case errors.Is(err, io.EOF):
			return last, whole, nil // what has no end was being written
		case errors.Is(err, bufio.ErrBufferFull):
			return last, whole, ErrBroken
		case err != nil:
			return last, whole, fmt.Errorf("read the audit log: %w", bare(err))
		}
		var e Entry
		if json.Unmarshal(line, &e) != nil || e.Previous != hashOf(last) {
			return last, whole, ErrBroken
		}
		each(e)
		last = bytes.Clone(line)
		whole += int64(len(line))
	}
}

// hashOf is what the next line holds of a line; empty for none.
func hashOf(line []byte) string {
	if line == nil {
		return ""
	}
	sum := sha256.Sum256(line)
	return hex.EncodeToString(sum[:])
}

// who is the user that runs the process.
func who() string {
	number := strconv.Itoa(os.Getuid())
	if u, err := user.LookupId(number); err == nil {
		return number + " " + u.Username
	}
	return number
}

// lock keeps other processes from appending until the file is closed.
func lock(file *os.File) error {
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

// bare is an error of the file system without the path, which may name a person.
func bare(err error) error {
	var at *os.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}
