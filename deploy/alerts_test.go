package deploy

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// rules is deploy/prometheus/rules.yml.
type rules struct {
	Groups []struct {
		Name  string
		Rules []struct {
			Alert, Expr         string
			For                 time.Duration
			Labels, Annotations map[string]string
		}
	}
}

// strictly reads YAML; a key that is not known is an error.
func strictly(t *testing.T, path string, into any) {
	t.Helper()
	dec := yaml.NewDecoder(bytes.NewReader(file(t, path)))
	dec.KnownFields(true)
	if err := dec.Decode(into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

func TestEveryAlertCanFire(t *testing.T) {
	var r rules
	strictly(t, "prometheus/rules.yml", &r)
	known, alerts := served(t), 0
	for _, g := range r.Groups {
		for _, a := range g.Rules {
			alerts++
			expression(t, "alert "+a.Alert, a.Expr, known)
			if a.Annotations["summary"] == "" || !slices.Contains([]string{"page", "look"}, a.Labels["severity"]) {
				t.Errorf("alert %s says not what it means or how urgent it is", a.Alert)
			}
		}
	}
	if alerts < 20 {
		t.Errorf("only %d alerts were read", alerts)
	}
}

func TestEveryAlertIsInTheRunbook(t *testing.T) {
	var r rules
	strictly(t, "prometheus/rules.yml", &r)
	var alerts, sections []string
	for _, g := range r.Groups {
		for _, a := range g.Rules {
			alerts = append(alerts, a.Alert)
		}
	}
	_, text, found := strings.Cut(string(file(t, "README.md")), "\n## Alerts\n")
	if !found {
		t.Fatal("the runbook has no alerts")
	}
	text, _, _ = strings.Cut(text, "\n## ")
	for _, m := range regexp.MustCompile(`(?m)^### (\w+)$`).FindAllStringSubmatch(text, -1) {
		sections = append(sections, m[1])
	}
	if diff := cmp.Diff(alerts, sections); diff != "" {
		t.Errorf("alerts and the runbook's sections, in their order (-rules +runbook):\n%s", diff)
	}
}

func TestPrometheusAsksEveryService(t *testing.T) {
	var p struct {
		Global        map[string]string
		RuleFiles     []string `yaml:"rule_files"`
		ScrapeConfigs []struct {
			JobName       string                       `yaml:"job_name"`
			StaticConfigs []struct{ Targets []string } `yaml:"static_configs"`
		} `yaml:"scrape_configs"`
	}
	strictly(t, "prometheus/prometheus.yml", &p)
	jobs := map[string][]string{}
	for _, s := range p.ScrapeConfigs {
		jobs[s.JobName] = s.StaticConfigs[0].Targets
	}
	var want []string
	for _, name := range ours {
		want = append(want, name+":9600")
		if !strings.Contains(string(file(t, "config/"+name+".yaml")), "\nlisten: 0.0.0.0:9600\n") {
			t.Errorf("%s does not serve its metrics on port 9600", name)
		}
	}
	if diff := cmp.Diff(map[string][]string{"doxtrail": want, "clickhouse": {"clickhouse:9363"}}, jobs); diff != "" {
		t.Errorf("who is asked (-want +got):\n%s", diff)
	}
	if !strings.Contains(string(file(t, "clickhouse/config.d/doxtrail.xml")), "<port>9363</port>") {
		t.Error("ClickHouse serves its metrics elsewhere")
	}
	prometheus := readCompose(t).Services["prometheus"]
	if !slices.ContainsFunc(mounts(t, prometheus), func(m mount) bool { return m.target == p.RuleFiles[0] }) {
		t.Errorf("%s is not mounted", p.RuleFiles[0])
	}
}

// dashboard is what is looked at of deploy/grafana/doxtrail.json.
type dashboard struct {
	UID    string
	Panels []struct {
		ID                       int
		Type, Title, Description string
		Datasource               struct{ UID string }
		GridPos                  struct{ X, Y, W, H int }
		Targets                  []struct{ Expr, RefID string }
	}
}

func TestEveryPanelShowsSomething(t *testing.T) {
	var d dashboard
	if err := json.Unmarshal(file(t, "grafana/doxtrail.json"), &d); err != nil {
		t.Fatal(err)
	}
	var sources struct {
		APIVersion  int `yaml:"apiVersion"`
		Datasources []map[string]any
	}
	strictly(t, "grafana/provisioning/datasources/prometheus.yml", &sources)
	source := sources.Datasources[0]["uid"]
	known, ids, panels := served(t), map[int]bool{}, 0
	for _, p := range d.Panels {
		if ids[p.ID] || p.GridPos.X+p.GridPos.W > 24 {
			t.Errorf("panel %q has the id of another or leaves the page", p.Title)
		}
		ids[p.ID] = true
		if p.Type == "row" {
			continue
		}
		panels++
		if len(p.Targets) == 0 || p.Description == "" || p.Datasource.UID != source {
			t.Errorf("panel %q shows or explains nothing", p.Title)
		}
		for _, target := range p.Targets {
			expression(t, "panel "+p.Title, target.Expr, known)
		}
	}
	if panels < 20 {
		t.Errorf("only %d panels were read", panels)
	}
}

func TestGrafanaFindsItsDashboard(t *testing.T) {
	var p struct {
		APIVersion int `yaml:"apiVersion"`
		Providers  []struct {
			Name, Type     string
			AllowUIUpdates bool `yaml:"allowUiUpdates"`
			Options        struct{ Path string }
		}
	}
	strictly(t, "grafana/provisioning/dashboards/doxtrail.yml", &p)
	grafana := readCompose(t).Services["grafana"]
	if !slices.ContainsFunc(mounts(t, grafana), func(m mount) bool {
		return m.source == "./deploy/grafana/doxtrail.json" && filepath.Dir(m.target) == p.Providers[0].Options.Path
	}) {
		t.Errorf("the dashboard is not mounted into %s", p.Providers[0].Options.Path)
	}
}
