package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	endian "encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unicode/utf16"

	"github.com/doxtrail/doxtrail/pkg/privacy/privacytest"
)

// badCase is one bad thing in a file or folder of its own.
type badCase struct {
	name string
	// files is how many positions in the call it takes: a zip or folder has as
	// many as it has files.
	files int
	make  func(path string)
}

// badFiles makes bad input. Whatever a file says, and its name, is a canary.
type badFiles struct {
	t      *testing.T
	person privacytest.Person
	id     uint64 // of the last post
}

// tweet is a line of twarc2 that is fine.
func (b *badFiles) tweet() string {
	b.id++
	return fmt.Sprintf(`{"id":"%d","author_id":"77","created_at":"2020-05-01T10:00:00.000Z","text":"%s"}`, 1_256_000_000_000_000_000+b.id, b.text())
}

// text names the person in every way.
func (b *badFiles) text() string {
	p := b.person
	return strings.Join([]string{p.Chinese, p.Romanised(), p.Phone, p.HKID, p.Mail, p.Address, p.Hashtag, "https://card.example/" + p.Slug}, " ")
}

// tweets are fine lines around bad ones.
func (b *badFiles) tweets(bad ...string) string {
	return strings.Join(append(append([]string{b.tweet()}, bad...), b.tweet(), ""), "\n")
}

// odd is a tweet with one of its members replaced.
func (b *badFiles) odd(member, value string) string {
	line := b.tweet()
	at := strings.Index(line, `"`+member+`":`)
	end := at + strings.Index(line[at:], `",`) + 1
	return line[:at] + value + line[end:]
}

// message is a message of a Telegram export that is fine, but for what more
// says: members that come first or count instead.
func (b *badFiles) message(more string) string {
	b.id++
	return fmt.Sprintf(`{"id": %d, "type": "message", "date_unixtime": "1588334400", "from": "%s", "text": "%s"%s}`, b.id, b.person.Romanised(), b.text(), more)
}

// bare is a message of these members only.
func (b *badFiles) bare(members string) string {
	return fmt.Sprintf(`{%s, "text": "%s"}`, members, b.text())
}

// chat is an export of one chat with a good message first and last.
func (b *badFiles) chat(bad ...string) string {
	return b.chatOf("public_channel", append(append([]string{b.message("")}, bad...), b.message(""))...)
}

func (b *badFiles) chatOf(kind string, messages ...string) string {
	return fmt.Sprintf("{\"name\": \"%s\", \"type\": \"%s\", \"id\": 4242, \"messages\": [\n%s\n]}", b.person.Title, kind, strings.Join(messages, ",\n"))
}

func (b *badFiles) write(path string, content []byte) {
	if err := os.WriteFile(path, content, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// file is a case of one file with this content.
func (b *badFiles) file(name, content string) badCase {
	return badCase{name, 1, func(path string) { b.write(path, []byte(content)) }}
}

// written is a case of one file that is too large to be made in memory.
func (b *badFiles) written(name string, fill func(w io.Writer)) badCase {
	return badCase{name, 1, func(path string) {
		file, err := os.Create(path)
		if err != nil {
			b.t.Fatal(err)
		}
		fill(file)
		if err := file.Close(); err != nil {
			b.t.Fatal(err)
		}
	}}
}

// pour writes a text again and again.
func (b *badFiles) pour(w io.Writer, text string, size int) {
	chunk := []byte(strings.Repeat(text, max(1, (1<<20)/len(text))))
	for written := 0; written < size; written += len(chunk) {
		if _, err := w.Write(chunk); err != nil {
			b.t.Fatal(err)
		}
	}
}

func (b *badFiles) gzip(content []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(content)
	if err := z.Close(); err != nil {
		b.t.Fatal(err)
	}
	return out.Bytes()
}

// member is what a zip holds.
type member struct {
	header  zip.FileHeader
	content string
}

func (b *badFiles) named(name, content string) member {
	return member{zip.FileHeader{Name: name, Method: zip.Deflate}, content}
}

func (b *badFiles) zip(members ...member) []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, m := range members {
		w, err := z.CreateHeader(&m.header)
		if err == nil {
			_, err = io.WriteString(w, m.content)
		}
		if err != nil {
			b.t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		b.t.Fatal(err)
	}
	return out.Bytes()
}

// lying changes a field of every entry of a zip's directory: four bytes at an
// offset within the entry.
func lying(z []byte, offset int, value uint32) []byte {
	z = bytes.Clone(z)
	for at := 0; ; at++ {
		i := bytes.Index(z[at:], []byte("PK\x01\x02"))
		if i < 0 {
			return z
		}
		at += i
		endian.LittleEndian.PutUint32(z[at+offset:], value)
	}
}

func utf16Text(text string, order endian.AppendByteOrder) string {
	var out []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, unit)
	}
	return string(out)
}

// folder is a case of a folder that is filled by a function.
func (b *badFiles) folder(name string, files int, fill func(dir string)) badCase {
	return badCase{name, files, func(path string) {
		if err := os.Mkdir(path, 0o700); err != nil {
			b.t.Fatal(err)
		}
		fill(path)
	}}
}

// crowd fills a folder with what is no regular file, and with what is no
// archive, beside one that is.
func (b *badFiles) crowd(dir string) {
	path := func(name string) string { return filepath.Join(dir, name+b.person.FileName) }
	b.write(path("1"), []byte(b.tweets()))
	b.write(path("2"), []byte("\x89PNG\r\n\x1a\n"+b.text()))
	for _, err := range []error{
		os.Symlink(path("1"), path("3")),
		os.Symlink(dir, path("4")), // a loop
		syscall.Mkfifo(path("5"), 0o600),
		syscall.Mknod(path("6"), syscall.S_IFSOCK|0o600, 0),
	} {
		if err != nil {
			b.t.Fatal(err)
		}
	}
}
