package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestLibrariesLogNothing runs itself with net/http told to log all it sends.
func TestLibrariesLogNothing(t *testing.T) {
	t.Parallel()
	const child = "DOXTRAIL_TEST_LIBRARIES"
	if os.Getenv(child) != "" {
		silenceLibraries()
		server := httptest.NewUnstartedServer(http.NotFoundHandler())
		server.EnableHTTP2 = true
		server.StartTLS()
		defer server.Close()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/chan-tai-man", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer invented-token")
		answer, err := server.Client().Do(request)
		if err != nil || answer.ProtoMajor != 2 {
			t.Fatalf("%v, %v", answer, err)
		}
		_ = answer.Body.Close()
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestLibrariesLogNothing$", "-test.v")
	cmd.Env = append(os.Environ(), child+"=1", "GODEBUG=http2debug=2")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS") {
		t.Fatalf("%v\n%s", err, out)
	}
	if strings.Contains(string(out), "chan-tai-man") || strings.Contains(string(out), "invented-token") {
		t.Errorf("libraries log\n%s", out)
	}
}
