package main

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/campaign"
	"github.com/doxtrail/doxtrail/pkg/embedded"
)

// TestEveryServiceRunsAlone starts NATS and ClickHouse as servers of their own
// and each service as a process of its own, as on many machines: same subjects,
// same tables, same answers.
func TestEveryServiceRunsAlone(t *testing.T) {
	c := campaign.New(7, campaign.Size{Posts: 1500, Channels: 12, Accounts: 60, Cards: 14})
	s := newStudy(t, c, c.Sites())
	s.remote()
	s.must("keys", "init")
	for _, service := range []string{"provisioner", "normaliser", "recorder", "collector-archive"} {
		stop := s.start("run", service)
		t.Cleanup(func() {
			if r := stop(); r.code != 0 {
				t.Errorf("run %s: exit %d\n%s", service, r.code, r.stderr)
			}
		})
	}
	// The collector watches the folder of the archives: nobody types import.
	want := c.Truth(c.Sites())
	s.eventually("every post is a row", func() bool {
		out := s.run("sql", "--format", "csv", "SELECT count() FROM posts")
		return out.code == 0 && strings.TrimSpace(out.stdout) == `"count()"`+"\n"+strconv.Itoa(want.Posts)
	})
	var cards []struct {
		Posts int `json:"posts"`
	}
	s.ask(&cards, "card_spread")
	if len(cards) != len(want.Cards) {
		t.Errorf("%d cards, want %d", len(cards), len(want.Cards))
	}
	if r := s.run("import", "--json", "--channel", "Wong Test Person", "archives"); r.code != exitUsage || !strings.Contains(r.stderr, "no channel with the label") {
		t.Errorf("an import with a label that the watch list does not have: exit %d\n%s", r.code, r.stderr)
	}
	s.must("import", "--json", "--channel", "channel-01", "archives")
	s.carryHome()
	if r := s.run("run", "nobody"); r.code != exitUsage {
		t.Errorf("an unknown service exits with %d", r.code)
	}
}

// remote starts both servers in this process and names them in the
// configuration.
func (s *testStudy) remote() {
	s.t.Helper()
	nats, err := embedded.StartNATS(embedded.NATSConfig{Dir: s.path("nats"), MaxStore: 16 << 30})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = nats.Close(s.t.Context()) })
	db, err := embedded.StartClickHouse(s.t.Context(), embedded.ClickHouseConfig{Dir: s.path("clickhouse")})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = db.Close(s.t.Context()) })
	at := db.Endpoint()
	s.write("nats.token", nats.Token())
	s.write("clickhouse.password", at.Password)
	s.write("researcher.password", at.ResearcherPassword)
	s.write("doxtrail.yaml", strings.Join([]string{
		"watchlist: watchlist.yaml",
		"keys: keys",
		"nats: {url: '" + nats.URL() + "', token_file: nats.token}",
		"clickhouse:",
		"  url: " + at.URL,
		"  layout: embedded",
		"  user: " + at.User,
		"  password_file: clickhouse.password",
		"  researcher_user: " + at.ResearcherUser,
		"  researcher_password_file: researcher.password",
		"collector_archive: {inbox: archives, inbox_poll: 100ms}",
		"",
	}, "\n"))
}

// eventually waits until ok, or fails.
func (s *testStudy) eventually(what string, ok func() bool) {
	s.t.Helper()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	timeout := time.After(commandTimeout)
	for !ok() {
		select {
		case <-tick.C:
		case <-timeout:
			s.t.Fatalf("waited in vain: %s", what)
		}
	}
}
