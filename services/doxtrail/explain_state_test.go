package main

import (
	"strings"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/store"
)

func TestWhatAShortenerSaidIsExplained(t *testing.T) {
	l := store.ExplainedLink{Role: "link", Source: "text", ExpandedBy: "resolved", Depth: 1, State: "blocked_by_platform"}
	if text := stoodAs(l); !strings.HasSuffix(text, ", expanded by: resolved, the shortener was asked: blocked by platform") {
		t.Errorf("it says: %s", text)
	}
	l.State, l.ExpandedBy = "", "none"
	if text := stoodAs(l); strings.Contains(text, "shortener") {
		t.Errorf("where nobody asked it says: %s", text)
	}
}
