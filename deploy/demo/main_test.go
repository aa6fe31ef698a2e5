package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/campaign"
)

func TestDemoFolderHoldsWhatADemoNeeds(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	var stdout, stderr bytes.Buffer
	if err := run([]string{"-out", dir, "-posts", "600"}, &stdout, &stderr); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(dir, "ledger.json"))
	if err != nil {
		t.Fatal(err)
	}
	var ledger campaign.Ledger
	if err := json.Unmarshal(content, &ledger); err != nil {
		t.Fatal(err)
	}
	if ledger.Posts != 600 {
		t.Errorf("%d posts", ledger.Posts)
	}
	for _, f := range ledger.Files {
		if _, err := os.Stat(filepath.Join(dir, "archives", filepath.FromSlash(f.Name))); err != nil {
			t.Error(err)
		}
	}
	for name, want := range map[string]string{
		"doxtrail.yaml":  "watchlist: watchlist.yaml\n",
		"watchlist.yaml": campaign.FamilyLabel,
	} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.Contains(string(content), want) {
			t.Errorf("%s lacks %q (%v)", name, want, err)
		}
	}
	if stdout.Len()+stderr.Len() > 0 {
		t.Errorf("printed %q, %q", stdout.String(), stderr.String())
	}
}

func TestLoadGoesToStdoutAndItsFiguresToStderr(t *testing.T) {
	for _, format := range []string{"telegram", "twarc2"} {
		var stdout, stderr bytes.Buffer
		if err := run([]string{"-load", "250", "-format", format}, &stdout, &stderr); err != nil {
			t.Fatal(err)
		}
		var figures campaign.LoadFigures
		if err := json.Unmarshal(stderr.Bytes(), &figures); err != nil {
			t.Fatal(err)
		}
		if figures.Posts != 250 || figures.Bytes != int64(stdout.Len()) {
			t.Errorf("%s: %+v for %d bytes", format, figures, stdout.Len())
		}
	}
}

func TestWrongUseIsAnError(t *testing.T) {
	for _, args := range [][]string{{}, {"-load", "5", "-format", "csv"}, {"-nothing"}} {
		var stdout, stderr bytes.Buffer
		if err := run(args, &stdout, &stderr); err == nil {
			t.Errorf("%q was taken", args)
		}
	}
}
