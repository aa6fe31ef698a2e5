package archive

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// visit reads everything that the paths give and says what each came to: its
// first post, or the class of its error.
func visit(t *testing.T, paths []string, stdin string) (seen []string, total Counts) {
	t.Helper()
	ordinal := 0
	note := func(err error) {
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Ordinal != ordinal {
			t.Fatalf("file %d: %v", ordinal, err)
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("a name in an error: %v", err)
		}
		seen = append(seen, string(e.Class))
	}
	for source, err := range Open(paths, strings.NewReader(stdin)) {
		ordinal++
		if err != nil {
			note(err)
			continue
		}
		if source.Ordinal != ordinal {
			t.Errorf("ordinal %d, want %d", source.Ordinal, ordinal)
		}
		r := &recorder{}
		result, err := Read(context.Background(), source, Options{}, r)
		if err != nil {
			note(err)
			continue
		}
		checkCounts(t, result)
		if source.Size >= 0 && result.Complete && source.Consumed() != source.Size {
			t.Errorf("file %d: consumed %d of %d", ordinal, source.Consumed(), source.Size)
		}
		total.Add(result.Counts)
		if len(r.posts) > 0 {
			seen = append(seen, r.posts[0].GetText())
		} else {
			seen = append(seen, result.Faults[0].String())
		}
	}
	return seen, total
}

func write(t *testing.T, path string, content []byte) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func export(text string) []byte { return []byte(channelExport(plainMessage(1, text))) }

func packed(t *testing.T, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// member is a member of a zip that is built for a test.
type member struct {
	name    string
	content []byte
	mode    fs.FileMode
	flags   uint16
}

func zipped(t *testing.T, members ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, m := range members {
		h := &zip.FileHeader{Name: m.name, Method: zip.Deflate, Flags: m.flags}
		if m.mode != 0 {
			h.SetMode(m.mode)
		}
		w, err := z.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if len(m.content) > 0 {
			if _, err := w.Write(m.content); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	plain := write(t, filepath.Join(dir, "secret-a"), export("plain"))
	gz := write(t, filepath.Join(dir, "secret-b.txt"), packed(t, export("gz")))
	twice := write(t, filepath.Join(dir, "secret-c"), packed(t, packed(t, export("twice"))))
	thrice := write(t, filepath.Join(dir, "secret-d"), packed(t, packed(t, packed(t, export("thrice")))))
	zipFile := write(t, filepath.Join(dir, "secret-e"), zipped(t,
		member{name: "z-first.json", content: export("first")},
		member{name: "folder/", mode: fs.ModeDir | 0o700},
		member{name: "folder/a.gz", content: packed(t, export("packed member"))},
		member{name: "../secret", content: export("up")},
		member{name: `..\secret`, content: export("up, the other way")},
		member{name: "/etc/secret", content: export("absolute")},
		member{name: "link", content: []byte("/etc/secret"), mode: fs.ModeSymlink | 0o777},
		member{name: "inner.zip", content: zipped(t, member{name: "x", content: export("inner")})},
		member{name: "picture.jpg", content: []byte("\xff\xd8\xff")},
	))
	broken := write(t, filepath.Join(dir, "secret-f"), []byte("PK\x03\x04 and no more"))
	for _, tc := range []struct {
		name  string
		paths []string
		want  []string
	}{
		{"a file", []string{plain}, []string{"plain"}},
		{"gzip under another name", []string{gz}, []string{"gz"}},
		{"packed twice", []string{twice}, []string{"twice"}},
		{"packed three times", []string{thrice}, []string{string(ClassNestedGzip)}},
		{"several in the order given", []string{gz, plain}, []string{"gz", "plain"}},
		{"a missing one does not stop the rest", []string{filepath.Join(dir, "secret-missing"), plain}, []string{string(ClassUnreadable), "plain"}},
		{"standard input", []string{"-"}, []string{"stdin"}},
		{"standard input twice", []string{"-", "-"}, []string{"stdin", string(ClassUnreadable)}},
		{"a zip, its members in order", []string{zipFile}, []string{
			"first", "packed member", string(ClassUnsafeEntry), string(ClassUnsafeEntry), string(ClassUnsafeEntry),
			string(ClassSymlink), string(ClassNestedZip), string(ClassUnknownFormat),
		}},
		{"a broken zip", []string{broken}, []string{string(ClassDamaged)}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, _ := visit(t, tc.paths, string(export("stdin")))
			diff(t, "files", got, tc.want)
		})
	}
}

func TestOpenFolder(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "b", "secret-1"), export("b1"))
	write(t, filepath.Join(dir, "a"), export("a"))
	write(t, filepath.Join(dir, "c"), zipped(t, member{name: "x", content: export("cx")}))
	write(t, filepath.Join(dir, "secret-picture.jpg"), []byte("\xff\xd8\xff"))
	outside := write(t, filepath.Join(t.TempDir(), "secret-outside"), export("outside"))
	if err := os.Symlink(outside, filepath.Join(dir, "d")); err != nil {
		t.Fatal(err)
	}
	got, total := visit(t, []string{dir}, "")
	diff(t, "files", got, []string{"a", "b1", "cx", string(ClassSymlink), string(ClassUnknownFormat)})
	if total.Posts != 3 {
		t.Errorf("got %+v", total)
	}
	t.Run("a link that is named is followed", func(t *testing.T) {
		got, _ := visit(t, []string{filepath.Join(dir, "d")}, "")
		diff(t, "files", got, []string{"outside"})
	})
	t.Run("too deep", func(t *testing.T) {
		deep := t.TempDir()
		write(t, filepath.Join(deep, strings.Repeat("x/", maxFolderDepth), "secret"), export("deep"))
		got, _ := visit(t, []string{deep}, "")
		diff(t, "files", got, []string{string(ClassTooDeep)})
	})
}

func TestOpenStopsWhenAsked(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a", "b", "c/d"} {
		write(t, filepath.Join(dir, name), zipped(t, member{name: "x", content: export("x")}, member{name: "../y"}))
	}
	for stop := 1; stop <= 6; stop++ {
		n := 0
		for range Open([]string{dir, dir}, nil) {
			if n++; n == stop {
				break
			}
		}
		if n != stop {
			t.Errorf("stopped after %d, want %d", n, stop)
		}
	}
}

func TestImportID(t *testing.T) {
	dir := t.TempDir()
	plain := write(t, filepath.Join(dir, "a"), export("x"))
	zipFile := write(t, filepath.Join(dir, "b"), zipped(t, member{name: "1", content: export("x")}, member{name: "2", content: export("x")}))
	ids := func() (list [][16]byte) {
		for source, err := range Open([]string{plain, zipFile, "-"}, strings.NewReader("")) {
			if err != nil {
				t.Fatal(err)
			}
			id, err := source.ImportID()
			if again, _ := source.ImportID(); err != nil || again != id {
				t.Fatal("an import id that changes")
			}
			list = append(list, id)
		}
		return list
	}
	first, second := ids(), ids()
	sum := sha256.Sum256(export("x"))
	if first[0] != [16]byte(sum[:16]) {
		t.Error("not the head of the file's hash")
	}
	for i := range 3 {
		if first[i] != second[i] {
			t.Errorf("file %d: another id the second time", i)
		}
	}
	if first[1] == first[2] || first[3] == second[3] {
		t.Error("members of a zip, or streams, that share an id")
	}
}
