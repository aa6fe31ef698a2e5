package main

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/privacy/privacytest"
	"github.com/doxtrail/doxtrail/services/collector/twitter/fake"
)

// Who looks for leaks of X would find some: each is planted in another place where
// its collector keeps or says something.
func TestALeakOfXIsFound(t *testing.T) {
	t.Parallel()
	people := privacytest.New(59, 4).Persons
	neutral := func(p privacytest.Person) string {
		return strings.ToLower(strings.ReplaceAll(p.Romanised(), " ", "-"))
	}
	family, account := "x-"+neutral(people[0]), neutral(people[1])
	plants := []plant{
		{"as a family's label", family, []string{"stdout of status", "stdout of status --json"}},
		{"as the account's name", account, []string{"stdout of status", "stderr of up", "after the stop: data"}},
		{"in a cursor", people[0].Chinese, []string{"after the stop: data"}},
		{"in the key of a budget", people[2].Handle, []string{"after the stop: data"}},
		{"in a lease", people[0].Phone, []string{"after the stop: data"}},
		{"in RAW, unsealed", people[3].Chinese, []string{"after the stop: data"}},
		{"in a row", people[0].Address, []string{"tables: table doxtrail.posts"}},
		{"as the token, in a file", twitterToken, []string{"after the stop: tmp"}},
	}
	canaries := make([]privacytest.Canary, 0, len(plants))
	for _, p := range plants {
		canaries = append(canaries, privacytest.Canary{Kind: p.kind, Value: p.value})
	}
	s := newTwitter(t, fake.Options{}, quays(1)...)
	w := &canaryWatch{testStudy: s.testStudy, listen: freeAddress(t), leaks: &leaks{}}
	var err error
	if w.scanner, err = privacytest.NewScanner(canaries); err != nil {
		t.Fatal(err)
	}
	w.write("doxtrail.yaml", "data: data\nkeys: keys\nlog_level: debug\nlisten: "+w.listen+"\n"+
		strings.Replace(s.settings(), "collector_twitter:\n", "collector_twitter:\n  account: "+account+"\n", 1))
	w.write("watchlist.yaml", fmt.Sprintf("families: [{label: %s, sites: [harbour-leaks.example], patterns: ['ab*']}]\nchannels: []\n", family))
	stop := w.up()
	w.eventually("status names what is not looked for", func() bool {
		return strings.Contains(w.succeed("status", "status"), "left out")
	})
	w.succeed("status --json", "status", "--json")
	w.toNATS(map[string]string{
		"$KV.CURSORS.collector-twitter.planted":             people[0].Chinese,
		"$KV.BUDGETS.collector-twitter." + people[2].Handle: "{}",
		"$KV.LEASES.collector-twitter.planted":              wide(people[0].Phone),
		"doxtrail.v1.raw.live.posts.twitter":                base64.StdEncoding.EncodeToString([]byte("x" + people[3].Chinese)),
	})
	w.insert("INSERT INTO doxtrail.posts (post_key, posted_at, language) VALUES (generateUUIDv4(), now(), '" + people[0].Address + "')")
	w.plantFile("tmp/planted", "Authorization: Bearer "+twitterToken)
	w.dump("tables")
	w.see("up", stop())
	w.sweep("after the stop")
	for _, p := range plants {
		for _, place := range p.places {
			if !w.leaks.in(place, p.kind) {
				t.Errorf("a leak %q was planted and not found at %q", p.kind, place)
			}
		}
	}
}
