package main

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/privacy/privacytest"
	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
)

// The live path, too, keeps nothing readable: what posts say in whatever field,
// titles and handles, ids, the account's number, code and password, its session.
func TestNothingOfALiveChannelCanBeReadAfterwards(t *testing.T) {
	t.Parallel()
	people := privacytest.New(43, 2)
	s := newLive(t, liveChannel{people.Persons[0].Handle, people.Persons[0].Title}, liveChannel{people.Persons[1].Handle, people.Persons[1].Title})
	w := newLiveWatch(s, people.Canaries())
	t.Cleanup(func() { w.leaks.report(t) })
	posts := 0
	for _, p := range people.Persons {
		for _, c := range s.channels {
			for _, m := range fake.Naming(p.Chinese, p.Phone, p.Mail) {
				c.Post(m)
				posts++
			}
			c.Post(fake.Text("see https://t.me/not_listed_channel/12 " + p.Romanised()))
			c.Post(fake.Text(strings.Join(disguised(p.Chinese, p.Phone, p.Mail, p.HKID), "\n")))
			posts += 2
		}
	}
	w.see("login", s.login(livePhone, liveCode, livePassword))
	w.see("a wrong login", s.login(livePhone, livePhone, livePassword))
	w.sweep("after the login")

	stop := w.up()
	w.eventually("the history is rows", func() bool { return len(s.rows().posts) == posts })
	c := s.channels[0]
	c.EditText(1, people.Persons[1].Chinese)
	c.Delete(2)
	s.channels[1].SetPrivate(true)
	c.Rename("harbour_renamed")
	s.fake.Cut()
	w.eventually("edit and deletion are rows", s.complete)
	w.succeed("status", "status")
	w.succeed("doctor", "doctor")
	w.succeed("channels list", "channels", "list")
	w.succeed("channels proposed", "channels", "proposed", "--all")
	w.pages()
	w.dump("tables")
	w.sweep("while it runs")
	s.fake.Revoke()
	w.eventually("status says that nobody is logged in", func() bool {
		return strings.Contains(w.succeed("status", "status"), "doxtrail login telegram")
	})
	w.see("up", stop())
	s.mustLogin()
	w.killedLive(func(signal, n int) {
		s.channels[0].Post(fake.Text(fmt.Sprint(s.channels[0].Title(), " ", signal, " ", n)))
	})
	w.sweep("after the stop")
	w.records("streams")
}

// newLiveWatch looks for canaries, and for what only a live study has.
func newLiveWatch(s *liveStudy, canaries []privacytest.Canary) *canaryWatch {
	s.t.Helper()
	for i, value := range []string{
		livePhone[1:], livePassword, "0123456789abcdef0123456789abcdef",
		`"AuthKey"`, "2100000000", "5551234", "not_listed_channel", "harbour_renamed",
	} {
		canaries = append(canaries, privacytest.Canary{Kind: "live", Index: i, Value: value})
	}
	w := &canaryWatch{testStudy: s.testStudy, listen: freeAddress(s.t), leaks: &leaks{}}
	var err error
	if w.scanner, err = privacytest.NewScanner(canaries); err != nil {
		s.t.Fatal(err)
	}
	w.write("doxtrail.yaml", "data: data\nkeys: keys\nlog_level: debug\nlisten: "+w.listen+"\n"+s.settings())
	return w
}

// killedLive ends a collector in ways that make the runtime print what it can,
// while somebody posts.
func (w *canaryWatch) killedLive(post func(signal, n int)) {
	w.t.Helper()
	for i, signal := range []syscall.Signal{syscall.SIGQUIT, syscall.SIGSEGV, syscall.SIGABRT} {
		what := "collector ended by " + signal.String()
		cmd := w.command(w.t.Context(), "up")
		var stdout, stderr syncBuffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		if err := cmd.Start(); err != nil {
			w.t.Fatal(err)
		}
		w.eventually("it collects", func() bool { return strings.Contains(stderr.String(), "msg=collecting") })
		for n := range 100 {
			post(i, n)
		}
		limits := contentOf(w.t, fmt.Sprintf("/proc/%d/limits", cmd.Process.Pid))
		if !noCore.Match(limits) {
			w.t.Errorf("%s: the process may leave a core file:\n%s", what, limits)
		}
		_ = cmd.Process.Signal(signal)
		if err := cmd.Wait(); err == nil {
			w.t.Errorf("%s: exit 0", what)
		}
		w.see(what, result{stdout.String(), stderr.String(), 2})
		w.sweep(what)
	}
}
