package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/campaign"
	"github.com/doxtrail/doxtrail/pkg/embedded"
	"github.com/doxtrail/doxtrail/pkg/embedded/embeddedtest"
	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
	xfake "github.com/doxtrail/doxtrail/services/collector/twitter/fake"
)

// deployed is a study as deploy/ runs it: the NATS server of deploy/nats, each
// service with its file of deploy/config and its own key. Only ClickHouse is the
// embedded one, because no server can be started here.
type deployed struct {
	*testStudy
	nats  *embeddedtest.NATS
	live  *liveStudy        // the Telegram that collector-telegram follows
	x     *twitterStudy     // the X that collector-twitter asks
	pages map[string]string // the addresses of the services' pages
}

// services of docker-compose.yml, in the order in which a start is easiest.
var deployedServices = []string{"provisioner", "normaliser", "recorder", "collector-archive", "collector-telegram", "collector-twitter"}

func newDeployed(t *testing.T, c *campaign.Campaign) *deployed {
	t.Helper()
	live := newLive(t, harbours(2)...)
	d := &deployed{testStudy: newStudy(t, c, c.Sites()), live: live, pages: map[string]string{}}
	d.x = &twitterStudy{testStudy: d.testStudy, fake: xfake.New(xfake.Options{Token: twitterToken}), rates: twitterRates()}
	t.Cleanup(d.x.fake.Close)
	d.watchLive()
	made := exec.Command("go", "run", "../../deploy/secrets", d.dir)
	if out, err := made.CombinedOutput(); err != nil {
		t.Fatalf("make secrets: %v\n%s", err, out)
	}
	conf, err := os.ReadFile("../../deploy/nats/nats.conf")
	if err != nil {
		t.Fatal(err)
	}
	// The server finds keys.conf beside its own file, as in the container.
	d.write("secrets/nats.conf", string(conf))
	if err := os.Rename(d.path("secrets/nats-keys.conf"), d.path("secrets/keys.conf")); err != nil {
		t.Fatal(err)
	}
	d.nats = embeddedtest.StartNATS(t, d.path("secrets/nats.conf"))
	db, err := embedded.StartClickHouse(t.Context(), embedded.ClickHouseConfig{Dir: d.path("clickhouse")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close(t.Context()) })
	d.write("services.password", db.Endpoint().Password)
	d.write("researcher.password", db.Endpoint().ResearcherPassword)
	for _, name := range append([]string{"command"}, deployedServices...) {
		d.configure(name, name, db.Endpoint())
	}
	d.configure("maintenance", "command", db.Endpoint())
	return d
}

// configure writes the file of deploy/config with this machine's addresses and
// folders in the place of the containers'. user is whose key it has for NATS.
func (d *deployed) configure(name, user string, at embedded.ClickHouseEndpoint) {
	d.t.Helper()
	text, err := os.ReadFile(filepath.Join("../../deploy/config", name+".yaml"))
	if err != nil {
		d.t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		d.t.Fatal(err)
	}
	_ = listener.Close()
	d.pages[name] = listener.Addr().String()
	keys := "keys"
	if name == "collector-telegram" {
		keys = "telegram-keys" // where deploy has a copy of state.key, and nothing else
	}
	if name == "collector-twitter" {
		keys = "twitter-keys"
	}
	d.write(name+".yaml", strings.NewReplacer(
		"listen: 0.0.0.0:9600", "listen: "+d.pages[name],
		"keys: /keys", "keys: "+keys,
		"collector_telegram:\n", d.live.deployedSettings(),
		"  api_id: 1\n", "", "/telegram/", d.path("telegram")+"/",
		"collector_twitter:\n", d.x.deployedSettings(), "/twitter/", d.path("twitter")+"/",
		"watchlist: /etc/watchlist/", "watchlist: ",
		"inbox: /inbox", "inbox: archives\n  inbox_poll: 100ms",
		"nats://nats:4222", d.nats.URL,
		"/run/secrets/nats.seed", d.path("secrets/nats-"+user+".seed"),
		"http://clickhouse:8123", at.URL,
		"layout: server", "layout: embedded",
		" user: provisioner", " user: "+at.User, " user: recorder", " user: "+at.User, " user: operator", " user: "+at.User,
		"researcher_user: researcher", "researcher_user: "+at.ResearcherUser,
		"operator_user: operator", "operator_user: "+embedded.OperatorUser,
		"/run/secrets/clickhouse.password", "services.password",
		"/run/secrets/clickhouse-operator.password", "services.password",
		"/run/secrets/clickhouse-researcher.password", "researcher.password",
	).Replace(string(text)))
}

// as gives the arguments of a command that runs with the configuration of name.
func as(name string, args ...string) []string {
	return append([]string{"--config", name + ".yaml"}, args...)
}

// refused fails the test for whatever a user tried and may not: the right is
// missing in deploy/nats/nats.conf.
func (d *deployed) refused() {
	d.t.Helper()
	for _, line := range d.nats.Refused() {
		d.t.Errorf("deploy/nats/nats.conf lacks a right that the code asks for: %s", line)
	}
}

// metrics is what Prometheus is answered by a service.
func (d *deployed) metrics(service string) string {
	d.t.Helper()
	request, err := http.NewRequestWithContext(d.t.Context(), http.MethodGet, "http://"+d.pages[service]+"/metrics", nil)
	if err != nil {
		d.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		d.t.Fatal(err)
	}
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return string(b)
}

// TestDeployedServicesHaveTheRightsTheyNeed runs everything there is with the
// rights of deploy/nats: each service by itself, an import that a person types,
// and the commands that look at it.
func TestDeployedServicesHaveTheRightsTheyNeed(t *testing.T) {
	t.Parallel()
	c := campaign.New(71, campaign.Size{Posts: 1500, Channels: 12, Accounts: 60, Cards: 14})
	d := newDeployed(t, c)
	d.must(as("maintenance", "keys", "init")...)
	d.logIn()
	posts := 0
	for _, channel := range d.live.channels {
		for range 7 {
			channel.Post(fake.Text("see https://harbour-leaks.example/card/7"))
			posts++
		}
	}
	t.Cleanup(d.refused) // after the services have stopped
	for _, service := range deployedServices {
		stop := d.start(as(service, "run", service)...)
		t.Cleanup(func() {
			if r := stop(); r.code != 0 {
				t.Errorf("run %s: exit %d\n%s", service, r.code, r.stderr)
			}
		})
	}
	d.eventually("the stream of X is open", func() bool {
		if len(d.nats.Refused()) > 0 {
			t.FailNow() // the cleanup says what
		}
		return d.x.fake.Streams() == 1 && len(d.x.fake.Rules()) > 0
	})
	for range 3 {
		d.x.fake.Post("quay_watch", "see https://"+c.Sites()[0]+"/card/7")
		posts++
	}
	want := c.Truth(c.Sites())
	d.eventually("every post is a row", func() bool {
		if len(d.nats.Refused()) > 0 {
			t.FailNow() // the cleanup says what
		}
		out := d.run(as("command", "sql", "--format", "csv", "SELECT count() FROM posts")...)
		return out.code == 0 && strings.TrimSpace(out.stdout) == `"count()"`+"\n"+strconv.Itoa(want.Posts+posts)
	})
	for _, service := range deployedServices {
		d.eventually(service+" is ready", func() bool {
			if len(d.nats.Refused()) > 0 {
				t.FailNow() // the cleanup says what
			}
			return d.run(as(service, "run", "--ready", service)...).code == 0
		})
		if own := "doxtrail_" + strings.ReplaceAll(service, "-", "_") + "_"; !strings.Contains(d.metrics(service), "\n"+own) {
			t.Errorf("%s serves no metric that starts with %s", service, own)
		}
	}
	d.must(as("command", "import", "--json", "archives")...)
	d.must(as("command", "status", "--json")...)
	for _, config := range []string{"command", "maintenance"} {
		d.must(as(config, "doctor", "--json")...)
	}
	d.must(as("command", "query", "card_spread")...)
	d.must(as("command", "deadletters", "list")...)
	d.eventually("the collector's report shows its channels", func() bool {
		return strings.Count(d.must(as("maintenance", "channels", "list")...), "followed") == len(d.live.channels)
	})
	if said := d.must(as("maintenance", "status")...); !strings.Contains(said, "telegram main") || !strings.Contains(said, "twitter main") {
		t.Errorf("status says nothing of a collector:\n%s", said)
	}
	d.must(as("maintenance", "channels", "proposed", "--all")...)
	d.must(as("maintenance", "backup", "--data-file", "backup.data")...)
	d.must(as("maintenance", "restore", "--data-file", "backup.data")...)
	erased := d.answer("https://"+c.Sites()[0]+"/card/7\n", as("maintenance", "erase", "--card", "--reason", "a request")...)
	if erased.code != exitDone || !strings.Contains(erased.stdout, `"rows":{"links":`) {
		t.Errorf("erase: exit %d\n%s%s", erased.code, erased.stdout, erased.stderr)
	}
	d.must(as("command", "sql", "--operator", "SELECT count() FROM doxtrail.posts")...)
}

// watchLive adds the channels of the fake to the watch list.
func (d *deployed) watchLive() {
	d.t.Helper()
	text, err := os.ReadFile(d.path("watchlist.yaml"))
	if err != nil {
		d.t.Fatal(err)
	}
	entries := "channels:\n"
	for i, channel := range harbours(len(d.live.channels)) {
		entries += fmt.Sprintf("  - {label: harbour-%d, platform: telegram, name: %s}\n", i, channel.handle)
	}
	whole := strings.Replace(string(text), "channels:\n", entries, 1)
	if whole == string(text) {
		d.t.Fatal("the campaign's watch list has no channels to add to")
	}
	d.write("watchlist.yaml", whole)
}

// deployedSettings begins the section of the collector for the fake.
func (s *liveStudy) deployedSettings() string {
	_, section, _ := strings.Cut(s.settings(), "collector_telegram:\n")
	section = regexp.MustCompile(`(?m)^  api_hash_file: .*\n`).ReplaceAllString(section, "") // deploy names its own
	section = strings.Replace(section, "server.pem", s.path("server.pem"), 1)
	return "legal_basis: {controller: University of Example, ground: research, reference: ethics 1/2026, expires: '2099-12-31'}\n" +
		"collector_telegram:\n" + section
}

// deployedSettings begins the section of the collector for the fake.
func (s *twitterStudy) deployedSettings() string {
	return strings.Replace(s.section(), "  bearer_token_file: x-token\n", "", 1) // deploy names its own
}

// logIn does what the runbook says: the state key is copied, the hash is put
// beside the session, and a login answered on standard input. X has a token.
func (d *deployed) logIn() {
	d.t.Helper()
	key, err := os.ReadFile(d.path("keys/state.key"))
	if err != nil {
		d.t.Fatal(err)
	}
	d.write("telegram-keys/state.key", string(key))
	d.write("twitter-keys/state.key", string(key))
	d.write("twitter/token", twitterToken+"\n")
	d.write("telegram/api_hash", "0123456789abcdef0123456789abcdef\n")
	cmd := d.command(d.t.Context(), as("collector-telegram", "login", "telegram")...)
	cmd.Stdin = strings.NewReader(livePhone + "\n" + liveCode + "\n" + livePassword + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		d.t.Fatalf("log in: %v\n%s", err, out)
	}
}

// TestEveryConfigurationOfDeployIsTaken checks the files as they are mounted;
// only the folder of the watch list is another.
func TestEveryConfigurationOfDeployIsTaken(t *testing.T) {
	t.Parallel()
	s := &testStudy{t: t, dir: t.TempDir()}
	s.write("watchlist.yaml", "families: []\n")
	paths, err := filepath.Glob("../../deploy/config/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) != len(deployedServices)+2 {
		t.Errorf("%d configurations", len(paths))
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(path)
		s.write(name, strings.Replace(string(text), "/etc/watchlist/", "", 1))
		if r := s.run("--config", name, "check-config"); r.code != 0 {
			t.Errorf("%s: exit %d, %s", path, r.code, r.stderr)
		}
	}
}

// TestTheRunbookTypesWhatThereIs looks for each command of the runbook in the
// binary.
func TestTheRunbookTypesWhatThereIs(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../deploy/README.md")
	if err != nil {
		t.Fatal(err)
	}
	typed := regexp.MustCompile(`dt run --rm (?:-\S+ )*(?:command|maintenance)\s+([a-z-]+)`).FindAllStringSubmatch(string(text), -1)
	if len(typed) < 10 {
		t.Fatalf("only %d commands were found", len(typed))
	}
	for _, m := range typed {
		found, _, err := newRoot().Find([]string{m[1]})
		if err != nil || found.Name() != m[1] {
			t.Errorf("the runbook types %s, which is no command", m[1])
		}
	}
}

// TestReadyAsksTheRunningService asks where nobody answers.
func TestReadyAsksTheRunningService(t *testing.T) {
	t.Parallel()
	s := &testStudy{t: t, dir: t.TempDir()}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	const servers = "nats: {url: 'nats://127.0.0.1:1'}\nclickhouse: {url: 'http://127.0.0.1:1'}\n"
	s.write("doxtrail.yaml", servers+fmt.Sprintf("listen: %s\n", listener.Addr()))
	if r := s.run("run", "--ready", "recorder"); r.code != exitFailed || !strings.Contains(r.stderr, "it does not answer") {
		t.Errorf("nobody answers: exit %d, %s", r.code, r.stderr)
	}
	s.write("doxtrail.yaml", servers)
	if r := s.run("run", "--ready", "recorder"); r.code != exitUsage || !strings.Contains(r.stderr, "fixed port") {
		t.Errorf("a port that nobody knows: exit %d, %s", r.code, r.stderr)
	}
}

func TestATokenAndASeedAreOneTooMany(t *testing.T) {
	t.Parallel()
	s := &testStudy{t: t, dir: t.TempDir()}
	s.write("doxtrail.yaml", "nats: {url: 'nats://127.0.0.1:1', token_file: token, seed_file: seed}\nclickhouse: {url: 'http://127.0.0.1:1'}\n")
	if r := s.run("check-config"); r.code != exitUsage || !strings.Contains(r.stderr, "nats.seed_file: set nats.token_file or nats.seed_file, not both") {
		t.Errorf("exit %d, %s", r.code, r.stderr)
	}
	s.write("doxtrail.yaml", "nats: {url: 'nats://127.0.0.1:1', seed_file: nats-invented.seed}\nclickhouse: {url: 'http://127.0.0.1:1'}\n")
	if r := s.run("status"); r.code != exitFailed || !strings.Contains(r.stderr, "the seed file cannot be read as an nkey seed") || strings.Contains(r.stderr, "invented") {
		t.Errorf("a seed that is missing: exit %d, %s", r.code, r.stderr)
	}
}
