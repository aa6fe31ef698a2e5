package config_test

import (
	"strings"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/config"
)

func TestALegalBasisIsNeededWholeAndEnds(t *testing.T) {
	whole := config.LegalBasis{Controller: "University of Example", Ground: "GDPR Art. 6(1)(e)", Reference: "ethics 12/2026", Expires: "2027-06-30"}
	change := func(edit func(*config.LegalBasis)) config.LegalBasis {
		b := whole
		edit(&b)
		return b
	}
	noon := func(day string) time.Time {
		at, err := time.Parse(time.DateTime, day+" 12:00:00")
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for name, tc := range map[string]struct {
		basis         config.LegalBasis
		on            string
		fault, reason string
	}{
		"whole":            {whole, "2027-01-01", "", ""},
		"on its last day":  {whole, "2027-06-30", "", ""},
		"the day after":    {whole, "2027-07-01", "", "has passed"},
		"none":             {config.LegalBasis{}, "2027-01-01", "", "legal_basis is missing"},
		"no controller":    {change(func(b *config.LegalBasis) { b.Controller = "" }), "2027-01-01", "controller", "controller"},
		"no ground":        {change(func(b *config.LegalBasis) { b.Ground = "" }), "2027-01-01", "ground", "ground"},
		"no reference":     {change(func(b *config.LegalBasis) { b.Reference = "" }), "2027-01-01", "reference", "reference"},
		"no end":           {change(func(b *config.LegalBasis) { b.Expires = "" }), "2027-01-01", "expires", "expires"},
		"an end unlike it": {change(func(b *config.LegalBasis) { b.Expires = "30.6.2027" }), "2027-01-01", "2027-06-30", "2027-06-30"},
	} {
		contains(t, name+": fault", tc.basis.Validate(), tc.fault)
		contains(t, name+": check", tc.basis.Check(noon(tc.on)), tc.reason)
	}
}

func contains(t *testing.T, what string, err error, want string) {
	t.Helper()
	if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
		t.Errorf("%s: %v, want one with %q", what, err, want)
	}
}
