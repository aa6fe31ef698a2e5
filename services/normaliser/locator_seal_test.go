package normaliser

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/privacy/privacytest"
	"github.com/doxtrail/doxtrail/pkg/service/servicetest"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

func TestADeliveryHasOneDataKeyAndSealsOnce(t *testing.T) {
	b := locating(t, harbour)
	raw := encoded(t, telegramPost(withText("https://harbour-leaks.example/card/1")))
	deliver := func(times int) recorded {
		var rows recorded
		for range times {
			if _, err := b.converter.post(telegram, raw, &rows); err != nil {
				t.Fatal(err)
			}
		}
		if n := b.converter.forget(); n != 3 {
			t.Errorf("%d locators in a delivery, want 3", n)
		}
		return rows
	}
	first, second := deliver(5), deliver(1)
	keys := of[*doxtrailv1.LocatorKey](t, append(first, second...), bus.KindLocatorKeys)
	if len(keys) != 2 || bytes.Equal(keys[0].GetLocatorKeyId(), keys[1].GetLocatorKeyId()) {
		t.Errorf("%d data keys for two deliveries", len(keys))
	}
	if diff := cmp.Diff(said(opened(t, b.ring, first)), said(opened(t, b.ring, second))); diff != "" {
		t.Errorf("locators of two deliveries\n%s", diff)
	}
	for i, l := range of[*doxtrailv1.Locator](t, first, bus.KindLocators) {
		if bytes.Equal(l.GetSealed(), of[*doxtrailv1.Locator](t, second, bus.KindLocators)[i].GetSealed()) {
			t.Error("two seals of one value are alike")
		}
	}
	if n := b.converter.forget(); n != 0 {
		t.Errorf("an empty delivery has %d locators", n)
	}
}

func TestLocatorsAreBounded(t *testing.T) {
	b := locating(t, harbour)
	b.mustPost(telegram, telegramPost(func(r *doxtrailv1.RawPost_builder) {
		r.PostId, r.Text = ptr(strings.Repeat("7", maxLocatorBytes)), ptr("https://news.example/a")
	}))
	if diff := cmp.Diff(said(opened(t, b.ring, b.rows)), []string{"channel telegram 4100000001"}); diff != "" {
		t.Errorf("locators of a post with an endless number (-got +want)\n%s", diff)
	}
	for i := range maxLocated + 10 {
		b.converter.locators.again(locatorIdentity{name: fmt.Sprint(i)})
		if n := len(b.converter.locators.sealed); n > maxLocated {
			t.Fatalf("%d locators are remembered", n)
		}
	}
}

func TestACustodiansKeyThatNothingCanBeSealedToIsRefused(t *testing.T) {
	if _, err := newLocators(privacy.PublicKey{}, 400); err == nil {
		t.Error("no key is taken")
	}
	low, err := privacy.PublicKeyFromBytes(make([]byte, 32)) // a point of low order
	if err == nil {
		_, err = newLocators(low, 400)
	}
	if err == nil {
		t.Error("a key of zeros is taken")
	}
}

// A locator holds just what no other row may, so its bytes are looked at too.
func TestNothingOfAPostIsReadableInItsLocators(t *testing.T) {
	ring := testRing(t)
	l := testLocators(t, ring)
	rapid.Check(t, func(t *rapid.T) {
		d := drawPost(t)
		c := newConverter(ring, effective(t, harbour), 500)
		c.locators = l
		var rows recorded
		if _, err := c.post(d.platform, encoded(t, d.raw), &rows); err != nil {
			t.Fatal(err)
		}
		c.forget()
		for _, r := range rows {
			for _, v := range d.values {
				for part := range parts(v) {
					if bytes.Contains(bytes.ToLower(r.record), []byte(part)) {
						t.Fatalf("a row of kind %s holds a part of a value", r.kind)
					}
				}
			}
		}
	})
}

func TestNoCanaryIsReadableInLocators(t *testing.T) {
	people := privacytest.New(11, 3)
	scanner := people.Scanner()
	b := locating(t, harbour)
	var rows recorded
	for _, p := range people.Persons {
		raw := telegramPost(func(r *doxtrailv1.RawPost_builder) {
			r.ChannelName, r.Text = &p.Handle, ptr(p.Chinese+" "+p.Phone+" https://harbour-leaks.example/card/"+p.Slug)
		})
		b.mustPost(telegram, raw)
		rows = append(rows, b.rows...)
	}
	if n := len(opened(t, b.ring, rows)); n != 3+1+3 { // one post, three names and pages
		t.Errorf("%d locators", n)
	}
	for _, r := range rows {
		if hits := scanner.ScanBytes(r.record); len(hits) > 0 {
			t.Errorf("a row of kind %s holds %d canaries", r.kind, len(hits))
		}
	}
}

func TestTheServiceKeepsLocatorsUnlessToldNotTo(t *testing.T) {
	for _, days := range []int{0, 400} {
		t.Run(fmt.Sprint(days), func(t *testing.T) {
			s := newStage(t)
			s.list(harbour)
			n := s.service()
			n.cfg.LocatorDays = days
			servicetest.Background(t, n.Run)
			s.put(bus.KindPosts, sightingPosts(1, 3)...)
			s.settled()
			want := []string{
				"channel telegram 4100000001",
				"post telegram 4100000001 1", "post telegram 4100000001 2", "post telegram 4100000001 3",
				"url https harbour-leaks.example/card/1", "url https harbour-leaks.example/card/2", "url https harbour-leaks.example/card/3",
			}
			if days == 0 {
				want = nil
			}
			got := said(opened(t, s.ring, s.all()))
			slices.Sort(got)
			if diff := cmp.Diff(got, want); diff != "" {
				t.Errorf("locators (-got +want)\n%s", diff)
			}
			if got := s.metric("locators_total"); got != float64(len(want)) {
				t.Errorf("the metric says %v", got)
			}
		})
	}
}

// What ends in a panic published nothing, its data key neither.
func TestADeliveryHasADataKeyOfItsOwnAfterOneThatFailed(t *testing.T) {
	s := newStage(t)
	list := s.list(harbour)
	n := s.service()
	n.list.Store(list)
	publisher, err := n.deps.Conn.NewPublisher(bus.StageRecords, bus.PublisherConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = publisher.Close(within(t)) })
	w := n.newWorker(publisher, testLocators(t, s.ring))
	failed := newConverter(s.ring, list, 500)
	failed.locators = w.locators
	if _, err := failed.post(telegram, sightingPosts(1, 1)[0], &recorded{}); err != nil {
		t.Fatal(err)
	}
	if err := n.publishKeys(within(t)); err != nil {
		t.Fatal(err)
	}
	lanes, err := n.deps.Conn.NewLanes(within(t), bus.StreamRaw, bus.ConsumerConfig{Keys: bus.NewKeys(s.ring.RawKeys), FailedKey: s.server.Failed.PublicKey()})
	if err != nil {
		t.Fatal(err)
	}
	servicetest.Background(t, func(ctx context.Context) error { return bus.Consume(ctx, nil, lanes, w.handle) })
	s.put(bus.KindPosts, sightingPosts(1, 2)...)
	s.settled()
	if n := len(opened(t, s.ring, s.all())); n != 5 {
		t.Errorf("%d locators, want one channel, two posts, two pages", n)
	}
}

func TestTheServiceNeedsACustodian(t *testing.T) {
	s := newStage(t)
	dir := filepath.Join(t.TempDir(), "keys")
	var err error
	if s.ring, err = privacy.CreateRing(dir); err != nil {
		t.Fatal(err)
	}
	s.list(harbour)
	if err := os.Remove(filepath.Join(dir, "custodian.pub")); err != nil {
		t.Fatal(err)
	}
	if err := s.service().run(within(t)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a custodian's key: %v", err)
	}
}
