// Package deploy tests what a deployment is made of. No container can be started
// where the tests run, so the files are held to what they promise.
package deploy

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	telegramcollector "github.com/doxtrail/doxtrail/services/collector/telegram"
	twittercollector "github.com/doxtrail/doxtrail/services/collector/twitter"
)

func TestEveryContainerIsConfined(t *testing.T) {
	for name, s := range readCompose(t).Services {
		if !s.ReadOnly || !slices.Equal(s.CapDrop, []string{"ALL"}) || !slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
			t.Errorf("%s is not confined: read_only %t, cap_drop %v, security_opt %v", name, s.ReadOnly, s.CapDrop, s.SecurityOpt)
		}
		if !strings.HasPrefix(s.User, "${DOXTRAIL_USER") {
			t.Errorf("%s runs as %q, not as the owner of the study's folder", name, s.User)
		}
		if s.StopGrace < 30*time.Second {
			t.Errorf("%s is killed %v after it is told to stop; at least 30s", name, s.StopGrace)
		}
		if (len(s.Profiles) == 0 || slices.Contains(ours, name)) && (s.Restart != "unless-stopped" || len(s.Healthcheck.Test) == 0) {
			t.Errorf("%s is not started again, or has no health check", name)
		}
		for key, value := range s.Environment {
			if regexp.MustCompile(`(?i)password|secret|token|key`).MatchString(key) && !strings.HasSuffix(key, "__FILE") && value != "true" {
				t.Errorf("%s has a secret in its environment: %s", name, key)
			}
		}
	}
}

func TestOnlyThisMachineReachesPorts(t *testing.T) {
	c := readCompose(t)
	if !c.Networks["inside"].Internal || c.Networks["front"].DriverOpts["com.docker.network.bridge.enable_ip_masquerade"] != "false" {
		t.Error("a network has a way out")
	}
	published := []string{"clickhouse", "grafana", "prometheus"}
	for name, s := range c.Services {
		for _, p := range s.Ports {
			if !strings.HasPrefix(p, "127.0.0.1:") || !slices.Contains(published, name) {
				t.Errorf("%s publishes %s", name, p)
			}
		}
		want := []string{"inside"}
		switch {
		case name == "secrets":
			want = nil
			if s.NetworkMode != "none" {
				t.Error("what makes secrets has a network")
			}
		case name == telegramcollector.Name, name == twittercollector.Name:
			want = []string{"inside", "outside"}
		case len(s.Ports) > 0:
			want = []string{"inside", "front"}
		}
		if len(want)+len(s.Networks) > 0 && !slices.Equal(s.Networks, want) {
			t.Errorf("%s is in the networks %v, want %v", name, s.Networks, want)
		}
	}
}

func TestEachVersionStandsOnce(t *testing.T) {
	text := string(file(t, "../docker-compose.yml"))
	pinned := regexp.MustCompile(`^[a-z/-]+:v?\d+\.\d+\.\d+(-alpine)?$`)
	for name, s := range readCompose(t).Services {
		if strings.HasPrefix(s.Image, "doxtrail:") {
			continue
		}
		if !pinned.MatchString(s.Image) {
			t.Errorf("%s: image %q has no version", name, s.Image)
		}
		if repository, _, _ := strings.Cut(s.Image, ":"); strings.Count(text, "image: "+repository+":") != 1 {
			t.Errorf("%s: the version of %s stands more than once", name, repository)
		}
	}
	// The servers are the ones that the tests embed.
	mod := string(file(t, "../go.mod"))
	nats := regexp.MustCompile(`nats-server/v2 v(\S+)`).FindStringSubmatch(mod)
	if want := "nats:" + nats[1] + "-alpine"; readCompose(t).Services["nats"].Image != want {
		t.Errorf("NATS is %s, want %s", readCompose(t).Services["nats"].Image, want)
	}
	docker := string(file(t, "docker/Dockerfile"))
	language := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(mod)
	if !strings.Contains(docker, "ARG GO_VERSION="+language[1]+".") || strings.Count(docker, language[1]+".") != 1 {
		t.Errorf("the Dockerfile does not name Go %s once", language[1])
	}
}

func TestEveryMountIsThereAndOnlyDataIsWritten(t *testing.T) {
	study := home(t)
	written := map[string][]string{
		"nats": {"HOME/nats"}, "clickhouse": {"HOME/clickhouse"}, "normaliser": {"HOME/keys"},
		"collector-telegram": {"HOME/telegram"},
		"prometheus":         {"HOME/prometheus"}, "grafana": {"HOME/grafana"},
		"maintenance": {"HOME/keys", "HOME/backup"}, "secrets": {"HOME"},
	}
	keys := map[string]bool{}
	for name, s := range readCompose(t).Services {
		for _, m := range mounts(t, s) {
			path := strings.Replace(m.source, "HOME", study, 1)
			if m.source == path { // of the repository
				path = filepath.Join("..", m.source)
			}
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s mounts %s, which nothing makes", name, m.source)
			}
			if !m.readOnly && !slices.Contains(written[name], m.source) {
				t.Errorf("%s may write to %s", name, m.source)
			}
			if m.source == "HOME/keys" || m.source == "HOME" {
				keys[name] = true
			}
		}
	}
	// The recorder, the collectors and whoever types a query never see the ring. The
	// collectors of Telegram and X have folders with the state key alone.
	if diff := cmp.Diff(map[string]bool{"provisioner": true, "normaliser": true, "maintenance": true, "secrets": true}, keys); diff != "" {
		t.Errorf("who sees the key ring (-want +got):\n%s", diff)
	}
}

func TestEachServiceHasItsConfigurationAndItsSecrets(t *testing.T) {
	c, study := readCompose(t), home(t)
	typed := map[string][]string{
		"command":     {"clickhouse-researcher", "clickhouse-operator"},
		"maintenance": {"nats-command", "clickhouse-provisioner", "clickhouse-researcher"},
	}
	for name, s := range c.Services {
		if !strings.HasPrefix(s.Image, "doxtrail:") || name == "secrets" {
			continue
		}
		config := "./deploy/config/" + name + ".yaml"
		if !slices.Contains(mounts(t, s), mount{config, "/etc/doxtrail.yaml", true}) {
			t.Errorf("%s does not mount %s", name, config)
		}
		// What the configuration names and what is mounted are the same.
		named := map[string]bool{}
		for _, m := range regexp.MustCompile(`/run/secrets/(\S+)`).FindAllStringSubmatch(string(file(t, "../"+config)), -1) {
			named[m[1]] = true
		}
		given := map[string]bool{}
		for _, secret := range s.Secrets {
			given[secret.Target] = true
			own := secret.Source == "nats-"+name || secret.Source == "clickhouse-"+name
			if !own && !slices.Contains(typed[name], secret.Source) {
				t.Errorf("%s has the secret of another: %s", name, secret.Source)
			}
		}
		if diff := cmp.Diff(named, given); diff != "" {
			t.Errorf("secrets of %s (-configuration +compose):\n%s", name, diff)
		}
	}
	for name, s := range c.Secrets {
		path, ok := strings.CutPrefix(s.File, "${DOXTRAIL_HOME}")
		if _, err := os.Stat(filepath.Join(study, path)); err != nil || !ok {
			t.Errorf("secret %s: nothing makes %s", name, s.File)
		}
	}
	for name, s := range c.Services {
		for _, secret := range s.Secrets {
			if _, ok := c.Secrets[secret.Source]; !ok {
				t.Errorf("%s: there is no secret %s", name, secret.Source)
			}
		}
	}
}

func TestEveryServiceHasAContainer(t *testing.T) {
	c := readCompose(t)
	for _, name := range ours {
		s := c.Services[name]
		if want := []string{"--config", "/etc/doxtrail.yaml", "run", name}; !slices.Equal(s.Command, want) {
			t.Errorf("%s runs %v, want %v", name, s.Command, want)
		}
		want := []string{"CMD", "/doxtrail", "--config", "/etc/doxtrail.yaml", "run", "--ready", name}
		if !slices.Equal(s.Healthcheck.Test, want) {
			t.Errorf("%s is asked %v, want %v", name, s.Healthcheck.Test, want)
		}
		for _, server := range []string{"nats", "clickhouse"} {
			if s.DependsOn[server].Condition != "service_healthy" {
				t.Errorf("%s does not wait for %s", name, server)
			}
		}
	}
	var running []string
	for name, s := range c.Services {
		if strings.HasPrefix(s.Image, "doxtrail:") && (len(s.Profiles) == 0 || slices.Contains([]string{"telegram", "twitter"}, s.Profiles[0])) {
			running = append(running, name)
		}
	}
	slices.Sort(running)
	if diff := cmp.Diff(slices.Sorted(slices.Values(ours)), running); diff != "" {
		t.Errorf("containers (-services +compose):\n%s", diff)
	}
}

// What the runbook tells to run, restart and look into is there.
func TestTheRunbookNamesContainersThatThereAre(t *testing.T) {
	c := readCompose(t)
	text := string(file(t, "README.md"))
	found := 0
	for _, m := range regexp.MustCompile(`dt (?:run|restart|exec|logs|build)((?: --?\S+| \d+h?)*)((?: [a-z][a-z-]*)+)`).FindAllStringSubmatch(text, -1) {
		names := strings.Fields(m[2])
		if !strings.HasPrefix(m[0], "dt restart") {
			names = names[:1] // the rest is the command
		}
		for _, name := range names {
			found++
			if _, ok := c.Services[name]; !ok {
				t.Errorf("%q: there is no container %s", m[0], name)
			}
		}
	}
	if found < 15 {
		t.Errorf("only %d names were found", found)
	}
}
