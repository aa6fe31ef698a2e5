package gateway

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The checks are in testdata/javascript/client.mjs: node runs the real client.
func TestTheJavaScriptClient(t *testing.T) {
	dir := filepath.Join("testdata", "javascript")
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "@clickhouse", "client")); err != nil {
		t.Fatal("@clickhouse/client is not installed: type `make test`, which installs it")
	}
	s := newServer(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", "client.mjs")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CLICKHOUSE_URL="+s.URL, "CLICKHOUSE_DATABASE="+s.database)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if done := strings.Count(stdout.String(), "\n"); err != nil || done < 15 {
		t.Errorf("%d checks went well, the next did not: %v\n%s%s", done, err, stdout.String(), stderr.String())
	}
	// What was aborted does not go on.
	waitIdle(t, s)
	const left = "SELECT count() FROM system.processes WHERE query LIKE '%numbers(1000000000000)%' AND query NOT LIKE '%processes%'"
	if got := s.ask(t, left); got != "0" {
		t.Errorf("%s statements of aborted requests run still", got)
	}
}
