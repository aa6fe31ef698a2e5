package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/privacy/privacytest"
	"github.com/doxtrail/doxtrail/services/collector/twitter/fake"
)

// namedOnX is a person of a canary, and the account of X that bears the name.
type namedOnX struct {
	privacytest.Person
	handle, account string
}

// naming is what the person is named by.
func (n namedOnX) naming() fake.Naming {
	return fake.Naming{Name: n.Chinese, Handle: n.handle, Phone: n.Phone, Mail: n.Mail, Slug: n.Slug}
}

// newTwitterWatch makes a study of X whose watched accounts and terms name people,
// and looks for them and for what only a study of X has.
func newTwitterWatch(t *testing.T, people *privacytest.Set) (*canaryWatch, *twitterStudy, []namedOnX) {
	t.Helper()
	s := newTwitter(t, fake.Options{})
	w := &canaryWatch{testStudy: s.testStudy, listen: freeAddress(t), leaks: &leaks{}}
	canaries := people.Canaries()
	add := func(value string) {
		canaries = append(canaries, privacytest.Canary{Kind: "twitter", Index: len(canaries), Value: value})
	}
	add(twitterToken)
	add("harbour_renamed")
	add("retweets_of")
	var named []namedOnX
	var list strings.Builder
	fmt.Fprintf(&list, "families: [{label: harbour-leaks, sites: [harbour-leaks.example], terms: [%q]}]\nchannels:\n", people.Persons[0].Chinese)
	for i, p := range people.Persons {
		n := namedOnX{Person: p, handle: p.Handle[:min(len(p.Handle), 15)], account: fmt.Sprint(1_790_000_000_000_000_000 + 1_234_567*(i+1))}
		s.fake.Account(fake.AccountSpec{ID: n.account, Username: n.handle, Name: p.Title, Created: time.Now().AddDate(-1, 0, 0)})
		add(n.handle)
		add(n.account)
		fmt.Fprintf(&list, "  - {label: quay-%d, platform: twitter, name: %s}\n", i, n.handle)
		named = append(named, n)
	}
	w.write("watchlist.yaml", list.String())
	for _, n := range named { // there before anybody looks
		id := s.fake.Post(n.handle, n.Chinese+" "+n.Phone+" see https://harbour-leaks.example/card/"+n.Slug, fake.Lang("zh"), fake.Photo(n.Slug, n.Mail),
			fake.Leads("https://harbour-leaks.example/card/"+n.Slug, "https://harbour-leaks.example/"+n.Slug, n.Title, n.Address))
		add(id)
	}
	var err error
	if w.scanner, err = privacytest.NewScanner(canaries); err != nil {
		t.Fatal(err)
	}
	w.write("doxtrail.yaml", "data: data\nkeys: keys\nlog_level: debug\nlisten: "+w.listen+"\n"+s.settings())
	return w, s, named
}

// The live path of X keeps nothing readable either: what posts say in whatever
// field, names, handles and ids, what is looked for, errors of the API, the token.
func TestNothingOfXCanBeReadAfterwards(t *testing.T) {
	t.Parallel()
	w, s, named := newTwitterWatch(t, privacytest.New(47, 2))
	t.Cleanup(func() { w.leaks.report(t) })
	w.succeed("check-config", "check-config")
	w.sweep("before anything")
	stop := w.up()
	w.eventually("it listens", func() bool { return s.fake.Streams() == 1 })
	posts := 0
	var ids []string
	for _, n := range named {
		ids = append(ids, s.fake.Post(n.handle, n.Chinese+" "+n.Mail+" https://harbour-leaks.example/card/"+n.Slug, fake.Photo("live"+n.Slug, n.Chinese)))
		ids = append(ids, s.fake.Post(n.handle, strings.Join(disguised(n.Chinese, n.Phone, n.Mail, n.Slug), "\n")))
		s.fake.Line(n.naming().Line(s.fake.NewID(), n.account))
		s.fake.Quote(named[0].handle, ids[len(ids)-1], n.Romanised())
		s.fake.Reply(n.handle, ids[len(ids)-1], "@"+n.handle+" #"+n.Hashtag)
		s.fake.Repost(named[0].handle, ids[len(ids)-1])
		posts += 4
	}
	s.fake.Post("passer_by", named[0].Chinese+" is a term", fake.Replying("1790123456789012345"))
	w.eventually("they are rows", func() bool { return s.count("posts") >= posts })
	s.fake.Edit(ids[0], named[1].Chinese+" https://harbour-leaks.example/card/"+named[1].Slug)
	s.fake.Withhold(ids[0], "HK")
	s.fake.Delete(ids[1])
	s.fake.Rename(named[1].handle, "harbour_renamed")
	s.fake.Line(named[1].naming().Problem())
	s.fake.Line(`{"data":{"text":"` + named[0].Chinese)
	s.fake.HTML("search.recent", http.StatusBadGateway, 1)
	s.fake.Glued("timeline", 1)
	s.fake.Half("posts", 1)
	s.fake.CutStream()
	w.eventually("an edit is an observation", func() bool { return s.count("observations WHERE state = 'edited'") > 0 })
	w.succeed("status", "status")
	w.succeed("status --json", "status", "--json")
	w.succeed("doctor", "doctor")
	w.pages()
	w.questions()
	w.dump("tables")
	w.sweep("while it runs")
	s.fake.Fail("", http.StatusUnauthorized, -1)
	s.fake.CutStream()
	w.eventually("status says that the token is refused", func() bool {
		return strings.Contains(w.succeed("status", "status"), "bearer_token_file")
	})
	s.fake.Clear("")
	w.see("up", stop())
	w.killedLive(func(signal, n int) {
		s.fake.Post(named[0].handle, fmt.Sprint(named[0].Chinese, " https://harbour-leaks.example/card/", named[0].Slug, " ", signal, " ", n))
	})
	w.sweep("after the stop")
	w.records("streams")
}
