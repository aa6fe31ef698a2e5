package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/campaign"
	archivecollector "github.com/doxtrail/doxtrail/services/collector/archive"
	"github.com/doxtrail/doxtrail/services/normaliser"
)

// fixtureName is the file that holds a study.
const fixtureName = "study.tar.gz"

// writeUpgradeFixture makes a study with the binary of this commit and leaves
// it in the middle of its work: a third of the files is rows, a third lies on
// RECORDS, which no recorder reads, and a third on RAW, which no normaliser
// reads. The ring is made for it and worth nothing.
func writeUpgradeFixture(t *testing.T) {
	t.Helper()
	c := campaign.New(81, campaign.Size{Posts: 240, Channels: 6, Accounts: 24, Cards: 8, Sites: 4})
	ledger := c.Truth(c.Sites())
	s := newStudy(t, c, c.Sites())
	parts := make([]int, 3)
	for i, f := range ledger.Files {
		part := i % len(parts)
		parts[part]++
		to := s.path(filepath.Join(fmt.Sprint("part", part), f.Name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(to), 0o700), os.Rename(s.path("archives/"+f.Name), to)); err != nil {
			t.Fatal(err)
		}
	}
	s.must("import", "part0")
	conn, url, stop := s.streams()
	s.write("token", "test")
	for _, part := range []struct {
		service, inbox string
		files          int
	}{{archivecollector.Name, "part1", parts[1]}, {normaliser.Name, "part1", 0}, {archivecollector.Name, "part2", parts[2]}} {
		s.serve(conn, url, part.service, part.inbox, part.files)
	}
	stop()
	text, err := json.Marshal(ledger)
	if err != nil {
		t.Fatal(err)
	}
	s.write("ledger.json", string(text))
	dir := filepath.Join("testdata", "upgrade", fmt.Sprintf("%04d", schemaOf(t)))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	packFixture(t, filepath.Join(dir, fixtureName), s.dir, "data/clickhouse", "data/nats", "data/study.json", "keys", "ledger.json", "watchlist.yaml")
}

// schemaOf counts the migrations in the source.
func schemaOf(t *testing.T) int {
	t.Helper()
	all, err := filepath.Glob("../../pkg/store/migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// serve runs one service alone on the study's streams until it has done its
// work: the collector until it has read the files of a folder, the normaliser
// until RAW is empty. ClickHouse is not there.
func (s *testStudy) serve(conn *bus.Conn, url, name, inbox string, files int) {
	s.t.Helper()
	s.write("run.yaml", "watchlist: watchlist.yaml\nkeys: keys\nnats: {url: '"+url+"', token_file: token}\n"+
		"clickhouse: {url: 'http://127.0.0.1:9'}\ncollector_archive: {inbox: "+inbox+", inbox_poll: 100ms}\n")
	r := s.begin(nil, "run", "--config", "run.yaml", name)
	s.eventually(name+" has done its work", func() bool {
		if name == archivecollector.Name {
			return strings.Count(r.stderr.String(), "archive file read") == files
		}
		lag, err := conn.Lag(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		return lag.Streams[0].Stream == bus.StreamRaw && lag.Streams[0].Messages == 0
	})
	_ = r.process.Signal(os.Interrupt)
	if ended := r.wait(); ended.code != 0 {
		s.t.Fatalf("%s ended with %d:\n%s", name, ended.code, ended.stderr)
	}
}

// packFixture packs files and folders below root, without what tells when.
func packFixture(t *testing.T, path, root string, names ...string) {
	t.Helper()
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(z)
	for _, name := range names {
		err := filepath.WalkDir(filepath.Join(root, name), func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			return packEntry(w, root, path, d)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), z.Close(), os.WriteFile(path, packed.Bytes(), 0o644)); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: %d bytes", path, packed.Len())
}

func packEntry(w *tar.Writer, root, path string, d fs.DirEntry) error {
	name, err := filepath.Rel(root, path)
	if err != nil {
		return err
	}
	h := &tar.Header{Name: filepath.ToSlash(name), Mode: 0o600, Format: tar.FormatPAX}
	switch {
	case d.IsDir():
		h.Typeflag, h.Mode = tar.TypeDir, 0o700
		return w.WriteHeader(h)
	case d.Type() == fs.ModeSymlink:
		h.Typeflag = tar.TypeSymlink
		if h.Linkname, err = os.Readlink(path); err != nil {
			return err
		}
		if filepath.IsAbs(h.Linkname) {
			return fmt.Errorf("%s is a link to a path of this machine", name)
		}
		return w.WriteHeader(h)
	case !d.Type().IsRegular() || d.Name() == "lock" || d.Name() == "status":
		return nil
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	h.Size = int64(len(content))
	if err := w.WriteHeader(h); err != nil {
		return err
	}
	_, err = w.Write(content)
	return err
}

func unpackFixture(t *testing.T, path, root string) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	r := tar.NewReader(z)
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err == nil {
			err = unpackEntry(r, h, filepath.Join(root, filepath.FromSlash(h.Name)))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func unpackEntry(r io.Reader, h *tar.Header, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	switch h.Typeflag {
	case tar.TypeDir:
		return os.MkdirAll(path, 0o700)
	case tar.TypeSymlink:
		return os.Symlink(h.Linkname, path)
	}
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o600)
}

// postStatement runs a statement as a client of one's own would.
func postStatement(t *testing.T, url, user, password, statement string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(statement))
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth(user, password)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %s %v", statement, response.StatusCode, body, err)
	}
}
