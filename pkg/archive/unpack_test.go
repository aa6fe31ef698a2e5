package archive

import (
	"archive/zip"
	"bytes"
	"math"
	"path/filepath"
	"testing"
)

func TestZipBombs(t *testing.T) {
	// 70 MiB of spaces pack to a thousandth.
	spaces := append(export("x"), bytes.Repeat([]byte(" "), 70<<20)...)
	dir := t.TempDir()
	t.Run("declared in a zip", func(t *testing.T) {
		got, _ := visit(t, []string{write(t, filepath.Join(dir, "a"), zipped(t, member{name: "x", content: spaces}))}, "")
		diff(t, "files", got, []string{string(ClassTooLarge)})
	})
	t.Run("gzip, found while reading", func(t *testing.T) {
		path := write(t, filepath.Join(dir, "b"), packed(t, spaces))
		for source, err := range Open([]string{path}, nil) {
			if err != nil {
				t.Fatal(err)
			}
			r := &recorder{}
			result, err := Read(t.Context(), source, Options{}, r)
			if err != nil || result.Complete || len(r.posts) != 1 {
				t.Errorf("got %v, %d posts", err, len(r.posts))
			}
			diff(t, "faults", classes(result), []Class{ClassTooLarge})
		}
	})
	t.Run("many members, each just allowed", func(t *testing.T) {
		var members []member
		for range 4 {
			members = append(members, member{name: "x", content: spaces[:20<<20]})
		}
		got, _ := visit(t, []string{write(t, filepath.Join(dir, "c"), zipped(t, members...))}, "")
		diff(t, "files", got, []string{"x", "x", "x", string(ClassTooLarge)})
	})
	t.Run("many members, with one whose size makes the sum small again", func(t *testing.T) {
		const allowed = 20 << 20
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, size := range []uint64{allowed, allowed, allowed, math.MaxUint64 - 3*allowed + 1, allowed} {
			if _, err := z.CreateRaw(&zip.FileHeader{Name: "x", Method: zip.Deflate, UncompressedSize64: size}); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		var opened int
		for source := range Open([]string{write(t, filepath.Join(dir, "d"), b.Bytes())}, nil) {
			if source != nil {
				opened++
			}
		}
		if opened != 3 {
			t.Errorf("%d members may be read, want 3", opened)
		}
	})
}

func TestDamagedPacking(t *testing.T) {
	content := packed(t, telegramExport(5000))
	for _, tc := range []struct {
		name   string
		damage func([]byte) []byte
		class  Class
	}{
		{"cut off", func(b []byte) []byte { return b[:len(b)*3/4] }, ClassTruncated},
		{"wrong checksum", func(b []byte) []byte { b[len(b)-6] ^= 1; return b }, ClassDamaged},
		{"header only", func(b []byte) []byte { return b[:5] }, ClassTruncated},
	} {
		t.Run(tc.name, func(t *testing.T) {
			source := memorySource(tc.damage(bytes.Clone(content)))
			result, err := Read(t.Context(), source, Options{}, &recorder{})
			if err != nil || result.Complete {
				t.Fatalf("got %v", err)
			}
			checkCounts(t, result)
			if last := result.Faults[len(result.Faults)-1]; last.Class != tc.class {
				t.Errorf("faults %v", result.Faults)
			}
		})
	}
}
