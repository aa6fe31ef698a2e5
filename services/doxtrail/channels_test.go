package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
)

const (
	// targetHandle is a handle that names an invented person.
	targetHandle = "WongTestPerson_cards"
	otherHandle  = "kitchen_stories"
)

// collects has the study collect from a Telegram of the test's own, logged in.
func (s *testStudy) collects() *fake.Server {
	s.t.Helper()
	telegram, err := fake.Start(s.t.Context(), fake.Options{Phone: livePhone, Code: liveCode})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(telegram.Close)
	s.write("hash", "0123456789abcdef0123456789abcdef\n")
	s.write("key.pem", string(telegram.PublicKeyPEM()))
	rates := ""
	for _, method := range []string{
		"messages.getHistory", "channels.getMessages", "updates.getChannelDifference", "updates.getDifference",
		"updates.getState", "channels.getFullChannel", "contacts.resolveUsername", "users.getUsers",
	} {
		rates += "\n    " + method + ": {every: 5ms, burst: 2}"
	}
	s.write("doxtrail.yaml", fmt.Sprintf(`watchlist: watchlist.yaml
data: data
keys: keys
legal_basis: {controller: University of Example, ground: research, reference: ethics 1/2026, expires: "%s"}
collector_telegram:
  api_id: 1
  api_hash_file: hash
  session_file: telegram.session
  terms_basis: written_approval
  poll: 100ms
  server: {dc: %d, address: "%s", public_key_file: key.pem}
  rates:%s
`, time.Now().AddDate(1, 0, 0).Format(time.DateOnly), telegram.DC(), telegram.Address(), rates))
	if r := s.answer(livePhone+"\n"+liveCode+"\n", "login", "telegram"); r.code != exitDone {
		s.t.Fatalf("login: exit %d\n%s", r.code, r.stderr)
	}
	return telegram
}

// answer runs a command with lines on standard input.
func (s *testStudy) answer(lines string, args ...string) result {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), commandTimeout)
	defer cancel()
	cmd := s.command(ctx, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(lines), &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		s.t.Fatal(err)
	}
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// proposed asks which channels are proposed.
func (s *testStudy) proposed(args ...string) (channels []proposedChannel) {
	s.t.Helper()
	var answer struct{ Channels []proposedChannel }
	out := s.must(append([]string{"channels", "proposed", "--json"}, args...)...)
	if err := json.Unmarshal([]byte(out), &answer); err != nil {
		s.t.Fatal(err)
	}
	return answer.Channels
}

// watchedNow asks which channels are watched, as "label from state".
func (s *testStudy) watchedNow() (channels []string) {
	s.t.Helper()
	var answer struct{ Channels []watchedChannel }
	if err := json.Unmarshal([]byte(s.must("channels", "list", "--json")), &answer); err != nil {
		s.t.Fatal(err)
	}
	for _, c := range answer.Channels {
		channels = append(channels, c.Label+" "+c.From+" "+c.State)
	}
	return channels
}

// From the first forward to the posts of an approved channel, as a user goes.
func TestAProposedChannelIsCollectedOnceItIsApproved(t *testing.T) {
	t.Parallel()
	s := newStudy(t, smallCampaign(91), nil)
	telegram := s.collects()
	s.write("watchlist.yaml", "channels: [{label: harbour, platform: telegram, name: harbour_watch}]\n")
	harbour := telegram.Channel(fake.ChannelSpec{ID: 3_100_000_001, Username: "harbour_watch", Title: "Harbour"})
	target := telegram.Channel(fake.ChannelSpec{ID: 3_100_000_002, Username: targetHandle, Title: "Pier"})
	other := telegram.Channel(fake.ChannelSpec{ID: 3_100_000_003, Username: otherHandle, Title: "Kitchen"})
	rare := telegram.Channel(fake.ChannelSpec{ID: 3_100_000_004, Username: "rare_words", Title: "Rare"})
	for i := range 3 {
		target.Say("https://harbour-leaks.example/card/" + strconv.Itoa(i))
	}
	for range 6 {
		harbour.Forward("look", target, 1)
	}
	for range 5 {
		harbour.Forward("soup", other, 1)
	}
	harbour.Forward("once", rare, 1)
	stop := s.up()
	defer stop()

	var open []proposedChannel
	s.eventually("two channels are proposed", func() bool {
		open = s.proposed()
		return len(open) == 2
	})
	if p := open[0]; p.Forwards != 6 || p.Kind != "channel" || !slices.Equal(p.Labels, []string{"harbour"}) || p.Handle != "" || p.ID != "" {
		t.Errorf("the most named one is shown with %d forwards, as a %s, by %v", p.Forwards, p.Kind, p.Labels)
	}
	if all := s.proposed("--all"); len(all) != 3 {
		t.Errorf("%d channels are proposed in all, want 3", len(all))
	}
	s.handlesAreForTheEyesOfWhoDecides(open[0])
	s.badAnswersDecideNothing(open[0])

	target91, other91 := open[0].Key.String(), open[1].Key.String()
	if r := s.answer("tg-1\ny\ncarries cards\n", "channels", "approve", target91[:8]); r.code != exitDone || r.stdout != "approved "+target91[:8]+" as tg-1; its handle names a target: yes\n" {
		t.Fatalf("approve: exit %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	s.rejectsAtATerminal(other91)
	if left := s.proposed(); len(left) != 0 {
		t.Errorf("%d channels are proposed after the decisions", len(left))
	}
	s.eventually("the posts of the approved channel are rows", func() bool {
		var rows []struct{ Posts int }
		s.sql(&rows, "SELECT count() AS posts FROM posts WHERE channel_key = '"+target91+"'")
		return rows[0].Posts == 3
	})
	var decisions []struct{ Kind, Label string }
	s.sql(&decisions, "SELECT kind, label FROM decisions WHERE in_force AND target_key IN ('"+target91+"', '"+other91+"') ORDER BY kind")
	if want := []struct{ Kind, Label string }{{"channel_approved", "tg-1"}, {"channel_rejected", ""}}; !slices.Equal(decisions, want) {
		t.Errorf("decisions in tables: %v", decisions)
	}
	s.eventually("the collector says that it follows both", func() bool {
		return slices.Equal(s.watchedNow(), []string{"harbour file followed", "tg-1 decision followed"})
	})
	s.write("watchlist.yaml", "")
	if now := s.watchedNow(); !slices.Equal(now, []string{"tg-1 decision followed"}) {
		t.Errorf("with an empty file there are %v", now)
	}
	if r := s.answer("no cards any more\n", "channels", "reject", target91); r.code != exitDone || len(s.watchedNow()) != 0 {
		t.Errorf("an approved channel was rejected: exit %d, and it is watched\n%s", r.code, r.stderr)
	}
	s.write("up.log", stop().stderr)
	s.holdsNo(targetHandle, otherHandle, "s3cret", "about cooking", "3100000002")
}

// holdsNo sees that nothing in the study's folder says a word, the archives and
// what a person keeps there apart.
func (s *testStudy) holdsNo(words ...string) {
	s.t.Helper()
	looked := 0
	err := filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if path == s.path("archives") {
			return fs.SkipDir
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		looked += len(content)
		content = bytes.ToLower(content)
		for _, word := range words {
			if bytes.Contains(content, []byte(strings.ToLower(word))) {
				rel, _ := filepath.Rel(s.dir, path)
				s.t.Errorf("%s says %q", rel, word)
			}
		}
		return nil
	})
	if err != nil || looked < 64<<10 {
		s.t.Errorf("looked at %d bytes: %v", looked, err)
	}
}

// rejectsAtATerminal answers as a person who is asked.
func (s *testStudy) rejectsAtATerminal(key string) {
	s.t.Helper()
	outside, inside := terminal(s.t)
	cmd := s.command(s.t.Context(), "channels", "reject", key)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = inside, inside, inside
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	_ = inside.Close()
	var shown strings.Builder
	part := make([]byte, 1<<10)
	for answered := false; ; {
		n, err := outside.Read(part)
		shown.Write(part[:n])
		if !answered && strings.Contains(shown.String(), "why it is not watched:") {
			answered = true
			if _, err := outside.WriteString("about cooking\n"); err != nil {
				s.t.Fatal(err)
			}
		}
		if err != nil { // how a terminal says that nobody writes any more
			break
		}
	}
	_ = cmd.Wait() // the exit code tells
	if code := cmd.ProcessState.ExitCode(); code != exitDone || !strings.Contains(shown.String(), "rejected "+key[:shortKey]) {
		s.t.Fatalf("reject: exit %d\n%s", code, shown.String())
	}
}

// handlesAreForTheEyesOfWhoDecides sees that handles are shown when they are asked
// for and not else.
func (s *testStudy) handlesAreForTheEyesOfWhoDecides(target proposedChannel) {
	s.t.Helper()
	for _, args := range [][]string{{"channels", "proposed"}, {"channels", "proposed", "--json"}, {"channels", "proposed", "--all"}, {"channels", "list"}, {"status"}} {
		r := s.run(args...)
		if said := strings.ToLower(r.stdout + r.stderr); r.code != exitDone || strings.Contains(said, strings.ToLower(targetHandle)) || strings.Contains(said, otherHandle) || strings.Contains(said, "3100000002") {
			s.t.Errorf("%s: exit %d, or it shows a handle or an id", strings.Join(args, " "), r.code)
		}
	}
	r := s.run("channels", "proposed", "--show-handles")
	if !strings.Contains(r.stdout, targetHandle) || !strings.Contains(r.stdout, target.short()) || strings.Contains(r.stderr, targetHandle) {
		s.t.Errorf("handles that were asked for:\n%s%s", r.stdout, r.stderr)
	}
	if !strings.Contains(r.stderr, "handles may name victims") || !strings.Contains(r.stderr, target.Key.String()) {
		s.t.Errorf("nothing says that handles were shown:\n%s", r.stderr)
	}
}

// badAnswersDecideNothing tries what a person may get wrong.
func (s *testStudy) badAnswersDecideNothing(target proposedChannel) {
	s.t.Helper()
	for _, tc := range []struct{ key, lines, says string }{
		{target.short(), "", "there was no answer"},
		{target.short(), "s3cret words\ny\nwhy\n", "a label has 1 to 64"},
		{target.short(), "harbour\ny\nwhy\n", "another channel has or had this label"},
		{target.short(), "s3cret-WONGtest\ny\nwhy\n", "the label holds the channel's id or a part of its handle"},
		{target.short(), "tg-3100000002\ny\nwhy\n", "the label holds the channel's id or a part of its handle"},
		{target.short(), "tg-1\ns3cret\nwhy\n", "must be y or n"},
		{target.short(), "tg-1\ny\n\n", "there was no answer"},
		{target.short(), "tg-1\ny\n" + strings.Repeat("s3cret ", 100) + "\n", "a reason has at most 500 bytes"},
		{"@" + targetHandle, "tg-1\ny\nwhy\n", "Handles are never arguments"},
		{"0123456789abcdef", "tg-1\ny\nwhy\n", "no channel that is proposed has this key"},
	} {
		r := s.answer(tc.lines, "channels", "approve", tc.key)
		said := strings.ToLower(r.stdout + r.stderr)
		if r.code != exitUsage || !strings.Contains(r.stderr, tc.says) || strings.Contains(said, "s3cret") || strings.Contains(said, "wong") {
			s.t.Errorf("want %q: exit %d\n%s%s", tc.says, r.code, r.stdout, r.stderr)
		}
	}
	if open := s.proposed(); len(open) != 2 {
		s.t.Errorf("%d channels are proposed after answers that decide nothing", len(open))
	}
}
