package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/privacy/privacytest"
)

// Every place in which nothing in disguise is found is one in which it would be, each
// in another disguise.
func TestALeakInDisguiseIsFound(t *testing.T) {
	t.Parallel()
	person := privacytest.New(59, 1).Persons[0]
	w, _ := newDisguised(t, person)
	w.leaks = &leaks{}
	plain := person.Romanised()
	in := func(disguise, value string) string {
		for _, form := range privacytest.Disguises(value) {
			if form.Name == disguise {
				return string(form.Bytes)
			}
		}
		t.Fatalf("there is no disguise %q", disguise)
		return ""
	}
	planted := map[string]privacytest.Kind{
		"stderr of panic: a goroutine": privacytest.KindName, "stderr of panic: a command": privacytest.KindAddress, "after the stop: core.1": privacytest.KindPhone,
		"after the stop: keys": privacytest.KindName, "after the stop: name in the study's folder": privacytest.KindHandle, "after the stop: receipt.json": privacytest.KindTitle,
		"stdout of a look-up": privacytest.KindHashtag, "stderr of a look-up": privacytest.KindMail,
		"tables: table doxtrail.posts": privacytest.KindAddress, "after the stop: data": privacytest.KindHKID, "streams: RECORDS, posts": privacytest.KindPhone,
	}
	w.see("panic: a goroutine", w.crash("bare a goroutine", "single", in("full-width", plain)))
	w.see("panic: a command", w.crash("bare a command", "single", in("apart by hyphen", person.AddressEnglish)))
	w.write("core.1", w.crash("bare "+memoryImage, "single", in("every byte percent-encoded", person.Phone)).stdout)

	stop := w.up()
	// What a person types for a reason is scrubbed of what has a shape; a name has none.
	w.see("lookup", w.lookUp("https://nowhere.example/x\n", "--reason", "asked for by "+plain))
	name := in("apart by space", person.Handle) + ".json"
	w.mustAnswer("https://nowhere.example/x\n", "erase", "--card", "--reason", "a request", "--receipt", name)
	w.write("receipt.json", strings.Replace(string(contentOf(t, w.path(name))), "{", `{"reason":"`+in("apart by soft hyphen", person.Title)+`",`, 1))
	w.call("a look-up", "sql", "SELECT '"+in("apart by zero width space", person.Hashtag)+"'")
	w.call("a look-up", "sql", "SELECT `"+in("spelled: [dot], [at]", person.Mail)+"`")
	w.insert("INSERT INTO doxtrail.posts (post_key, posted_at, language) VALUES (generateUUIDv4(), now(), '" + in("apart by word joiner", person.Address) + "')")
	w.toNATS(map[string]string{"doxtrail.v1.failed.normaliser.telegram.raw.live.posts.no": in("look-alike letters", person.HKID)})
	w.plantRecord(in("monospaced letters", person.Phone))
	w.dump("tables")
	w.see("up", stop())
	w.sweep("after the stop")
	w.records("streams")
	for _, place := range slices.Sorted(maps.Keys(planted)) {
		if !w.leaks.in(place, planted[place]) {
			t.Errorf("a leak was planted and not found: %s", place)
		}
	}
}
