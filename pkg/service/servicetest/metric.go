package servicetest

import (
	"slices"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// Metric is the sum of a metric over its series that have all these values among
// those of their labels: of counters and gauges what they show, of histograms how many
// values were observed. It is 0 where there are none.
func Metric(t testing.TB, from prometheus.Gatherer, name string, labels ...string) (sum float64) {
	t.Helper()
	families, err := from.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
		for _, m := range family.GetMetric() {
			has := map[string]bool{}
			for _, label := range m.GetLabel() {
				has[label.GetValue()] = true
			}
			if !slices.ContainsFunc(labels, func(value string) bool { return !has[value] }) {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
			}
		}
	}
	return sum
}
