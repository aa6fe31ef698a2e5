package watchlist

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/doxtrail/doxtrail/pkg/privacy"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// drawSites adds decisions about sites, of families that drawList may have.
func drawSites(t *rapid.T, d *Decided) *Decided {
	for range rapid.IntRange(0, 4).Draw(t, "decided sites") {
		n := rapid.IntRange(0, 3).Draw(t, "site")
		d = d.WithSite(DecidedSite{
			Family: rapid.SampledFrom([]string{"f1", "f2", "nosuch"}).Draw(t, "family"),
			Key:    privacy.Key{byte(n + 1)}, Host: []string{"a.example", "e.test", "m2.example", "m3.example"}[n],
			Rejected: rapid.Bool().Draw(t, "rejected"), At: rapid.Int64Range(1, 5).Draw(t, "at"),
		})
	}
	return d
}

// checkMergedSites sees that the newest decision about a site stands, and has the
// effect that it should.
func checkMergedSites(t *rapid.T, given []DecidedSite, both *Decided, file, merged *List) {
	inFile, families := map[string]bool{}, map[string]bool{}
	for _, f := range file.Families {
		families[f.Label] = true
		for _, s := range f.Sites {
			site, _ := canonicalSite(s)
			inFile[site.Host] = true
		}
	}
	for _, s := range given {
		now, ok := both.FindSite(s.Key)
		if !ok || now.At < s.At {
			t.Fatal("an older decision won, or one was lost")
		}
		counts := families[now.Family] && !inFile[now.Host]
		if slices.Contains(merged.ApprovedSites, now) != (counts && !now.Rejected) || slices.Contains(merged.RejectedSites, now) != (counts && now.Rejected) {
			t.Fatal("a decision about a site has no effect, or one that it should not have")
		}
	}
}

func decidedSite(keyer *privacy.Keyer, at int64, family, host string, rejected bool) DecidedSite {
	site, err := NewSite(host)
	if err != nil {
		panic(err)
	}
	return DecidedSite{Family: family, Key: site.Key(keyer), Host: site.Host, Rejected: rejected, At: at}
}

func TestAnApprovedSiteIsListedAsLongAsItsFamilyIs(t *testing.T) {
	keyer := testRing(t).Keyer()
	file := parse(t, "families: [{label: harbour, sites: [harbour.example]}]")
	unnamed := DecidedSite{Family: "harbour", Key: keyer.Site("m4.example"), Rejected: true, At: 3}
	decided := (&Decided{}).WithSite(decidedSite(keyer, 1, "harbour", "www.M2.example", false)).
		WithSite(decidedSite(keyer, 2, "harbour", "m3.example", true)).WithSite(unnamed).WithSite(decidedSite(keyer, 4, "gone", "m5.example", false))

	first, _ := Next(nil, Merge(file, &Decided{}))
	second, _ := Next(first, Merge(file, decided))
	want := []EffectiveSite{
		{Family: "harbour", Host: "harbour.example", Whole: true, Listed: true, Since: 1},
		{Family: "harbour", Host: "m2.example", Whole: true, Listed: true, Decided: true, Since: 2},
	}
	if diff := cmp.Diff(want, second.Sites); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(file, second.File()); diff != "" {
		t.Errorf("what the file said (-want +got):\n%s", diff)
	}
	// The family goes, and so does what was approved for it; it comes back with it.
	third, _ := Next(second, Merge(parse(t, "families: [{label: other, sites: [other.example]}]"), decided))
	if s := third.Sites[1]; s.Listed || !s.Decided || s.Since != 3 || third.RejectedSites[0].InForce {
		t.Errorf("without its family there is %+v", s)
	}
	fourth, _ := Next(third, Merge(file, decided))
	if s := fourth.Sites[1]; !s.Listed || s.Since != 4 || !fourth.RejectedSites[0].InForce {
		t.Errorf("with its family back there is %+v", s)
	}
	// The file names all of them.
	all := parse(t, "families: [{label: harbour, sites: [harbour.example, m2.example, m3.example, m4.example]}]")
	fifth, _ := Next(fourth, Merge(all, decided))
	if s := fifth.Sites[1]; s.Decided || s.Since != 4 {
		t.Errorf("with the file naming it there is %+v", s)
	}
	if kinds := inForce(fifth.DecisionRecords(keyer)); len(kinds) != 0 {
		t.Errorf("in force are %v though the file names all", kinds)
	}
	if kinds := inForce(fourth.DecisionRecords(keyer)); !slices.Equal(kinds, []string{"SITE_APPROVED", "SITE_REJECTED", "SITE_REJECTED"}) {
		t.Errorf("in force are %v", kinds)
	}
}

func inForce(records []*doxtrailv1.Decision) (kinds []string) {
	for _, r := range records {
		if r.GetInForce() {
			kinds = append(kinds, r.GetKind().String()[len("DECISION_KIND_"):])
		}
	}
	return kinds
}

// A domain like the others adds no label; a new one does, and so do new rules.
func TestSinceWhenAListHasItsLabels(t *testing.T) {
	list := func(sites string) *List {
		return parse(t, "families: [{label: harbour, sites: ["+sites+"]}, {label: other, sites: [other.example]}]")
	}
	e, _ := Next(nil, list("hkleaks.example"))
	for i, tc := range []struct {
		sites string
		since uint64
	}{
		{"hkleaks.example, hkleaks.org", 1},
		{"hk-1eaks.test, hkleaks.org", 2}, // the skeleton's first site went
		{"hk-1eaks.test, hkleaks.org, docs.hosting.test", 2},
		{"hk-1eaks.test, hkcards.example", 5},
	} {
		if e, _ = Next(e, list(tc.sites)); e.LabelsSince("harbour") != tc.since || e.LabelsSince("other") != 1 {
			t.Errorf("%d: since %d, want %d", i, e.LabelsSince("harbour"), tc.since)
		}
	}
	older := *e
	older.RulesVersion = RulesVersion - 1
	if e, _ = Next(&older, list("hkleaks.example")); e.LabelsSince("other") != 6 {
		t.Errorf("with new rules since %d, want 6", e.LabelsSince("other"))
	}
	unknown := &Effective{Generation: 7, RulesVersion: RulesVersion, Sites: []EffectiveSite{{Family: "other", Host: "other.example", Whole: true, Listed: true}}}
	if next, _ := Next(unknown, list("hkleaks.example")); next.LabelsSince("other") != 0 || next.LabelsSince("harbour") != 8 {
		t.Error("what an older program did not say is dated")
	}
}
