package main

import (
	"crypto/sha256"
	coding "encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/minio/highwayhash"
)

// makeYoung gives every message of some streams the present time. Their files
// are those that an older binary wrote, some time ago; RECORDS drops what is 30
// days old, and a fixture must not change its meaning with the years. A block
// is records of
//
//	length(4, high bit: headers) sequence(8) time(8) subject length(2)
//	subject [headers length(4) headers] message hash(8)
//
// little-endian, hashed with the stream's name and the block's number.
func makeYoung(t *testing.T, dir string, streams ...string) {
	t.Helper()
	for _, stream := range streams {
		folders, err := filepath.Glob(filepath.Join(dir, "jetstream", "*", "streams", stream, "msgs"))
		if err != nil || len(folders) != 1 {
			t.Fatalf("%s lies in %d folders, %v", stream, len(folders), err)
		}
		blocks, err := filepath.Glob(filepath.Join(folders[0], "*.blk"))
		if err != nil || len(blocks) == 0 {
			t.Fatalf("%s has %d blocks, %v", stream, len(blocks), err)
		}
		for _, path := range blocks {
			makeBlockYoung(t, stream, path)
		}
		// The index is made anew from the blocks.
		if err := os.Remove(filepath.Join(folders[0], "index.db")); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
}

func makeBlockYoung(t *testing.T, stream, path string) {
	t.Helper()
	const head, sum, withHeaders = 22, 8, 1 << 31
	var number int
	if _, err := fmt.Sscanf(filepath.Base(path), "%d.blk", &number); err != nil {
		t.Fatal(err)
	}
	key := sha256.Sum256(fmt.Appendf(nil, "%s-%d", stream, number))
	hash, err := highwayhash.New64(key[:])
	if err != nil {
		t.Fatal(err)
	}
	block, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for rest := block; len(rest) > 0; {
		length := coding.LittleEndian.Uint32(rest)
		record := rest[:length&^withHeaders]
		rest = rest[len(record):]
		body, stored := record[head:len(record)-sum], record[len(record)-sum:]
		subject := body[:coding.LittleEndian.Uint16(record[20:])]
		message := body[len(subject):]
		if length&withHeaders != 0 {
			message = message[4:]
		}
		digest := func() uint64 {
			hash.Reset()
			for _, part := range [][]byte{record[4:20], subject, message} {
				hash.Write(part)
			}
			return hash.Sum64()
		}
		if digest() != coding.LittleEndian.Uint64(stored) {
			t.Fatalf("%s: a message's hash is not what it should be: NATS writes its files otherwise", stream)
		}
		coding.LittleEndian.PutUint64(record[12:], uint64(time.Now().UnixNano()))
		coding.LittleEndian.PutUint64(stored, digest())
	}
	if err := os.WriteFile(path, block, 0o600); err != nil {
		t.Fatal(err)
	}
}
