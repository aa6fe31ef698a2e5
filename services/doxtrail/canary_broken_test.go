package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/privacy/privacytest"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// writeBroken makes faulty archives out of good ones, in files and folders that
// are named for a person, and returns the folder.
func (w *canaryWatch) writeBroken(person privacytest.Person) string {
	w.t.Helper()
	chat, tweets := contentOf(w.t, w.archive("result.json")), contentOf(w.t, w.archive("_flat.jsonl"))
	packed, zipped := contentOf(w.t, w.archive(".jsonl.gz")), contentOf(w.t, w.archive(".zip"))
	notUTF8 := bytes.ReplaceAll(chat, []byte("，"), []byte("\xff\xef\xbc"))
	for name, content := range map[string][]byte{
		"cut.json":         chat[:len(chat)*2/3],
		"cut-escape.json":  append(slices.Clone(chat[:bytes.LastIndex(chat, []byte("\\"))]), '\\'),
		"tail.json":        append(slices.Clone(chat), tweets[:400]...),
		"bytes.json":       notUTF8,
		"bytes.jsonl":      bytes.ReplaceAll(tweets, []byte("\n"), []byte("\xc3\n\xff\n")),
		"numbers.jsonl":    bytes.ReplaceAll(tweets, []byte(`"text":"`), []byte(`"text":12,"x":"`)),
		"commas.jsonl":     bytes.ReplaceAll(tweets, []byte(`","`), []byte(`",,"`)),
		"cut.jsonl.gz":     packed[:len(packed)/2],
		"flipped.jsonl.gz": damaged(packed),
		"cut.zip":          zipped[:len(zipped)*2/3],
		"flipped.zip":      damaged(zipped),
		"page.html":        append([]byte("<!DOCTYPE html><title>"), chat...),
		"notes.txt":        []byte(person.Chinese + " " + person.Address),
		"empty.json":       nil,
		"list.txt":         []byte("1399383582438328271\n1399251130512312270\n"),
		"twisted.jsonl":    twistedTweets(w.t, tweets, inTurn(person.Handle, person.Chinese, person.Slug)),
		"twisted.json":     twistedChat(w.t, chat, inTurn(person.Handle, person.Chinese, person.Slug)),
	} {
		path := w.path(filepath.Join("broken", person.Handle, person.FileName+"."+name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			w.t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			w.t.Fatal(err)
		}
	}
	folder := w.path(filepath.Join("broken", person.Handle))
	if err := os.Symlink(filepath.Join(folder, "nowhere"), filepath.Join(folder, person.Slug)); err != nil {
		w.t.Fatal(err)
	}
	return folder
}

// damaged damages a packed file in its middle.
func damaged(b []byte) []byte {
	b = slices.Clone(b)
	for i := len(b) / 2; i < len(b)/2+8; i++ {
		b[i] ^= 0x55
	}
	return b
}

// twisted calls each once for every value in a JSON document, with that value
// replaced by the next of others, and once for every object, with a key that is named
// so. Whatever a reader takes over unread from an archive is then what must not be
// kept.
func twisted(document any, next func() string, each func()) {
	switch d := document.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(d)) {
			replaced(d[key], func(v any) { d[key] = v }, next, each)
		}
		value := next()
		d[value] = value
		each()
		delete(d, value)
	case []any:
		for i := range d {
			replaced(d[i], func(v any) { d[i] = v }, next, each)
		}
	}
}

func replaced(old any, set func(any), next func() string, each func()) {
	set(next())
	each()
	set(old)
	twisted(old, next, each)
}

// inTurn gives values one after the other, and begins again.
func inTurn(values ...string) func() string {
	i := -1
	return func() string {
		i++
		return values[i%len(values)]
	}
}

// twistedTweets gives variants of the first posts of a file, each with an id of
// its own.
func twistedTweets(t *testing.T, lines []byte, next func() string) []byte {
	t.Helper()
	var out bytes.Buffer
	id := uint64(1_500_000_000_000_000_000)
	for _, line := range bytes.SplitN(lines, []byte("\n"), 4)[:3] {
		document := jsonObject(t, line)
		before := document["id"]
		twisted(document, next, func() {
			variant := maps.Clone(document)
			if variant["id"] == before {
				id++
				variant["id"] = strconv.FormatUint(id, 10)
			}
			out.Write(jsonText(t, variant))
			out.WriteByte('\n')
		})
	}
	return out.Bytes()
}

// twistedChat gives variants of one message of each shape.
func twistedChat(t *testing.T, chat []byte, next func() string) []byte {
	t.Helper()
	document := jsonObject(t, chat)
	shapes := map[string]map[string]any{}
	messages, _ := document["messages"].([]any)
	for _, message := range messages {
		m, _ := message.(map[string]any)
		shapes[strings.Join(slices.Sorted(maps.Keys(m)), " ")] = m
	}
	if len(shapes) < 3 {
		t.Fatalf("the archive has messages of %d shapes", len(shapes))
	}
	var variants []any
	for _, shape := range slices.Sorted(maps.Keys(shapes)) {
		before := shapes[shape]["id"]
		twisted(shapes[shape], next, func() {
			variant := maps.Clone(shapes[shape])
			if variant["id"] == before {
				variant["id"] = json.Number(strconv.Itoa(500_000 + len(variants)))
			}
			// The parts inside are changed back before the whole is written.
			variants = append(variants, json.RawMessage(jsonText(t, variant)))
		})
	}
	document["messages"] = variants
	return jsonText(t, document)
}

func jsonObject(t *testing.T, b []byte) map[string]any {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(b))
	decoder.UseNumber()
	var document map[string]any
	if err := decoder.Decode(&document); err != nil {
		t.Fatal(err)
	}
	return document
}

func jsonText(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// failOnPurpose puts a post on RAW that cannot be normalised, full of canaries,
// and waits until it is on FAILED.
func (w *canaryWatch) failOnPurpose(conn *bus.Conn, person privacytest.Person, more ...string) {
	w.t.Helper()
	keys, err := conn.PublicKeys(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	key, err := keys.Raw(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	text := person.Chinese + " " + person.Phone + " " + person.HKID + " " + person.Address + strings.Join(more, "\n")
	telegram := doxtrailv1.Platform_PLATFORM_TELEGRAM
	b := bus.NewBuilder(bus.StageRaw)
	if err := b.Add(doxtrailv1.RawPost_builder{ChannelName: &person.Handle, Text: &text}.Build()); err != nil {
		w.t.Fatal(err)
	}
	if err := b.AddEncoded([]byte("\xff\xff" + text)); err != nil { // no record at all
		w.t.Fatal(err)
	}
	subject := bus.Subject{Stage: bus.StageRaw, Lane: bus.LaneArchive, Kind: bus.KindPosts, Platform: telegram}
	message, err := b.Raw(subject, doxtrailv1.BatchOrigin_builder{Platform: &telegram, Query: &text}.Build(), key)
	if err != nil {
		w.t.Fatal(err)
	}
	sequence := w.publish(conn, bus.StageRaw, message)
	if err := conn.AwaitRows(w.t.Context(), bus.LaneArchive, sequence); err != nil {
		w.t.Fatal(err)
	}
	lag, err := conn.Lag(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	if lag.Failed < 2 {
		w.t.Errorf("%d records on FAILED, want 2", lag.Failed)
	}
}

// publish puts one message on a stream and returns its sequence.
func (w *canaryWatch) publish(conn *bus.Conn, stage bus.Stage, message bus.Message) uint64 {
	w.t.Helper()
	publisher, err := conn.NewPublisher(stage, bus.PublisherConfig{})
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = publisher.Close(w.t.Context()) }()
	receipt, err := publisher.Publish(w.t.Context(), message)
	if err != nil {
		w.t.Fatal(err)
	}
	sequence, err := receipt.Wait(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return sequence
}
