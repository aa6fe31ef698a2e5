package bus

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"pgregory.net/rapid"

	"github.com/doxtrail/doxtrail/pkg/privacy"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

func draw(t *rapid.T) [][]byte {
	return rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 400), 1, 40).Draw(t, "records")
}

func TestFramesAreWhatTheGeneratedCodeWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := draw(t)
		b := NewBuilder(StageRecords)
		raw := NewBuilder(StageRaw)
		for _, r := range records {
			if b.AddEncoded(r) != nil || raw.AddEncoded(r) != nil {
				t.Fatal("a small record was refused")
			}
		}
		want, err := proto.Marshal(doxtrailv1.Batch_builder{Records: records}.Build())
		if err != nil || !bytes.Equal(b.frame, want) {
			t.Fatalf("frame is not that of a Batch: %v", err)
		}
		var read doxtrailv1.RawBatch
		origin := doxtrailv1.BatchOrigin_builder{RecordCount: proto.Uint64(9)}.Build()
		if err := raw.addOrigin(origin); err != nil {
			t.Fatal(err)
		}
		if err := proto.Unmarshal(raw.frame, &read); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(read.GetOrigin(), origin, protocmp.Transform()); diff != "" {
			t.Fatalf("origin (-got +want)\n%s", diff)
		}
		if len(read.GetRecords()) != len(records) {
			t.Fatalf("%d records, want %d", len(read.GetRecords()), len(records))
		}
	})
}

func TestFramesOfTheGeneratedCodeAreRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := draw(t)
		origin := doxtrailv1.BatchOrigin_builder{RecordCount: proto.Uint64(9)}.Build()
		frame, err := proto.Marshal(doxtrailv1.RawBatch_builder{Origin: origin, Records: records}.Build())
		if err != nil {
			t.Fatal(err)
		}
		payload := encode(nil, frame)
		frame, err = decode(nil, payload)
		if err != nil {
			t.Fatal(err)
		}
		got, encoded, err := split(nil, frame, StageRaw)
		if err != nil || encoded == nil || len(got) != len(records) {
			t.Fatalf("%d records: %v", len(got), err)
		}
		for i := range got {
			if !bytes.Equal(got[i], records[i]) {
				t.Fatalf("record %d differs", i)
			}
		}
	})
}

func TestALargePayloadIsCompressedAndASmallOneIsNot(t *testing.T) {
	small, large := encode(nil, []byte("small")), encode(nil, bytes.Repeat([]byte("large "), 1000))
	if small[0] != encodingPlain || large[0] != encodingS2 || len(large) > 1000 {
		t.Errorf("payloads are %d of %d and %d of %d bytes", small[0], len(small), large[0], len(large))
	}
}

func TestABuilderIsUsedAgainWithoutTouchingItsMessages(t *testing.T) {
	b := NewBuilder(StageRecords)
	s := Subject{StageRecords, LaneLive, KindPosts, doxtrailv1.Platform_PLATFORM_WEB}
	var all []Message
	for i := range 5 {
		for range 100 {
			if err := b.AddEncoded(bytes.Repeat([]byte{byte('a' + i)}, 50)); err != nil {
				t.Fatal(err)
			}
		}
		m, err := b.Records(s)
		if err != nil || b.Len() != 0 || b.Bytes() != 0 {
			t.Fatal("the builder was not reset", err)
		}
		all = append(all, m)
	}
	for i, m := range all {
		frame, err := decode(nil, m.payload)
		if err != nil {
			t.Fatal(err)
		}
		records, _, err := split(nil, frame, StageRecords)
		if err != nil || len(records) != 100 || records[99][0] != byte('a'+i) {
			t.Errorf("message %d was overwritten: %v", i, err)
		}
	}
}

func TestABuilderRefusesWhatDoesNotFit(t *testing.T) {
	key, err := privacy.NewPrivateKey(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	raw := Subject{StageRaw, LaneLive, KindPosts, doxtrailv1.Platform_PLATFORM_WEB}
	b := NewBuilder(StageRaw)
	if _, err := b.Raw(raw, nil, key.PublicKey()); !errors.Is(err, errEmptyBatch) {
		t.Errorf("an empty batch gives %v", err)
	}
	if err := b.AddEncoded(make([]byte, MaxRecordBytes+1)); !errors.Is(err, ErrRecordTooLarge) {
		t.Errorf("a large record gives %v", err)
	}
	if err := b.Add(doxtrailv1.RawPost_builder{Text: proto.String(string(make([]byte, MaxRecordBytes+1)))}.Build()); !errors.Is(err, ErrRecordTooLarge) {
		t.Errorf("a large post gives %v", err)
	}
	if err := b.AddEncoded([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Records(Subject{StageRecords, LaneLive, KindPosts, raw.Platform}); !errors.Is(err, errStage) {
		t.Errorf("a raw batch made for RECORDS gives %v", err)
	}
	if _, err := b.Raw(Subject{StageRaw, LaneLive, KindLinks, raw.Platform}, nil, key.PublicKey()); !errors.Is(err, ErrSubject) {
		t.Errorf("a kind that RAW does not carry gives %v", err)
	}
	long := doxtrailv1.BatchOrigin_builder{Query: proto.String(string(make([]byte, maxOriginBytes)))}.Build()
	if _, err := b.Raw(raw, long, key.PublicKey()); !errors.Is(err, errOrigin) {
		t.Errorf("a long origin gives %v", err)
	}
	if _, err := b.Raw(raw, nil, privacy.PublicKey{}); err == nil {
		t.Error("no key gives no error")
	}
	if b.Len() != 1 {
		t.Error("a refused message emptied the builder")
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte{encodingPlain, 0x0a, 1, 'x'})
	f.Add(encode(nil, bytes.Repeat([]byte{0x12, 1, 'x'}, 200)))
	f.Add([]byte{encodingS2, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, payload []byte) {
		frame, err := decode(nil, payload)
		if err != nil {
			return
		}
		if len(frame) > maxDecoded {
			t.Fatal("decoded beyond the limit")
		}
		for _, stage := range []Stage{StageRaw, StageRecords} {
			records, _, err := split(nil, frame, stage)
			n := 0
			for _, r := range records {
				n += len(r)
			}
			if err == nil && n > len(frame) {
				t.Fatal("more bytes out than in")
			}
		}
	})
}
