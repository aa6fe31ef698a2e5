package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/embedded"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

const (
	// liveEvery is how often a live post comes.
	liveEvery = 50 * time.Millisecond
	upWait    = 30 * time.Second
)

// live has `up` serve a study, imports into it, and meanwhile puts posts on the
// live lane as a collector does. It gives the milliseconds from each post's
// publishing to its row's being stored.
func (b bench) live(ctx context.Context) (milliseconds []float64, err error) {
	dir, err := b.study()
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary folder
	up := b.command(ctx, dir, "up", "--config", "doxtrail.yaml")
	up.Stderr = nil
	if err := up.Start(); err != nil {
		return nil, err
	}
	defer func() {
		err = errors.Join(err, up.Process.Signal(syscall.SIGINT), up.Wait())
	}()
	conn, err := attach(ctx, filepath.Join(dir, "data"))
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx) //nolint:errcheck // everything was waited for
	importing := b.command(ctx, dir, "import", "--json", b.beside.path)
	if err := importing.Start(); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- importing.Wait() }()
	return livePosts(ctx, conn, ended)
}

// attach connects to the servers of a data folder once they are up.
func attach(ctx context.Context, data string) (*bus.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, upWait)
	defer cancel()
	for {
		info, err := embedded.ReadRun(data)
		if err == nil {
			token, err := os.ReadFile(info.NATS.TokenFile)
			if err != nil {
				return nil, err
			}
			conn, err := bus.Connect(ctx, bus.Config{URL: info.NATS.URL, Token: strings.TrimSpace(string(token)), Name: "bench"})
			if err != nil {
				return nil, err
			}
			return conn, conn.AwaitProvisioned(ctx)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for up: %w", ctx.Err())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// livePosts publishes a post now and then until the import has ended.
func livePosts(ctx context.Context, conn *bus.Conn, ended <-chan error) ([]float64, error) {
	publisher, err := conn.NewPublisher(bus.StageRaw, bus.PublisherConfig{})
	if err != nil {
		return nil, err
	}
	defer publisher.Close(ctx) //nolint:errcheck // everything was waited for
	var (
		mu       sync.Mutex
		times    []float64
		failures []error
		waiting  sync.WaitGroup
	)
	tick := time.NewTicker(liveEvery)
	defer tick.Stop()
	for number := 1; ; number++ {
		select {
		case err := <-ended:
			waiting.Wait()
			return times, errors.Join(append(failures, err)...)
		case <-tick.C:
		}
		waiting.Go(func() {
			started := time.Now()
			err := livePost(ctx, conn, publisher, number)
			took := float64(time.Since(started).Microseconds()) / 1000
			mu.Lock()
			defer mu.Unlock()
			times = append(times, took)
			failures = append(failures, err)
		})
	}
}

// livePost publishes one post and waits until it is a row.
func livePost(ctx context.Context, conn *bus.Conn, publisher *bus.Publisher, number int) error {
	keys, err := conn.PublicKeys(ctx)
	if err != nil {
		return err
	}
	key, err := keys.Raw(ctx)
	if err != nil {
		return err
	}
	builder := bus.NewBuilder(bus.StageRaw)
	if err := builder.Add(post(number)); err != nil {
		return err
	}
	platform, leg := doxtrailv1.Platform_PLATFORM_TELEGRAM, doxtrailv1.Leg_LEG_TAIL
	message, err := builder.Raw(
		bus.Subject{Stage: bus.StageRaw, Lane: bus.LaneLive, Kind: bus.KindPosts, Platform: platform},
		doxtrailv1.BatchOrigin_builder{Platform: &platform, Leg: &leg}.Build(), key)
	if err != nil {
		return err
	}
	receipt, err := publisher.Publish(ctx, message)
	if err != nil {
		return err
	}
	sequence, err := receipt.Wait(ctx)
	if err != nil {
		return err
	}
	return conn.AwaitRows(ctx, bus.LaneLive, sequence)
}

func post(number int) *doxtrailv1.RawPost {
	channel, id, text := "9900000001", strconv.Itoa(number), "seen: https://harbourleaks.example/model/pc/content_a-b.html"
	kind, now := doxtrailv1.ChannelKind_CHANNEL_KIND_CHANNEL, time.Now().UnixMilli()
	return doxtrailv1.RawPost_builder{
		ChannelId: &channel, ChannelKind: &kind, PostId: &id, PostedAt: &now, CollectedAt: &now, Text: &text,
	}.Build()
}
