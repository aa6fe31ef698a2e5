package archive

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"testing"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

func TestChangedFile(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "a"), export("x"))
	for source, err := range Open([]string{path}, nil) {
		if err != nil {
			t.Fatal(err)
		}
		if _, err := source.ImportID(); err != nil {
			t.Fatal(err)
		}
		write(t, path, export("something else"))
		result, err := Read(t.Context(), source, Options{}, &recorder{})
		if err != nil || result.Complete {
			t.Errorf("got %v", err)
		}
		diff(t, "faults", classes(result), []Class{ClassChanged})
	}
}

// meddling changes the file at its first post.
type meddling struct {
	recorder
	meddle func()
}

func (m *meddling) Post(number uint64, post *doxtrailv1.RawPost) error {
	if number == 0 {
		m.meddle()
	}
	return m.recorder.Post(number, post)
}

func TestFileThatChangesWhileItIsRead(t *testing.T) {
	content := telegramExport(5000)
	for _, tc := range []struct {
		name   string
		meddle func(path string) error
		want   []Class
	}{
		{"shrinks", func(path string) error { return os.Truncate(path, int64(len(content)/2)) }, []Class{ClassBrokenJSON, ClassTruncated, ClassChanged}},
		{"grows", func(path string) error { return os.WriteFile(path, append(content, ' '), 0o600) }, []Class{ClassChanged}},
		{"vanishes", os.Remove, []Class{ClassChanged}},
		{"is replaced", func(path string) error {
			other := path + ".new"
			return errors.Join(os.WriteFile(other, content, 0o600), os.Rename(other, path))
		}, []Class{ClassChanged}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := write(t, filepath.Join(t.TempDir(), "a"), content)
			for source, err := range Open([]string{path}, nil) {
				if err != nil {
					t.Fatal(err)
				}
				m := &meddling{}
				m.meddle = func() {
					if err := tc.meddle(path); err != nil {
						t.Fatal(err)
					}
				}
				result, err := Read(t.Context(), source, Options{}, m)
				if err != nil || result.Complete || len(m.posts) < 1000 {
					t.Errorf("got %d posts, %v", len(m.posts), err)
				}
				diff(t, "faults", classes(result), tc.want)
			}
		})
	}
}

// The first file is hashed before anybody asks. What is read later must be what
// was hashed, or be called changed.
func TestAFileThatChangesWhileItIsHashedAheadIsNeverTakenForAnother(t *testing.T) {
	first, second := bytes.Repeat([]byte(`{"id":"1"}`+"\n"), 100_000), []byte(`{"id":"2"}`+"\n")
	for range 20 {
		path := filepath.Join(t.TempDir(), "posts.jsonl")
		if err := os.WriteFile(path, first, 0o600); err != nil {
			t.Fatal(err)
		}
		files := Open([]string{path, path}, nil)
		if err := os.WriteFile(path, second, 0o600); err != nil {
			t.Fatal(err)
		}
		met := 0
		for source, err := range files {
			if err != nil {
				t.Fatal(err)
			}
			id, err := source.ImportID()
			if err != nil {
				t.Fatal(err)
			}
			if sum := sha256.Sum256(second); !bytes.Equal(id[:], sum[:16]) && source.origin.unchanged() {
				t.Fatal("a file has the identity of what it is no more")
			}
			met++
		}
		if met != 2 {
			t.Fatalf("%d files were met, want 2", met)
		}
	}
}
