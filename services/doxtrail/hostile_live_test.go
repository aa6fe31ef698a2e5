package main

import (
	"strings"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/privacy/privacytest"
	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
)

// Whoever owns a channel writes all of it. None of that stops the collector, each
// post is a row or an entry on FAILED, and nothing of it can be read afterwards.
func TestAHostileChannelIsRead(t *testing.T) {
	t.Parallel()
	people := privacytest.New(59, 1)
	p := people.Persons[0]
	s := newLive(t, liveChannel{p.Handle, p.Title}, harbours(1)[0])
	w := newLiveWatch(s, people.Canaries())
	t.Cleanup(func() { w.leaks.report(t) })
	hostile := s.channels[0].PostHostile(fake.Words{
		Text: p.Chinese, Number: p.HKID, Hashtag: p.Hashtag, Phone: p.Phone, Mail: p.Mail, Address: p.Address,
		Handle: p.Handle, Slug: p.Slug, FileName: p.FileName, Title: p.Title, Name: p.Romanised(),
	})
	s.channels[1].Post(fake.Text("a post of somebody else"))
	s.mustLogin()
	stop := w.up()
	s.channels[0].Post(fake.Text("the last " + p.Chinese))
	// With the last one and the other channel's.
	s.eventually("all are rows", func() bool { return len(s.rows().posts) == hostile+2 })
	w.succeed("status", "status")
	if list := w.succeed("deadletters list", "deadletters", "list"); strings.Contains(list, "coverage") {
		t.Errorf("one post voids the report of its page:\n%s", list)
	}
	w.succeed("channels proposed", "channels", "proposed", "--all")
	w.pages()
	w.dump("tables")
	w.see("up", stop())
	w.sweep("after the stop")
	w.records("streams")
}
