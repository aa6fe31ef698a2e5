package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/doxtrail/doxtrail/pkg/campaign"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
)

// liveStudy is a study whose collector follows channels of a Telegram in this
// process.
type liveStudy struct {
	*testStudy
	fake     *fake.Server
	channels []*fake.Channel
}

// What the account of the fake is asked for.
const (
	livePhone    = "+85255501234"
	liveCode     = "48213"
	livePassword = "a long password of nobody"
)

// newLive makes a study with channels on its watch list.
func newLive(t *testing.T, channels ...liveChannel) *liveStudy {
	t.Helper()
	s := liveOn(newStudy(t, &campaign.Campaign{}, nil), channels...)
	s.write("doxtrail.yaml", "data: data\nkeys: keys\n"+s.settings())
	return s
}

// liveOn gives a study a Telegram with channels that it watches.
func liveOn(study *testStudy, channels ...liveChannel) *liveStudy {
	t := study.t
	t.Helper()
	server, err := fake.Start(context.WithoutCancel(t.Context()), fake.Options{Phone: livePhone, Code: liveCode, Password: livePassword})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	s := &liveStudy{testStudy: study, fake: server}
	var list strings.Builder
	list.WriteString("families: [{label: harbour-leaks, sites: [harbour-leaks.example]}]\nchannels:\n")
	for i, channel := range channels {
		s.channels = append(s.channels, server.Channel(fake.ChannelSpec{
			ID: int64(2_100_000_000 + i), Username: channel.handle, Title: channel.title, Created: time.Now().AddDate(-1, 0, 0), Subscribers: 100 * (i + 1),
		}))
		fmt.Fprintf(&list, "  - {label: harbour-%d, platform: telegram, name: %s}\n", i, channel.handle)
	}
	s.write("watchlist.yaml", list.String())
	s.write("api_hash", "0123456789abcdef0123456789abcdef\n")
	s.write("server.pem", string(server.PublicKeyPEM()))
	return s
}

// liveChannel is a channel of a live study.
type liveChannel struct{ handle, title string }

// harbours are channels without any meaning.
func harbours(n int) (channels []liveChannel) {
	for i := range n {
		channels = append(channels, liveChannel{fmt.Sprintf("harbour_watch_%d", i), fmt.Sprint("Harbour watch ", i)})
	}
	return channels
}

// settings are those of a live study, with quick rates.
func (s *liveStudy) settings() string {
	rates := &strings.Builder{}
	for method, rate := range liveRates() {
		fmt.Fprintf(rates, "    %s: {every: %s, burst: %d}\n", method, rate.every, rate.burst)
	}
	return fmt.Sprintf(`watchlist: watchlist.yaml
legal_basis: {controller: University of Example, ground: research, reference: ethics 1/2026, expires: %q}
collector_telegram:
  api_id: 1
  api_hash_file: api_hash
  terms_basis: written_approval
  poll: 100ms
  server: {dc: %d, address: %q, public_key_file: server.pem}
  rates:
%s`, time.Now().AddDate(1, 0, 0).Format(time.DateOnly), s.fake.DC(), s.fake.Address(), rates)
}

// liveRate is a rate of a live study.
type liveRate struct {
	every time.Duration
	burst int
}

func liveRates() map[string]liveRate {
	quick := liveRate{10 * time.Millisecond, 3}
	return map[string]liveRate{
		"messages.getHistory": quick, "channels.getMessages": quick, "updates.getChannelDifference": {20 * time.Millisecond, 5},
		"channels.getFullChannel": quick, "contacts.resolveUsername": quick, "users.getUsers": quick,
	}
}

// login logs in with answers on standard input.
func (s *liveStudy) login(answers ...string) result {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), commandTimeout)
	defer cancel()
	cmd := s.command(ctx, "login", "telegram")
	cmd.Stdin = strings.NewReader(strings.Join(answers, "\n") + "\n")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		s.t.Fatal(err)
	}
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// mustLogin logs in as the account of the fake.
func (s *liveStudy) mustLogin() {
	s.t.Helper()
	if r := s.login(livePhone, liveCode, livePassword); r.code != exitDone || !strings.Contains(r.stdout, "logged in") {
		s.t.Fatalf("login: exit %d, %q\n%s", r.code, r.stdout, r.stderr)
	}
}

// liveRows is what tables say of the channels, by keys.
type liveRows struct {
	posts  map[string]livePost
	states map[string]int // "key state time" to rows
}

type livePost struct {
	Rows     int    `json:"n"`
	EditedAt string `json:"edited"`
}

// rows reads the tables.
func (s *liveStudy) rows() liveRows {
	s.t.Helper()
	out := liveRows{map[string]livePost{}, map[string]int{}}
	read := func(statement string, each func(line []byte) error) {
		text := s.must("sql", "--operator", "--format", "jsonl", statement)
		for line := range strings.Lines(text) {
			if err := each([]byte(line)); err != nil {
				s.t.Fatalf("%v in %s", err, line)
			}
		}
	}
	read(`SELECT toString(post_key) AS key, toUInt32(count()) AS n, toString(max(edited_at)) AS edited FROM doxtrail.posts FINAL GROUP BY key`, func(line []byte) error {
		var row struct {
			livePost
			Key string `json:"key"`
		}
		err := json.Unmarshal(line, &row)
		out.posts[row.Key] = row.livePost
		return err
	})
	read(`SELECT toString(post_key) AS key, toString(state) AS state, toUnixTimestamp(observed_at) AS at, toUInt32(count()) AS n
		FROM doxtrail.observations FINAL WHERE state IN ('gone', 'edited') GROUP BY key, state, at`, func(line []byte) error {
		var row struct {
			Key   string `json:"key"`
			State string `json:"state"`
			At    int64  `json:"at"`
			N     int    `json:"n"`
		}
		err := json.Unmarshal(line, &row)
		out.states[row.Key+" "+row.State] += row.N
		out.states[fmt.Sprintf("%s %s %d", row.Key, row.State, row.At)] += row.N
		return err
	})
	return out
}

// keyOf is the key of a post, as the normaliser makes it.
func (s *liveStudy) keyOf() func(channel int64, post int) string {
	s.t.Helper()
	ring, err := privacy.OpenRing(s.path("keys"))
	if err != nil {
		s.t.Fatal(err)
	}
	keyer := ring.Keyer()
	return func(channel int64, post int) string {
		return uuid.UUID(keyer.Post(doxtrailv1.Platform_PLATFORM_TELEGRAM, strconv.FormatInt(channel, 10), strconv.Itoa(post))).String()
	}
}

// missing compares the tables with what the fake served. Items of albums that are
// not its first have no row of their own. lost counts the posts that were sent to a
// process which died with them in hand, and were deleted before anybody could ask
// for them again: there is no row of them, and may be no observation.
func (s *liveStudy) missing(rows liveRows, items map[int64]map[int]bool) (faults []string, lost int) {
	s.t.Helper()
	key := s.keyOf()
	known := map[string]bool{}
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	for _, truth := range s.fake.Truth() {
		for _, p := range truth.Posts {
			k := key(truth.Channel, p.ID)
			known[k] = true
			row, there := rows.posts[k]
			item := items[truth.Channel][p.ID]
			switch {
			case p.Service && there, item && there:
				fault("%d/%d is no post and has a row", truth.Channel, p.ID)
			case p.Service, item:
			case !there && p.Deleted:
				lost++
			case !there && p.Served:
				fault("%d/%d was served and has no row", truth.Channel, p.ID)
			case there && row.Rows != 1:
				fault("%d/%d has %d rows", truth.Channel, p.ID, row.Rows)
			case there && !p.Deleted && !p.Edited.IsZero():
				if want := p.Edited.UTC().Format("2006-01-02 15:04:05.000"); row.EditedAt != want {
					fault("%d/%d was edited at %s, the row says %s", truth.Channel, p.ID, want, row.EditedAt)
				}
				if n := rows.states[fmt.Sprintf("%s edited %d", k, p.Edited.Unix())]; n != 1 {
					fault("%d/%d: one edit is %d observations", truth.Channel, p.ID, n)
				}
			}
		}
		for _, e := range truth.Events {
			for _, id := range e.IDs {
				k := key(truth.Channel, id)
				_, there := rows.posts[k]
				if n := rows.states[k+" gone"]; e.Kind == fake.Deleted && there && n != 1 {
					fault("%d/%d: one deletion is %d observations", truth.Channel, id, n)
				}
			}
		}
	}
	for k := range rows.posts {
		if !known[k] {
			fault("a row is of no post that ever was")
		}
	}
	return faults, lost
}

// complete says whether nothing is missing.
func (s *liveStudy) complete() bool {
	s.t.Helper()
	faults, _ := s.missing(s.rows(), nil)
	return len(faults) == 0
}
