package main

import (
	"strconv"
	"strings"

	"github.com/doxtrail/doxtrail/pkg/privacy/privacytest"
)

// watchPerson adds to the watch list what a study needs and nobody else may
// read: a term with a person's name, a channel by its handle, and why.
func (w *canaryWatch) watchPerson(person privacytest.Person) {
	w.t.Helper()
	list := string(contentOf(w.t, w.path("watchlist.yaml")))
	for mark, more := range map[string]string{
		"    sensitive: false\n": "    terms:\n      - " + strconv.Quote(person.Chinese) + "\n      - " + strconv.Quote(person.Hashtag) + "\n" +
			"    patterns:\n      - " + strconv.Quote(person.Handle) + "\n",
		"channels:\n": "  - label: by-name\n    platform: telegram\n    name: " + strconv.Quote(person.Handle) + "\n" +
			"    reason: " + strconv.Quote("exposes "+person.Chinese+", "+person.Address) + "\n",
	} {
		changed := strings.Replace(list, mark, mark+more, 1)
		if changed == list {
			w.t.Fatalf("the watch list has no line %q", mark)
		}
		list = changed
	}
	w.write("watchlist.yaml", list)
}

// watchLists tries faulty watch lists that name a person, and then takes the
// good one back.
func (w *canaryWatch) watchLists(person privacytest.Person) {
	w.t.Helper()
	good := string(contentOf(w.t, w.path("watchlist.yaml")))
	quoted := strconv.Quote(person.Chinese)
	for _, list := range []string{
		"families:\n  - label: " + quoted + "\n    sites: [" + quoted + "]\n",
		"families:\n  - label: a\n    sites: [\"https://cards.example/" + person.Slug + "\"]\n    pages: [" + quoted + "]\n    sensitive: " + quoted + "\n",
		"channels:\n  - label: a\n    platform: " + quoted + "\n    id: " + strconv.Quote("-100 "+person.Phone) + "\n    name: " + strconv.Quote("@"+person.Handle+"/1") + "\n",
		"channels:\n  - " + quoted + "\n  - {label: [" + quoted + "]}\n",
		"families: {" + quoted + "\n",
		"families: *" + person.Handle + "\n",
	} {
		w.write("watchlist.yaml", list)
		w.fail("check-config with a faulty watch list", "check-config")
		w.fail("status with a faulty watch list", "status")
		w.call("doctor with a faulty watch list", "doctor")
	}
	w.write("watchlist.yaml", string(contentOf(w.t, w.archive("result.json"))))
	w.fail("check-config with an archive for the watch list", "check-config")
	w.write("watchlist.yaml", good)
	w.succeed("check-config with the good watch list", "check-config")
}
