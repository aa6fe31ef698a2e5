package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/doxtrail/doxtrail/pkg/campaign"
	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
)

// What the one account of the demo's Telegram logs in with.
const (
	phone    = "+9990000000"
	code     = "24680"
	password = "invented password"
)

// marker is the configuration file, by which a folder is known to be a demo's.
const (
	marker        = "doxtrail.yaml"
	watchlistFile = "watchlist.yaml"
)

// configuration is the study's, with the end of the legal basis, X's address, and the
// address and number of Telegram's server. The rates are quick: neither punishes anybody.
const configuration = `# The live demo's configuration. Paths start at this file's folder.
watchlist: watchlist.yaml
data: data
keys: keys
legal_basis:
  controller: University of Example
  ground: an invented campaign has no data subjects
  reference: ethics 1/2026 (invented)
  expires: %q
collector_twitter:
  bearer_token_file: x_token
  api_url: %s # an X of the demo's own; without this the real one is asked
  terms_basis: dsa_40_12
  budget: {money_per_month: 25}
  compliance: {every: 1s} # never like this with the real one, as the rates
  rates:
    rules.read: {every: 5ms, burst: 5}
    rules.change: {every: 5ms, burst: 5}
    stream: {every: 5ms, burst: 5}
    usage: {every: 5ms, burst: 5}
    compliance: {every: 5ms, burst: 5}
recorder:
  strip_wait: 100ms # how soon after rows of X is looked for what must go; usually 1m
collector_telegram:
  api_id: 1
  api_hash_file: api_hash
  terms_basis: written_approval
  server: # a Telegram of the demo's own; without this the real one is asked
    address: %s
    dc: %d
    public_key_file: telegram.pem
  rates: # never like this with the real one
    messages.getHistory: {every: 5ms, burst: 5}
    channels.getMessages: {every: 5ms, burst: 5}
    channels.getFullChannel: {every: 5ms, burst: 5}
    contacts.resolveUsername: {every: 5ms, burst: 5}
    updates.getChannelDifference: {every: 5ms, burst: 5}
`

// writeStudy writes everything that doxtrail is told into dir.
func writeStudy(dir string, telegram *fake.Server, api string, c *campaign.Campaign) error {
	if _, err := telegram.WriteFiles(dir); err != nil {
		return err
	}
	var list strings.Builder
	if err := errors.Join(c.WriteLiveWatchlist(&list), c.WriteLiveAccounts(&list)); err != nil {
		return err
	}
	expires := time.Now().AddDate(1, 0, 0).Format(time.DateOnly)
	for name, content := range map[string]string{
		marker:        fmt.Sprintf(configuration, expires, api, telegram.Address(), telegram.DC()),
		"api_hash":    "0123456789abcdef0123456789abcdef\n",
		"x_token":     token + "\n",
		watchlistFile: list.String(),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}

// study is a doxtrail binary, and the folder it works in.
type study struct {
	binary, dir, log string
}

// call runs one command and gives what it prints to stdout.
func (s study) call(ctx context.Context, stdin string, args ...string) ([]byte, error) {
	args = append([]string{"--config", filepath.Join(s.dir, marker)}, args...)
	cmd := exec.CommandContext(ctx, s.binary, args...) //nolint:gosec // the demo's own binary
	var failed bytes.Buffer
	cmd.Stdin, cmd.Stderr = strings.NewReader(stdin), &failed
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("doxtrail %s: %w: %s", args[2], err, strings.TrimSpace(failed.String()))
	}
	return out, nil
}

// ask runs a named question.
func (s study) ask(ctx context.Context, rows any, args ...string) error {
	out, err := s.call(ctx, "", append([]string{"query", "--format", "json"}, args...)...)
	if err != nil {
		return err
	}
	return json.Unmarshal(out, rows)
}

// healthy is an error if doxtrail itself says that records failed.
func (s study) healthy(ctx context.Context) error {
	out, err := s.call(ctx, "", "status", "--json")
	if err != nil {
		return err
	}
	var status struct {
		Failed int `json:"failed_records"`
	}
	if err := json.Unmarshal(out, &status); err != nil {
		return fmt.Errorf("read what status says: %w", err)
	}
	if status.Failed > 0 {
		return fmt.Errorf("%d records failed; see doxtrail deadletters list", status.Failed)
	}
	return nil
}
