package main

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	telegramcollector "github.com/doxtrail/doxtrail/services/collector/telegram"
	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
)

// flooded is the line of a wait that Telegram asked for.
var flooded = regexp.MustCompile(`waiting +\d+ s +on updates.getChannelDifference +\(flood\)`)

func TestALiveChannelBecomesRows(t *testing.T) {
	t.Parallel()
	s := newLive(t, harbours(2)...)
	c := s.channels[0]
	for range 130 {
		c.Post(fake.Text("see https://harbour-leaks.example/card/7"))
	}
	s.mustLogin()
	if r := s.login(livePhone); r.code != exitDone || !strings.Contains(r.stdout, "already") {
		t.Errorf("a second login: exit %d, %q\n%s", r.code, r.stdout, r.stderr)
	}
	calls := len(s.fake.Calls())
	s.must("query", "card_spread")
	if after := s.fake.Calls()[calls:]; len(after) > 0 {
		t.Errorf("a question made %d calls to Telegram", len(after))
	}
	stop := s.up()
	s.eventually("the history is rows", func() bool { return len(s.rows().posts) == 130 })
	id := c.Post(fake.Text("new https://harbour-leaks.example/card/8"))
	s.eventually("what is pushed is a row", func() bool { return len(s.rows().posts) == 131 })
	c.EditText(id, "edited")
	c.Delete(3, 4)
	s.eventually("so are edits and deletions", s.complete)
	s.eventually("status shows both channels", func() bool {
		var st status
		if err := json.Unmarshal([]byte(s.must("status", "--json")), &st); err != nil {
			t.Fatal(err)
		}
		return len(st.Collectors) == 1 && st.Collectors[0].State == telegramcollector.StateCollecting && len(st.Collectors[0].Channels) == 2
	})
	if r := s.login(livePhone); r.code == exitDone || !strings.Contains(r.stderr, "in use") {
		t.Errorf("a login beside the collector: exit %d\n%s", r.code, r.stderr)
	}
	s.fake.FloodWait("updates.getChannelDifference", 900)
	s.eventually("status shows the wait", func() bool {
		return flooded.MatchString(s.must("status"))
	})
	if r := stop(); r.code != exitDone {
		t.Errorf("up ended with %d:\n%s", r.code, r.stderr)
	}
}

func TestALoginSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := newLive(t, harbours(1)...)
	for _, tc := range []struct {
		answers []string
		want    string
	}{
		{[]string{"+85200000000"}, "no such number"},
		{[]string{livePhone, "00000"}, "not the code"},
		{[]string{livePhone, liveCode, "wrong"}, "not the password"},
		{[]string{livePhone}, "a line each"},
	} {
		r := s.login(tc.answers...)
		if r.code != exitFailed || !strings.Contains(r.stderr, tc.want) {
			t.Errorf("%d answers: exit %d, %q", len(tc.answers), r.code, r.stderr)
		}
		for _, answer := range tc.answers {
			if strings.Contains(r.stderr+r.stdout, answer) {
				t.Errorf("an answer is repeated: %q", r.stderr)
			}
		}
	}
	s.write("doxtrail.yaml", "data: data\nkeys: keys\n")
	if r := s.login(livePhone); r.code != exitUsage || !strings.Contains(r.stderr, "collector_telegram.api_id") {
		t.Errorf("without a configuration: exit %d, %q", r.code, r.stderr)
	}
}

func TestWithoutABasisStatusSaysWhy(t *testing.T) {
	t.Parallel()
	s := newLive(t, harbours(1)...)
	s.mustLogin()
	s.write("doxtrail.yaml", "data: data\nkeys: keys\n"+strings.Replace(s.settings(), "  terms_basis: written_approval\n", "", 1))
	calls := len(s.fake.Calls())
	stop := s.up()
	s.eventually("status says why", func() bool {
		return strings.Contains(s.must("status"), "terms_basis is missing")
	})
	stop()
	if after := s.fake.Calls()[calls:]; len(after) > 0 {
		t.Errorf("%d calls were made all the same", len(after))
	}
}
