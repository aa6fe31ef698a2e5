package bus_test

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// invented makes posts of about one kilobyte that compress as text does.
func invented(n int) []*doxtrailv1.RawPost {
	words := strings.Fields("the of harbour market street evening paper river bridge lantern window morning table garden " +
		"letter station island winter summer ticket number question answer teacher driver doctor 我們 今天 香港 街道 學校 車站")
	r := rand.New(rand.NewPCG(1, 2))
	out := make([]*doxtrailv1.RawPost, n)
	for i := range out {
		var text strings.Builder
		for text.Len() < 900 {
			text.WriteString(words[r.IntN(len(words))])
			text.WriteByte(byte(" .,0123456789"[r.IntN(13)]))
		}
		out[i] = doxtrailv1.RawPost_builder{
			ChannelId: proto.String("1001234567"), PostId: proto.String("123456"), Text: proto.String(text.String()),
			PostedAt: proto.Int64(1_600_000_000_000 + int64(i)), CollectedAt: proto.Int64(1_700_000_000_000),
		}.Build()
	}
	return out
}

func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkRawInAndOut is one post into RAW and out again: encoded, compressed,
// sealed, stored with fsync, fetched, opened, acked; client and server.
func BenchmarkRawInAndOut(b *testing.B) {
	s := bustest.New(b)
	posts := invented(4096)
	consume(b, consumer(b, s, s.Conn, bus.NormaliserArchive), func(context.Context, *bus.Delivery) ([]*bus.Receipt, error) {
		return nil, nil
	})
	p := publisher(b, s.Conn, bus.StageRaw, bus.PublisherConfig{Pace: bus.PaceRaw})
	ctx, to := context.Background(), s.Raw.PublicKey()
	builder := bus.NewBuilder(bus.StageRaw)
	b.ReportAllocs()
	b.ResetTimer()
	start := cpu()
	var last *bus.Receipt
	publish := func() {
		m, err := builder.Raw(rawSubject(bus.LaneArchive), origin(), to)
		if err != nil {
			b.Fatal(err)
		}
		if last, err = p.Publish(ctx, m); err != nil {
			b.Fatal(err)
		}
	}
	for i := range b.N {
		if err := builder.Add(posts[i%len(posts)]); err != nil {
			b.Fatal(err)
		}
		if builder.Full() {
			publish()
		}
	}
	if builder.Len() > 0 {
		publish()
	}
	if err := p.Flush(ctx); err != nil {
		b.Fatal(err)
	}
	seq, _ := last.Wait(ctx)
	if err := s.Conn.Await(ctx, bus.NormaliserArchive, seq); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64((cpu()-start).Nanoseconds())/1000/float64(b.N), "cpu-us/post")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "posts/s")
}

// BenchmarkRecordsInAndOut is the same on RECORDS, with records of 200 bytes.
func BenchmarkRecordsInAndOut(b *testing.B) {
	s := bustest.New(b)
	record := make([]byte, 200)
	r := rand.New(rand.NewPCG(1, 2))
	consume(b, consumer(b, s, s.Conn, bus.RecorderArchive), func(context.Context, *bus.Delivery) ([]*bus.Receipt, error) {
		return nil, nil
	})
	p := publisher(b, s.Conn, bus.StageRecords, bus.PublisherConfig{Pace: bus.PaceRecords})
	ctx := context.Background()
	builder := bus.NewBuilder(bus.StageRecords)
	b.ReportAllocs()
	b.ResetTimer()
	start := cpu()
	var last *bus.Receipt
	publish := func() {
		m, err := builder.Records(recordsSubject(bus.LaneArchive))
		if err != nil {
			b.Fatal(err)
		}
		if last, err = p.Publish(ctx, m); err != nil {
			b.Fatal(err)
		}
	}
	for i := range b.N {
		for j := 0; j < len(record); j += 8 { // half of a record is keys, which do not compress
			binary.LittleEndian.PutUint64(record[j:], r.Uint64()>>(uint(i+j)%2*56))
		}
		if err := builder.AddEncoded(record); err != nil {
			b.Fatal(err)
		}
		if builder.Full() {
			publish()
		}
	}
	if builder.Len() > 0 {
		publish()
	}
	if err := p.Flush(ctx); err != nil {
		b.Fatal(err)
	}
	seq, _ := last.Wait(ctx)
	if err := s.Conn.Await(ctx, bus.RecorderArchive, seq); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64((cpu()-start).Nanoseconds())/1000/float64(b.N), "cpu-us/record")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
}

// BenchmarkOneByOne is one live post a message.
func BenchmarkOneByOne(b *testing.B) {
	s := bustest.New(b)
	posts := invented(64)
	consume(b, consumer(b, s, s.Conn, bus.NormaliserLive), func(context.Context, *bus.Delivery) ([]*bus.Receipt, error) {
		return nil, nil
	})
	p := publisher(b, s.Conn, bus.StageRaw, bus.PublisherConfig{})
	ctx, to := context.Background(), s.Raw.PublicKey()
	builder := bus.NewBuilder(bus.StageRaw)
	b.ResetTimer()
	start := cpu()
	for i := range b.N {
		if err := builder.Add(posts[i%len(posts)]); err != nil {
			b.Fatal(err)
		}
		m, err := builder.Raw(rawSubject(bus.LaneLive), origin(), to)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := p.Publish(ctx, m); err != nil {
			b.Fatal(err)
		}
	}
	if err := p.Flush(ctx); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64((cpu()-start).Nanoseconds())/1000/float64(b.N), "cpu-us/post")
}
