package archive

import (
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
