package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/store"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

func TestWhereALocatorLeads(t *testing.T) {
	telegram, twitter, wechat := doxtrailv1.Platform_PLATFORM_TELEGRAM, doxtrailv1.Platform_PLATFORM_TWITTER, doxtrailv1.Platform_PLATFORM_WECHAT
	of := func(p doxtrailv1.Platform, id, name, post string) *doxtrailv1.LocatorValue {
		return doxtrailv1.LocatorValue_builder{Platform: &p, ChannelId: &id, ChannelName: &name, PostId: &post}.Build()
	}
	for want, value := range map[string]*doxtrailv1.LocatorValue{
		"https://t.me/Pier_News/77":         of(telegram, "4100000001", "Pier_News", "77"),
		"https://t.me/c/4100000001/77":      of(telegram, "4100000001", "", "77"),
		"https://t.me/Pier_News":            of(telegram, "4100000001", "Pier_News", ""),
		"":                                  of(telegram, "4100000001", "", ""),
		"https://x.com/i/web/status/125600": of(twitter, "4100000001", "pier", "125600"),
		"https://x.com/i/user/4100000001":   of(twitter, "4100000001", "pier", ""),
		"https://x.com/pier":                of(twitter, "", "pier", ""),
		"https://t.me/a%2Fb%3Fc/77":         of(telegram, "", "a/b?c", "77"),
		"http://harbour-leaks.example/card": doxtrailv1.LocatorValue_builder{Scheme: proto.String("http"), Address: proto.String("harbour-leaks.example/card")}.Build(),
		"harbour-leaks.example/card":        doxtrailv1.LocatorValue_builder{Address: proto.String("harbour-leaks.example/card")}.Build(),
	} {
		if got := addressOf(value); got != want {
			t.Errorf("leads to %q, want %q", got, want)
		}
	}
	if got := addressOf(of(wechat, "1", "2", "3")); got != "" {
		t.Errorf("a post of WeChat leads to %q", got)
	}
}

func TestEachFaultOfALocatorHasItsSentence(t *testing.T) {
	now := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	good := store.SealedLocator{Target: privacy.Key{1}, ExpiresAt: now.Add(time.Hour), Wrapped: []byte("x"), Custodian: "c1"}
	changed := func(change func(*store.SealedLocator)) store.SealedLocator {
		l := good
		change(&l)
		return l
	}
	found := []store.SealedLocator{
		good,
		changed(func(l *store.SealedLocator) { l.Target, l.ExpiresAt = privacy.Key{2}, now }),
		changed(func(l *store.SealedLocator) { l.Target, l.Wrapped = privacy.Key{3}, nil }),
		changed(func(l *store.SealedLocator) { l.Target, l.Custodian = privacy.Key{4}, "c2" }),
		changed(func(l *store.SealedLocator) { l.Target, l.Custodian = privacy.Key{4}, "c2" }), // said once
		changed(func(l *store.SealedLocator) { l.Target = privacy.Key{4} }),
	}
	c := chooseLocators([]privacy.Key{{5}, {4}, {3}, {2}, {1}}, found, "c1", now)
	if diff := cmp.Diff([]store.SealedLocator{found[5], good}, c.open); diff != "" {
		t.Errorf("can be opened (-want +got):\n%s", diff)
	}
	wants := []string{"it has no locator", "sealed to custodian c2, and the key here is c1", "not in the tables", "has expired"}
	if len(c.faults) != len(wants) {
		t.Fatalf("faults: %q", c.faults)
	}
	for i, want := range wants {
		if key := (privacy.Key{byte(5 - i)}).String(); !strings.HasPrefix(c.faults[i], key+": ") || !strings.Contains(c.faults[i], want) {
			t.Errorf("fault %q, want one of %s with %q", c.faults[i], key, want)
		}
	}
}

func TestADamagedLocatorIsNotShown(t *testing.T) {
	custodian, err := privacy.NewPrivateKey(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	batch, err := privacy.NewLocatorBatch(custodian.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	target := privacy.Key{7}
	value, err := proto.Marshal(doxtrailv1.LocatorValue_builder{Address: proto.String("harbour-leaks.example/card")}.Build())
	if err != nil {
		t.Fatal(err)
	}
	good := store.SealedLocator{Target: target, Kind: "url", KeyID: batch.ID(), Wrapped: batch.Wrapped(), Sealed: batch.Seal(target, value)}
	noValue := good
	noValue.Sealed = batch.Seal(target, []byte("Wong Siu Ming"))
	another, cut, wrapped := good, good, good
	another.Target = privacy.Key{8}
	cut.Sealed = good.Sealed[:20]
	wrapped.KeyID = privacy.Key{9}
	if shown, err := newOpener(custodian).open(&good); err != nil || shown.URL != "harbour-leaks.example/card" || shown.Key != target.String() {
		t.Errorf("a good one is shown as %+v, %v", shown, err)
	}
	for what, l := range map[string]store.SealedLocator{"of another key": another, "cut short": cut, "of another batch": wrapped, "something else": noValue} {
		if shown, err := newOpener(custodian).open(&l); err == nil || strings.Contains(err.Error(), "Wong") || shown != (shownLocator{}) {
			t.Errorf("%s: %+v, %v", what, shown, err)
		}
	}
}
