package deploy

import (
	"log/slog"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/service"
	archivecollector "github.com/doxtrail/doxtrail/services/collector/archive"
	telegramcollector "github.com/doxtrail/doxtrail/services/collector/telegram"
	twittercollector "github.com/doxtrail/doxtrail/services/collector/twitter"
	"github.com/doxtrail/doxtrail/services/normaliser"
	"github.com/doxtrail/doxtrail/services/provisioner"
	"github.com/doxtrail/doxtrail/services/recorder"
)

// descriptions is a registry that keeps what each metric is called, also of
// those that have no value yet and would not be served.
type descriptions struct {
	names map[string][]string // the labels of each
}

var description = regexp.MustCompile(`fqName: "([^"]+)".*variableLabels: \{([^}]*)\}`)

func (d *descriptions) Register(c prometheus.Collector) error {
	all := make(chan *prometheus.Desc)
	go func() { c.Describe(all); close(all) }()
	for one := range all {
		m := description.FindStringSubmatch(one.String())
		d.names[m[1]] = strings.FieldsFunc(m[2], func(r rune) bool { return r == ',' })
	}
	return nil
}

func (d *descriptions) MustRegister(all ...prometheus.Collector) {
	for _, c := range all {
		_ = d.Register(c)
	}
}

func (*descriptions) Unregister(prometheus.Collector) bool { return false }

// served gives the metrics of all services and their labels: what New registers
// and what their connections count.
func served(t *testing.T) map[string][]string {
	t.Helper()
	d := &descriptions{names: map[string][]string{}}
	log := slog.New(slog.DiscardHandler)
	provisioner.New(provisioner.Defaults(), provisioner.Deps{Log: log, Registry: d})
	normaliser.New(normaliser.Defaults(), normaliser.Deps{Log: log, Registry: d})
	recorder.New(recorder.Defaults(), recorder.Deps{Log: log, Registry: d})
	archivecollector.New(archivecollector.Defaults(), archivecollector.Deps{Log: log, Registry: d})
	telegramcollector.New(telegramcollector.Defaults(), telegramcollector.Deps{Log: log, Registry: d})
	twittercollector.New(twittercollector.Defaults(), twittercollector.Deps{Log: log, Registry: d})
	for _, name := range ours {
		d.MustRegister(bus.Collector(name, &bus.Stats{}))
	}
	// What every process has says itself.
	families, err := service.NewRegistry().Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		d.names[f.GetName()] = nil
	}
	if len(d.names) < 100 {
		t.Fatalf("only %d metrics were found", len(d.names))
	}
	// Those of Prometheus itself and of the ClickHouse server, which none of our
	// programs serves. These two of ClickHouse are looked up nowhere: its embedded
	// engine has no asynchronous metrics.
	maps.Copy(d.names, map[string][]string{
		"up": nil, "ALERTS": {"alertstate"},
		"ClickHouseAsyncMetrics_FilesystemMainPathAvailableBytes": nil,
		"ClickHouseAsyncMetrics_FilesystemMainPathTotalBytes":     nil,
	})
	return d.names
}

// expression checks that a PromQL expression parses and that each metric and
// each label in it exists.
func expression(t *testing.T, where, text string, known map[string][]string) {
	t.Helper()
	// Grafana fills this in.
	text = strings.ReplaceAll(text, "$__rate_interval", "1m")
	parsed, err := parser.NewParser(parser.Options{}).ParseExpr(text)
	if err != nil {
		t.Errorf("%s: %s does not parse: %v", where, text, err)
		return
	}
	parser.Inspect(parsed, func(node parser.Node, _ []parser.Node) error {
		if s, ok := node.(*parser.VectorSelector); ok {
			selector(t, where, s, known)
		}
		return nil
	})
}

// selector checks one choice of series.
func selector(t *testing.T, where string, s *parser.VectorSelector, known map[string][]string) {
	t.Helper()
	var names []string
	for name := range known {
		for _, m := range s.LabelMatchers {
			if m.Name == model.MetricNameLabel && m.Matches(name) || m.Name == model.MetricNameLabel && histogram(name, m) {
				names = append(names, name)
			}
		}
	}
	if len(names) == 0 {
		t.Errorf("%s: nothing serves %s", where, s)
		return
	}
	for _, m := range s.LabelMatchers {
		if slices.Contains([]string{model.MetricNameLabel, "job", "instance"}, m.Name) {
			continue
		}
		for _, name := range names {
			if !slices.Contains(known[name], m.Name) {
				t.Errorf("%s: %s has no label %s", where, name, m.Name)
			}
		}
	}
}

// histogram tells whether a matcher means the parts that a histogram is served in.
func histogram(name string, m *labels.Matcher) bool {
	return slices.ContainsFunc([]string{"_bucket", "_sum", "_count"}, func(part string) bool { return m.Matches(name + part) })
}
