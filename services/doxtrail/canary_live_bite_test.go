package main

import (
	"bufio"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/embedded"
	"github.com/doxtrail/doxtrail/pkg/privacy/privacytest"
	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
)

// The live path's places, too, are looked at by somebody who would find
// something. Each leak is planted in another place and as another value, most
// through the door that the program itself has for it.
func TestALeakOfTheLivePathIsFound(t *testing.T) {
	t.Parallel()
	people := privacytest.New(53, 6).Persons
	label, account := "tg-"+strings.ReplaceAll(people[0].Romanised(), " ", "-"), strings.ToLower(strings.ReplaceAll(people[1].Romanised(), " ", "-"))
	outcome := strings.ToUpper(strings.Trim(people[2].Handle, "0123456789_"))
	plants := []plant{
		{"as a channel's label", label, []string{"stdout of status", "stdout of channels list", "stdout of channels proposed", "stderr of up"}},
		{"as the account's name", account, []string{"stdout of status", "stderr of up", "after the stop: data"}},
		{"as the class of an error", outcome, []string{"page /metrics", "stdout of status", "stderr of up"}},
		{"in a cursor", people[0].Chinese, []string{"after the stop: data"}},
		{"in the key of a cursor", people[3].Handle, []string{"after the stop: data"}},
		{"in the key of a budget", people[1].Handle, []string{"after the stop: data"}},
		{"in a lease", people[0].Phone, []string{"after the stop: data"}},
		{"in the watch list's bucket", people[0].Title, []string{"after the stop: data"}},
		{"in a subject", people[4].Handle, []string{"after the stop: data"}},
		{"in RAW, unsealed", people[0].HKID, []string{"after the stop: data"}},
		{"in FAILED, unsealed", people[0].Mail, []string{"after the stop: data"}},
		{"in RECORDS, packed", people[0].Hashtag, []string{"streams: RECORDS, posts"}},
		{"in a row", people[0].Address, []string{"tables: table doxtrail.posts"}},
		{"in a file of the data", people[1].Chinese, []string{"after the stop: data"}},
		{"in a temporary file", people[1].Phone, []string{"after the stop: tmp"}},
		{"as an open session", `"AuthKey"`, []string{"after the stop: keys"}},
		{"in the name of a file", people[1].FileName, []string{"after the stop: data"}},
	}
	canaries := make([]privacytest.Canary, 0, len(plants))
	for _, p := range plants {
		canaries = append(canaries, privacytest.Canary{Kind: p.kind, Value: p.value})
	}
	s := newLive(t, harbours(3)...)
	w := newLiveWatch(s, canaries)
	w.write("doxtrail.yaml", strings.Replace(string(contentOf(t, w.path("doxtrail.yaml"))), "collector_telegram:\n", "collector_telegram:\n  account: "+account+"\n", 1))
	w.write("watchlist.yaml", strings.Replace(string(contentOf(t, w.path("watchlist.yaml"))), "harbour-0", label, 1))
	for range 3 {
		s.channels[0].Post(fake.Text("see https://t.me/not_listed_channel/12"))
	}
	s.mustLogin()
	stop := w.up()
	w.eventually("the history is rows", func() bool { return len(s.rows().posts) == 3 })
	s.fake.FailPlain("updates.getChannelDifference", -1, 400, outcome)
	w.eventually("status says why no channel is followed", func() bool {
		return strings.Count(w.call("status", "status").stdout, outcome) == len(s.channels)
	})
	w.plantLive(plants)
	w.succeed("channels list", "channels", "list")
	w.eventually("a channel is proposed", func() bool {
		return strings.Contains(w.succeed("channels proposed", "channels", "proposed", "--all"), label)
	})
	w.pages()
	w.dump("tables")
	w.see("up", stop())
	w.sweep("after the stop")
	w.records("streams")
	for _, p := range plants {
		for _, place := range p.places {
			if !w.leaks.in(place, p.kind) {
				t.Errorf("a leak %q was planted and not found at %q", p.kind, place)
			}
		}
	}
}

// plant is a value that is put where it must not be, and where it is to be found.
type plant struct {
	kind   privacytest.Kind
	value  string
	places []string
}

// plantLive puts values where the live path keeps something, each in another
// spelling. What the program would never write is written as any client of NATS
// can.
func (w *canaryWatch) plantLive(plants []plant) {
	w.t.Helper()
	values := map[privacytest.Kind]string{}
	for _, p := range plants {
		values[p.kind] = p.value
	}
	w.toNATS(map[string]string{
		"$KV.CURSORS.collector-telegram.planted":                   strconv.QuoteToASCII(values["in a cursor"]),
		"$KV.CURSORS." + values["in the key of a cursor"]:          "x",
		"$KV.BUDGETS." + values["in the key of a budget"]:          "{}",
		"$KV.LEASES.planted":                                       wide(values["in a lease"]),
		"$KV.WATCHLIST.planted":                                    base64.StdEncoding.EncodeToString([]byte("x" + values["in the watch list's bucket"])),
		"doxtrail.v1.raw.live.posts." + values["in a subject"]:     "x",
		"doxtrail.v1.raw.live.posts.telegram":                      hex.EncodeToString([]byte(values["in RAW, unsealed"])),
		"doxtrail.v1.failed.normaliser.telegram.raw.live.posts.no": strings.ToUpper(values["in FAILED, unsealed"]),
	})
	w.plantRecord(values["in RECORDS, packed"])
	w.insert("INSERT INTO doxtrail.posts (post_key, posted_at, language) VALUES (generateUUIDv4(), now(), '" + values["in a row"] + "')")
	w.plantFile("data/planted", url.PathEscape(values["in a file of the data"]))
	w.plantFile("tmp/planted", values["in a temporary file"])
	w.plantFile("keys/telegram.session", `{"login":"x","session":"`+base64.StdEncoding.EncodeToString([]byte(`{"Version":1,"Data":{"AuthKey":"AAAA"}}`))+`"}`)
	w.plantFile("data/nats/"+values["in the name of a file"], "")
}

// wide writes ASCII in UTF-16.
func wide(value string) string {
	var b strings.Builder
	for _, c := range []byte(value) {
		b.Write([]byte{c, 0})
	}
	return b.String()
}

// toNATS publishes messages, each on its subject, and returns when the server has
// read them.
func (w *canaryWatch) toNATS(messages map[string]string) {
	w.t.Helper()
	run, err := embedded.ReadRun(w.path("data"))
	if err != nil {
		w.t.Fatal(err)
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(w.t.Context(), "tcp", strings.TrimPrefix(run.NATS.URL, "nats://"))
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	fmt.Fprintf(conn, "CONNECT {\"verbose\":false,\"auth_token\":%q}\r\n", strings.TrimSpace(string(contentOf(w.t, run.NATS.TokenFile))))
	for subject, payload := range messages {
		fmt.Fprintf(conn, "PUB %s %d\r\n%s\r\n", subject, len(payload), payload)
	}
	fmt.Fprint(conn, "PING\r\n")
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		switch line := lines.Text(); {
		case line == "PONG":
			return
		case strings.HasPrefix(line, "-ERR"):
			w.t.Fatal(line)
		}
	}
	w.t.Fatal("the server said nothing")
}
