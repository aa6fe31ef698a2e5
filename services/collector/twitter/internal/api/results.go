package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"net/http"
	"time"
)

// resultLimit is the longest line of a job's results that is read; they have some
// 200 bytes.
const resultLimit = 64 << 10

// ComplianceResult is one post that is not to be kept. Those that a job was asked
// about and that are not in its results are as they were.
type ComplianceResult struct {
	// ID is the post's.
	ID string
	// Action is "delete", else "other".
	Action string
	// Reason is "deleted", "bounced", "protected", "suspended", "deactivated" or
	// "scrub_geo", else "other".
	Reason string
	// CreatedAt is the post's time, RedactedAt when it went; zero where not told.
	CreatedAt, RedactedAt time.Time
}

// Results reads the results of a job that is complete, as they come. A line that
// cannot be read is passed over, and after the good ones comes a *Fault of Broken
// that counts them. Any other error ends the results: a *Fault, or that of ctx.
// What came before an error is right, but not all.
func (c *Client) Results(ctx context.Context, job Job) iter.Seq2[ComplianceResult, error] {
	return func(yield func(ComplianceResult, error) bool) {
		life, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		body, err := c.download(ctx, life, cancel, job)
		if err != nil {
			yield(ComplianceResult{}, err)
			return
		}
		defer body.Close() //nolint:errcheck // nothing was written
		broken, err := readResults(newWatched(body, c.cfg.CallLimit, cancel), yield)
		switch {
		case errors.Is(err, errEnough):
		case ctx.Err() != nil && err != nil:
			yield(ComplianceResult{}, ctx.Err())
		case err != nil && errors.Is(context.Cause(life), errLate):
			yield(ComplianceResult{}, &Fault{Kind: Timeout, Method: MethodCompliance})
		case err != nil:
			yield(ComplianceResult{}, &Fault{Kind: networkKind(err), Method: MethodCompliance})
		case broken > 0:
			yield(ComplianceResult{}, &Fault{Kind: Broken, Method: MethodCompliance, Lines: broken})
		}
	}
}

// download asks for the file of results.
func (c *Client) download(outer, life context.Context, cancel context.CancelCauseFunc, job Job) (io.ReadCloser, error) {
	e := errand{method: MethodCompliance, file: true}
	request, fault := c.fileRequest(e.in(life), http.MethodGet, job.DownloadURL, nil)
	if fault != nil {
		return nil, fault
	}
	late := time.AfterFunc(c.cfg.CallLimit, func() { cancel(errLate) })
	defer late.Stop()
	began := time.Now()
	response, err := c.http.Do(request)
	if err := c.fileFault(outer, &e, err, began); err != nil {
		if response != nil {
			response.Body.Close() //nolint:errcheck // nothing was written
		}
		return nil, err
	}
	return response.Body, nil
}

// errEnough is a reader that wants no more.
var errEnough = errors.New("read results: no more are wanted")

// readResults reads lines of results, and says how many of them it could not read.
func readResults(from io.Reader, yield func(ComplianceResult, error) bool) (broken int, err error) {
	for in := newLines(from, resultLimit); ; {
		line, err := in.next()
		if errors.Is(err, errLongLine) {
			broken++
			continue
		}
		if line = bytes.TrimSpace(line); len(line) > 0 && (err == nil || errors.Is(err, io.EOF)) {
			if result, ok := resultOf(line); !ok {
				broken++
			} else if !yield(result, nil) {
				return broken, errEnough
			}
		}
		if errors.Is(err, io.EOF) {
			return broken, nil
		}
		if err != nil {
			return broken, err
		}
	}
}

// resultOf reads one line.
func resultOf(line []byte) (ComplianceResult, bool) {
	var told struct {
		ID         string `json:"id"`
		Action     string `json:"action"`
		Reason     string `json:"reason"`
		CreatedAt  string `json:"created_at"`
		RedactedAt string `json:"redacted_at"`
	}
	if err := json.Unmarshal(line, &told); err != nil || !isID(told.ID) {
		return ComplianceResult{}, false
	}
	if told.Action != "delete" {
		told.Action = string(Other)
	}
	switch told.Reason {
	case "deleted", "bounced", "protected", "suspended", "deactivated", "scrub_geo":
	default:
		told.Reason = string(Other)
	}
	return ComplianceResult{
		ID: told.ID, Action: told.Action, Reason: told.Reason,
		CreatedAt: timeOf(told.CreatedAt), RedactedAt: timeOf(told.RedactedAt),
	}, true
}
