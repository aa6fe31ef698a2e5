package deploy

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	archivecollector "github.com/doxtrail/doxtrail/services/collector/archive"
	telegramcollector "github.com/doxtrail/doxtrail/services/collector/telegram"
	twittercollector "github.com/doxtrail/doxtrail/services/collector/twitter"
	"github.com/doxtrail/doxtrail/services/normaliser"
	"github.com/doxtrail/doxtrail/services/provisioner"
	"github.com/doxtrail/doxtrail/services/recorder"
)

// ours are the services, each a container of its own.
var ours = []string{provisioner.Name, archivecollector.Name, telegramcollector.Name, twittercollector.Name, normaliser.Name, recorder.Name}

// compose is docker-compose.yml: the keys that are used, so that a misspelt one
// is an error.
type compose struct {
	Name      string
	Contained any `yaml:"x-contained"`
	Doxtrail  any `yaml:"x-doxtrail"`
	Service   any `yaml:"x-service"`
	Check     any `yaml:"x-check"`
	Services  map[string]container
	Networks  map[string]struct {
		Internal   bool
		DriverOpts map[string]string `yaml:"driver_opts"`
	}
	Secrets map[string]struct{ File string }
}

type container struct {
	Image, User, Restart string
	Build                struct {
		Context, Dockerfile string
		Args                map[string]string
	}
	Entrypoint, Command, Profiles, Ports, Networks, Tmpfs, Volumes []string

	NetworkMode string        `yaml:"network_mode"`
	ReadOnly    bool          `yaml:"read_only"`
	CapDrop     []string      `yaml:"cap_drop"`
	SecurityOpt []string      `yaml:"security_opt"`
	StopGrace   time.Duration `yaml:"stop_grace_period"`
	Environment map[string]string
	Ulimits     map[string]any
	Logging     any
	Secrets     []struct{ Source, Target string }
	DependsOn   map[string]struct{ Condition string } `yaml:"depends_on"`
	Healthcheck struct {
		Test              []string
		Interval, Timeout time.Duration
		Retries           int
		StartPeriod       time.Duration `yaml:"start_period"`
	}
}

func readCompose(t *testing.T) compose {
	t.Helper()
	dec := yaml.NewDecoder(bytes.NewReader(file(t, "../docker-compose.yml")))
	dec.KnownFields(true)
	var c compose
	if err := dec.Decode(&c); err != nil {
		t.Fatal(err)
	}
	if len(c.Services) < 6 {
		t.Fatalf("only %d services were read", len(c.Services))
	}
	return c
}

func file(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// home is the folder of a study as deploy/secrets makes it.
func home(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.Command("go", "run", "./secrets", dir).CombinedOutput(); err != nil {
		t.Fatalf("make secrets: %v\n%s", err, out)
	}
	return dir
}

// mount is one line of volumes.
type mount struct {
	source, target string
	readOnly       bool
}

func mounts(t *testing.T, s container) []mount {
	t.Helper()
	var all []mount
	for _, v := range s.Volumes {
		v = regexp.MustCompile(`\$\{DOXTRAIL_HOME[^}]*\}`).ReplaceAllString(v, "HOME")
		parts := strings.Split(v, ":")
		if len(parts) < 2 || len(parts) > 3 || len(parts) == 3 && parts[2] != "ro" {
			t.Fatalf("volume %s: want source:target or source:target:ro", v)
		}
		all = append(all, mount{parts[0], parts[1], len(parts) == 3})
	}
	return all
}
