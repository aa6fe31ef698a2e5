package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/campaign"
	"github.com/doxtrail/doxtrail/pkg/privacy/privacytest"
)

// The rule above all rules: nothing of what archives say can be read
// afterwards, wherever one looks. What may be read: the family's label, the
// hosts of watched sites and the neutral labels of channels.

func canarySize() campaign.Size {
	return campaign.Size{Posts: 1500, Channels: 12, Accounts: 60, Cards: 14}
}

func TestNothingThatArchivesSayCanBeReadAfterwards(t *testing.T) {
	people := privacytest.New(41, 2)
	w := newCanaryWatch(t, campaign.New(7, canarySize()), people.Canaries()...)
	t.Cleanup(func() { w.leaks.report(t) })

	// Alone: each command is the holder, with nothing there yet.
	w.watchPerson(people.Persons[1])
	w.succeed("check-config", "check-config")
	w.succeed("import", "import", "archives")
	w.succeed("keys show", "keys", "show")
	w.sweep("after the import")

	w.killed()

	stop := w.up()
	w.commands()
	w.questions()
	w.located()
	w.errorRun(people.Persons[0])
	w.failOnPurpose(w.attach(), people.Persons[1])
	w.pages()
	w.dump("tables")
	w.sweep("while it runs")
	r := w.see("up", stop())
	if r.code != 0 {
		t.Errorf("up ended with %d:\n%s", r.code, r.stderr)
	}
	// The folder of broken files is its inbox.
	if !strings.Contains(r.stderr, "archive file read") {
		t.Errorf("up read nothing from its inbox:\n%s", r.stderr)
	}
	w.sweep("after the stop")
	if kinds := w.records("streams"); kinds[bus.KindLocators] == 0 || kinds[bus.KindLocatorKeys] == 0 {
		t.Errorf("RECORDS held no locators: %v", kinds)
	}
}

// commands are those that are used every day.
func (w *canaryWatch) commands() {
	w.succeed("import again", "import", "--json", "archives", "archives/telegram")
	w.succeed("status", "status")
	w.succeed("status --json", "status", "--json")
	w.call("doctor", "doctor")
	w.call("doctor --json", "doctor", "--json")
	w.succeed("keys show --json", "keys", "show", "--json")
	w.succeed("version", "version")
	w.succeed("query --list", "query", "--list")
	w.succeed("sql", "sql", "SELECT * FROM posts LIMIT 100")
	w.succeed("sql --operator", "sql", "--operator", "SELECT * FROM doxtrail.links LIMIT 100")
}

// errorRun is everything that goes wrong in a day. Names of persons stand in
// paths and archives only: a statement that holds one is its author's.
func (w *canaryWatch) errorRun(person privacytest.Person) {
	folder := w.writeBroken(person)
	good := w.archive("result.json")
	w.call("import of broken files", "import", folder)
	w.call("import of broken files as twarc2", "import", "--json", "--format", "twarc2", folder)
	w.call("import of broken files as telegram-desktop", "import", "--format", "telegram-desktop", folder)
	files, err := os.ReadDir(folder)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, file := range files {
		if filepath.Ext(file.Name()) == ".json" { // named, a file is judged more strictly than in a folder
			w.call("import of one broken file", "import", filepath.Join(folder, file.Name()))
		}
	}
	w.call("import of a missing file", "import", filepath.Join("archives", person.FileName))
	w.call("import from below a file", "import", filepath.Join(good, person.FileName))
	w.call("import of a link to nowhere", "import", filepath.Join(folder, person.Slug))
	w.call("import of a file twice", "import", good, good)
	w.fail("import with an unknown format", "import", "--format", "nosuch", good)
	w.fail("import with a channel's title for its label", "import", "--channel", person.Title, good)
	w.fail("import with a handle for the label", "import", "--channel", person.Handle, good)
	w.fail("import forgotten", good)
	for _, command := range []string{"status", "up", "doctor", "check-config", "backup", "restore", "keys", "deadletters", "channels", "locate"} {
		w.fail("a file for "+command, command, person.FileName)
	}
	w.fail("a file that looks like flags", "import", "-"+person.FileName)
	w.fail("a file for keys show", "keys", "show", person.FileName)
	w.fail("a file for deadletters list", "deadletters", "list", person.FileName)
	w.see("a name for the key of a locator", w.answer(person.Chinese+"\n"+person.Phone+"\n", "locate", "--print", "--reason", "asked for by "+person.Phone))
	w.fail("a name for a key to locate", "locate", person.Chinese)
	w.fail("a file to retire", "keys", "retire", person.FileName)
	w.fail("a handle for channels list", "channels", "list", person.Handle)
	w.fail("a handle for the key of a channel", "channels", "approve", person.Handle)
	w.fail("a number for the key of a channel", "channels", "reject", person.Phone)
	w.fail("a file for a query", "query", good)
	w.fail("a file for a service", "run", good)
	w.fail("a file for the data folder", "--data", good, "status")
	w.fail("a file for the key ring", "--keys", good, "status")
	w.fail("an archive for the configuration", "--config", good, "status")
	w.fail("sql that cannot be parsed", "sql", "SELECT 'x")
	w.fail("sql with an unknown column", "sql", "SELECT nosuch FROM posts")
	w.fail("sql that writes", "sql", "INSERT INTO posts VALUES (1)")
	w.fail("an unknown parameter", "query", "--param", "nosuch=1", "card_spread")
	w.fail("a parameter of another type", "query", "--param", "card=nosuch", "channel_spread")
	w.fail("tweets for the configuration", "--config", w.archive("_flat.jsonl"), "check-config")
	w.watchLists(person)
}

func contentOf(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// enough is how much an import has read when it is killed: several batches are
// on their way then, some sealed on RAW, some in the memory of the normaliser.
const enough = 2 << 20

// killed kills imports in their middle, in ways that leave no time to tidy up
// and in ways that make the runtime print what it can, and looks at what is
// left before the next start.
func (w *canaryWatch) killed() {
	posts := contentOf(w.t, w.archive("_flat.jsonl"))
	for _, signal := range []syscall.Signal{syscall.SIGKILL, syscall.SIGQUIT, syscall.SIGSEGV} {
		what := "import ended by " + signal.String()
		cmd, stdin, ended := w.feed("import", "-")
		limits := make(chan string, 1)
		go func() { // the writes fail when the process is gone
			kill := sync.OnceFunc(func() {
				b, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", cmd.Process.Pid))
				limits <- fmt.Sprintf("%s%v", b, err)
				_ = cmd.Process.Signal(signal)
			})
			defer kill()
			in := &killer{to: stdin, left: enough, kill: kill}
			if _, err := in.Write(posts); err == nil {
				_, _ = campaign.Load(in, campaign.Twarc2, 1_000_000, 7)
			}
		}()
		r := w.see(what, ended())
		if r.code == 0 {
			w.t.Errorf("%s: exit 0", what)
		}
		if text := <-limits; !noCore.MatchString(text) {
			w.t.Errorf("%s: the process may leave a core file:\n%s", what, text)
		}
		w.sweep(what)
		w.succeed("status after "+what, "status")
	}
}

// killer passes on bytes and calls kill when enough have passed.
type killer struct {
	to   io.Writer
	left int
	kill func()
}

func (k *killer) Write(b []byte) (int, error) {
	if k.left > 0 && k.left <= len(b) {
		defer k.kill()
	}
	k.left -= len(b)
	return k.to.Write(b)
}

// noCore matches the line of a process that may not leave a core file.
var noCore = regexp.MustCompile(`(?m)^Max core file size\s+0\s+0\s`)
