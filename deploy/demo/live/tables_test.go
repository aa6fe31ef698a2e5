package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRowsAreReadOneALine(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		statement, err := io.ReadAll(r.Body)
		if err != nil || !strings.Contains(string(statement), "FROM posts") || r.Header.Get("X-ClickHouse-Key") != "secret" {
			http.Error(w, "Code: 516. no", http.StatusForbidden)
			return
		}
		_, _ = io.WriteString(w, `{"Key":"k1","Channel":"c","At":`+r.URL.Query().Get("param_from")+"}\n"+`{"Key":"k2","Channel":"c","At":8}`+"\n")
	}))
	t.Cleanup(server.Close)
	got, err := (&tables{server.URL, "researcher", "secret"}).since(t.Context(), 7)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]found{{"k1", "c", 7}, {"k2", "c", 8}}, got); d != "" {
		t.Errorf("rows (-want +got):\n%s", d)
	}
	if _, err := (&tables{server.URL, "researcher", "wrong"}).since(t.Context(), 7); err == nil || !strings.Contains(err.Error(), "Code: 516. no") {
		t.Errorf("a refusal is %v", err)
	}
}
