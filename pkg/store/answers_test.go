package store_test

import "testing"

func TestSpit(t *testing.T) {
	w := smallWorld(t)
	for _, q := range []string{"card_spread", "first_sightings", "spread_timeline", "channel_spread", "mirror_spread", "share_edges", "platform_lag", "family_overlap", "import_ledger", "coverage", "coverage_line"} {
		t.Logf("%s\n%s", q, w.query(q, nil))
	}
	l, err := w.store.CoverageLines(t.Context())
	t.Log(l, err)
}
