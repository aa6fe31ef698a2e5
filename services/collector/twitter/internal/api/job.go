package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"time"

	twitter "github.com/g8rswimmer/go-twitter/v2"
)

// What a job's Status may be.
const (
	JobCreated    = "created"     // it waits for its ids
	JobInProgress = "in_progress" // X looks them up
	JobComplete   = "complete"    // its results can be had
	JobFailed     = "failed"
	JobExpired    = "expired"
	JobOther      = "other" // a word that we do not know
)

// Job asks X about many posts at once: ids go up in a file, and those that are not
// to be kept come back in one. It is never printed: its addresses are keys.
type Job struct {
	// ID is a number. Name is what CreateJob was given.
	ID, Name string
	// Status is one of the words above.
	Status string
	// CreatedAt is zero where X does not say.
	CreatedAt time.Time
	// The addresses lie with somebody else than X, and whoever knows them may use
	// them until they expire. Expiries are zero where X does not say.
	UploadURL, DownloadURL             string
	UploadExpiresAt, DownloadExpiresAt time.Time
}

// Format implements fmt.Formatter and says nothing.
func (Job) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, withheld) }

// LogValue implements slog.LogValuer and says nothing.
func (Job) LogValue() slog.Value { return slog.StringValue(withheld) }

// CreateJob begins a job about posts. The name stands in clear at X; it may be
// empty. X has one job of a kind at a time: while another is under way, also one
// whose answer was lost, this fails with Conflict, and Jobs finds it.
func (c *Client) CreateJob(ctx context.Context, name string) (Job, error) {
	return c.job(ctx, func(ctx context.Context) error {
		_, err := c.library.CreateComplianceBatchJob(ctx, twitter.ComplianceBatchJobTypeTweets, twitter.CreateComplianceBatchJobOpts{Name: name})
		return err
	})
}

// Job asks how far a job is. Absent is one that X does not know any more.
func (c *Client) Job(ctx context.Context, id string) (Job, error) {
	if !isID(id) {
		return Job{}, &Fault{Kind: Refused, Method: MethodCompliance}
	}
	return c.job(ctx, func(ctx context.Context) error {
		_, err := c.library.ComplianceBatchJob(ctx, id)
		return err
	})
}

// Jobs asks for the app's jobs about posts, also those that have ended, as far back
// as X knows them.
func (c *Client) Jobs(ctx context.Context) ([]Job, error) {
	e, err := c.ask(ctx, errand{method: MethodCompliance, fit: areJobs}, func(ctx context.Context) error {
		_, err := c.library.ComplianceBatchJobLookup(ctx, twitter.ComplianceBatchJobTypeTweets, twitter.ComplianceBatchJobLookupOpts{})
		return err
	})
	if err != nil {
		return nil, err
	}
	var told struct {
		Data []jobBody `json:"data"`
	}
	if err := json.Unmarshal(e.body, &told); err != nil {
		return nil, &Fault{Kind: Broken, Method: MethodCompliance}
	}
	jobs := make([]Job, 0, len(told.Data))
	for i := range told.Data {
		jobs = append(jobs, told.Data[i].job())
	}
	return jobs, nil
}

func (c *Client) job(ctx context.Context, do func(context.Context) error) (Job, error) {
	e, err := c.ask(ctx, errand{method: MethodCompliance, fit: isJob}, do)
	if err != nil {
		return Job{}, err
	}
	var told struct {
		Data jobBody `json:"data"`
	}
	if err := json.Unmarshal(e.body, &told); err != nil || !isID(told.Data.ID) {
		return Job{}, &Fault{Kind: Broken, Method: MethodCompliance}
	}
	return told.Data.job(), nil
}

// isJob and areJobs say whether an answer has one job, or a list without gaps: the
// library panics otherwise.
func isJob(body []byte) bool {
	var answer struct {
		Data map[string]json.RawMessage `json:"data"`
	}
	return json.Unmarshal(body, &answer) == nil && answer.Data != nil
}

func areJobs(body []byte) bool {
	var answer *struct {
		Data []map[string]json.RawMessage `json:"data"`
	}
	if json.Unmarshal(body, &answer) != nil || answer == nil {
		return false
	}
	for _, job := range answer.Data {
		if job == nil {
			return false
		}
	}
	return true
}

// jobBody is a job in an answer.
type jobBody struct {
	ID              string `json:"id"`
	Name            string `json:"name"`
	Status          string `json:"status"`
	CreatedAt       string `json:"created_at"`
	UploadURL       string `json:"upload_url"`
	DownloadURL     string `json:"download_url"`
	UploadExpires   string `json:"upload_expires_at"`
	DownloadExpires string `json:"download_expires_at"`
}

func (b *jobBody) job() Job {
	status := b.Status
	switch status {
	case JobCreated, JobInProgress, JobComplete, JobFailed, JobExpired:
	default:
		status = JobOther
	}
	return Job{
		ID: b.ID, Name: b.Name, Status: status, CreatedAt: timeOf(b.CreatedAt), UploadURL: b.UploadURL, DownloadURL: b.DownloadURL,
		UploadExpiresAt: timeOf(b.UploadExpires), DownloadExpiresAt: timeOf(b.DownloadExpires),
	}
}

// timeOf reads a time in UTC, with Z or an offset; zero if it is none.
func timeOf(text string) time.Time {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}
