package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/audit"
	"github.com/doxtrail/doxtrail/pkg/campaign"
	"github.com/doxtrail/doxtrail/pkg/privacy/privacytest"
)

// What names a person is in no place in any disguise either: not in what a look-up, an
// erasure, a failed record, a panic or a core file leaves.
func TestNothingInDisguiseCanBeReadAfterwards(t *testing.T) {
	t.Parallel()
	person := privacytest.New(59, 1).Persons[0]
	w, forms := newDisguised(t, person)
	t.Cleanup(func() { w.leaks.report(t) })
	text := strings.Join(forms, "\n")
	w.succeed("import", "import", "archives")
	w.sweep("after the import")

	// Nothing is kept of what is asked without a study's tables. Links are shown to who
	// wrote them, kinds without their values.
	w.see("kinds", w.mustAnswer(text, "kinds"))
	shown := w.mustAnswer(text+"\n"+strings.Join(addresses(w.campaign, person), "\n"), "links")
	w.leaks.add("stderr of links", w.scanner.ScanString(shown.stderr))
	if len(w.scanner.ScanString(shown.stdout)) == 0 {
		t.Error("links shows no disguised address of a card")
	}

	stop := w.up()
	w.fillInbox(person)
	w.failOnPurpose(w.attach(), person, forms...)
	w.lookedUp(person, forms)
	w.explained(forms)
	w.located()
	w.see("locate of what is no key", w.answer(forms[3]+"\n"+forms[5]+"\n", "locate", "--print", "--reason", "for "+forms[7]))
	w.erasedInDisguise(person, forms)
	w.succeed("deadletters list", "deadletters", "list")
	w.pages()
	w.dump("tables")
	w.sweep("while it runs")
	r := w.see("up", stop())
	if r.code != exitDone {
		t.Errorf("up ended with %d:\n%s", r.code, r.stderr)
	}
	w.sweep("after the stop")
	w.records("streams")

	// Whoever dies with it in hand.
	w.crashes(text)
	page := addresses(w.campaign, person)[0]
	w.dumped(string(contentOf(t, w.archive("fields.jsonl"))), "import", "-")
	w.dumped(text, "links")
	w.dumped(text, "kinds")
	w.dumped(page, "lookup")
	w.dumped(page+"\n"+page, "erase", "--case", "--reason", "a request")
	w.dumped(person.Romanised(), "locate", "--print", "--reason", "a request")
	w.sweep("after the crashes")
}

// newDisguised makes a study whose archives hold what names a person in every
// disguise, and gives those forms.
func newDisguised(t *testing.T, person privacytest.Person) (w *canaryWatch, forms []string) {
	t.Helper()
	set := privacytest.New(59, 1)
	if set.Persons[0] != person {
		t.Fatal("the person is another one")
	}
	w = newCanaryWatch(t, campaign.New(7, campaign.Size{Posts: 120, Channels: 4, Accounts: 8, Cards: 3}), set.Canaries()...)
	values := []string{
		person.Chinese, person.Romanised(), person.Phone, person.PhoneInternational, person.HKID, person.Mail,
		person.Address, person.AddressEnglish, person.Slug, person.Handle, person.Title, person.Hashtag,
	}
	forms = disguised(values...)
	for _, form := range forms {
		if len(w.scanner.ScanString(form)) == 0 {
			t.Fatal("a value in a disguise would not be found")
		}
	}
	chat, tweets := contentOf(t, w.archive("result.json")), contentOf(t, w.archive("_flat.jsonl"))
	pages := addresses(w.campaign, person)
	next := inTurn(forms...)
	var rest []any // each form in a text, and each address in a text and as a link
	for i, form := range forms {
		rest = append(rest, message(i, "看 "+form+" ，電話 "+form))
	}
	for i, page := range pages {
		rest = append(rest, message(len(forms)+i, []any{"看 " + page + " ", map[string]any{"type": "text_link", "text": next(), "href": page}}))
	}
	document := jsonObject(t, chat)
	document["messages"] = rest
	folder := w.path(filepath.Join("archives", disguisedName(person.FileName)))
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"texts.json": jsonText(t, document), "fields.json": twistedChat(t, chat, next), "fields.jsonl": twistedTweets(t, tweets, next),
	} {
		if err := os.WriteFile(filepath.Join(folder, disguisedName(person.FileName)+name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return w, forms
}

// disguised gives values in every disguise.
func disguised(values ...string) (forms []string) {
	for _, value := range values {
		for _, form := range privacytest.Disguises(value) {
			forms = append(forms, string(form.Bytes))
		}
	}
	return forms
}

// disguisedName gives a value in a disguise that a file's name can have.
func disguisedName(value string) string { return disguised(value)[0] }

// message is one of a chat's export.
func message(i int, text any) map[string]any {
	return map[string]any{"id": 900_000 + i, "type": "message", "date_unixtime": fmt.Sprint(1_600_000_000 + i), "from_id": "channel880000001905", "text": text}
}

// addresses are those of a person's card on a watched site, with every disguise of
// the slug, and of the site.
func addresses(c *campaign.Campaign, person privacytest.Person) []string {
	page := "https://" + c.Sites()[0] + "/model/pc/"
	all := []string{page + person.Slug}
	for _, slug := range disguised(person.Slug) {
		all = append(all, page+slug)
	}
	for _, whole := range disguised(page + person.Slug) {
		all = append(all, whole, strings.Replace(whole, "https", "hxxps", 1))
	}
	return all
}

// fillInbox has the services read an archive in disguise, and not only a command: whose
// log and metrics `up` shows.
func (w *canaryWatch) fillInbox(person privacytest.Person) {
	w.t.Helper()
	tweets := contentOf(w.t, w.archive("fields.jsonl"))
	again, _, _ := bytes.Cut(tweets, []byte("\n")) // the same file would not be read a second time
	w.write(filepath.Join("broken", disguisedName(person.FileName)+".jsonl"), string(tweets)+string(again)+"\n")
	w.eventually("its pages are served", func() bool { // a moment after it is up
		var dialer net.Dialer
		conn, err := dialer.DialContext(w.t.Context(), "tcp", w.listen)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
	w.eventually("the inbox is read", func() bool {
		return strings.Contains(pageOf(w.t, "http://"+w.listen+"/metrics"), `doxtrail_normaliser_posts_total{platform="twitter"}`)
	})
}

// mustAnswer runs a command that must take what it is given.
func (w *canaryWatch) mustAnswer(lines string, args ...string) result {
	w.t.Helper()
	r := w.answer(lines, args...)
	if r.code != exitDone {
		w.t.Errorf("%s: exit %d\n%.2000s", args[0], r.code, r.stderr)
	}
	return r
}

// lookedUp asks for a person's page in disguise until no more is answered, and types
// what is no page.
func (w *canaryWatch) lookedUp(person privacytest.Person, forms []string) {
	w.t.Helper()
	answered := 0
	for _, page := range addresses(w.campaign, person)[:24] {
		r := w.see("lookup", w.lookUp(page+"\n", "--reason", "asked for by "+forms[answered*7]))
		if r.code == exitDone {
			answered++
		}
	}
	if answered < 3 {
		w.t.Errorf("%d look-ups were answered", answered)
	}
	for i, form := range forms {
		if i%16 == 0 {
			w.see("lookup of what is no page", w.lookUp(form+"\n"))
			w.fail("lookup with an argument", "lookup", form)
			w.fail("lookup with a flag", "lookup", "--"+form)
			w.fail("erase with a value", "erase", "--card", "--wait", form)
		}
	}
	w.sweep("after look-ups")
}

// explained asks for posts by what is no key.
func (w *canaryWatch) explained(forms []string) {
	w.t.Helper()
	for i, form := range forms {
		if i%32 == 0 {
			w.fail("explain of what is no key", "explain", form)
			w.fail("explain with a flag", "explain", "--"+form)
		}
	}
	for _, key := range w.column("SELECT post_key FROM posts LIMIT 2") {
		w.succeed("explain", "explain", key)
	}
}

// erasedInDisguise erases a person's card by its addresses in disguise, after calls
// that cannot do it.
func (w *canaryWatch) erasedInDisguise(person privacytest.Person, forms []string) {
	w.t.Helper()
	// An hour later: a dry run is a look-up.
	if err := os.Remove(w.path("keys/" + audit.FileName)); err != nil {
		w.t.Fatal(err)
	}
	pages := addresses(w.campaign, person)
	kept := pages[:1]
	for _, page := range pages[1:] {
		if r := w.see("erase --dry-run", w.answer(page+"\n", "erase", "--card", "--dry-run", "--reason", "for "+person.Phone)); r.code == exitDone {
			kept = append(kept, page)
		}
		if len(kept) == 8 {
			break
		}
	}
	if len(kept) < 8 {
		w.t.Errorf("only %d addresses in disguise can be erased", len(kept))
	}
	for i, kind := range []string{"--card", "--post", "--channel", "--account", "--case"} {
		w.see("erase "+kind+" of what is none", w.answer(forms[i*11]+"\n", "erase", kind, "--reason", "for "+forms[i*17]))
		w.fail("erase with an argument", "erase", kind, "--reason", "a request", forms[i*13])
		w.fail("erase with a flag", "erase", "--"+forms[i*19])
	}
	w.see("erase", w.mustAnswer(strings.Join(kept, "\n"), "erase", "--card", "--reason", "for "+forms[len(forms)/2]))
	w.see("erase --receipt", w.mustAnswer(strings.Join(kept, "\n"), "erase", "--card", "--reason", "a request", "--receipt", "receipt.json"))
	w.sweep("after the erasure") // its receipt lies in the study's folder
}
