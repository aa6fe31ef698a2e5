package config

import (
	"errors"
	"time"
)

// LegalBasis is the section `legal_basis` of the configuration file: on what
// ground personal data is collected live, and who answers for it. Archives that
// somebody else collected need none; without one no live collector runs. It is
// a record, not legal advice: nothing checks whether the ground holds.
type LegalBasis struct {
	// Controller is the organisation that answers for the collection.
	Controller string `yaml:"controller"`
	// Ground is the ground in law, for example "GDPR Art. 6(1)(e), Art. 89".
	Ground string `yaml:"ground"`
	// Reference names the ethics approval and the data protection impact
	// assessment.
	Reference string `yaml:"reference"`
	// Expires is the last day of the approval, like 2027-06-30. From the day
	// after nothing more is collected.
	Expires string `yaml:"expires"`
}

// errExpired is what a live collector says from the day after.
var errExpired = errors.New("legal_basis.expires has passed: have the approval renewed, or collect no more")

// Validate returns every fault of b but that it has expired, each with its key.
// An empty basis has none: who needs one asks with Check.
func (b LegalBasis) Validate() error {
	var f Faults
	if b == (LegalBasis{}) {
		return nil
	}
	for _, key := range []struct{ name, value string }{
		{"controller", b.Controller}, {"ground", b.Ground}, {"reference", b.Reference}, {"expires", b.Expires},
	} {
		f.Check(key.value != "", key.name, "is missing")
	}
	if _, err := b.end(); b.Expires != "" {
		f.Check(err == nil, "expires", "must be a day like 2027-06-30")
	}
	return f.Err()
}

// Check says why nothing may be collected live at a time; nil if it may.
func (b LegalBasis) Check(now time.Time) error {
	if b == (LegalBasis{}) {
		return errors.New("legal_basis is missing: set controller, ground, reference and expires")
	}
	if err := b.Validate(); err != nil {
		return err
	}
	if end, err := b.end(); err != nil || !now.Before(end) {
		return errExpired
	}
	return nil
}

// end is the moment after the last day, in UTC.
func (b LegalBasis) end() (time.Time, error) {
	day, err := time.Parse(time.DateOnly, b.Expires)
	return day.AddDate(0, 0, 1), err
}
