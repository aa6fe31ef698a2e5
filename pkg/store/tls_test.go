package store_test

import (
	"encoding/pem"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/store"
	"github.com/doxtrail/doxtrail/pkg/store/storetest"
)

// A server with a certificate of one's own is believed by its authority alone.
func TestOpenChecksTheServersCertificate(t *testing.T) {
	cfg := storetest.Config(t)
	target, err := url.Parse(cfg.URL)
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewTLSServer(httputil.NewSingleHostReverseProxy(target))
	defer front.Close()
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	cfg.URL = front.URL
	for what, tc := range map[string]struct{ path, want string }{
		"its own authority":      {file("ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: front.Certificate().Raw}))), ""},
		"the system's":           {"", "ping clickhouse"},
		"a file that is missing": {filepath.Join(dir, "invented-person.pem"), "cannot be read"},
		"a file of another kind": {file("no.pem", "no certificate"), "no PEM certificate"},
	} {
		cfg.CAFile = tc.path
		s, err := store.Open(t.Context(), cfg)
		switch {
		case tc.want == "" && err != nil:
			t.Errorf("%s: %v", what, err)
		case tc.want == "":
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		case err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "invented-person"):
			t.Errorf("%s: error %v, want one with %q", what, err, tc.want)
		}
	}
}
