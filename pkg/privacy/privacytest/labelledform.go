package privacytest

import (
	"slices"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// script says in which texts a form is at home.
type script int

const (
	either script = iota
	chinese
	latin
)

// form is one way to write a kind of value.
type form struct {
	// slot is the word for it in templates.
	slot string
	kind doxtrailv1.PersonalDataKind
	name string
	// alone means that a reader knows the value without a cue.
	alone bool
	// apart is as in [LabelledSpan].
	apart  bool
	script script
	// write gives the value as written and without decoration.
	write func(d draw) (text, value string)
}

// allForms lists every form of every kind.
func allForms() []form {
	return slices.Concat(
		hkidForms(), mainlandIDForms(), passportForms(), plateForms(),
		hongKongPhoneForms(), mainlandPhoneForms(), abroadPhoneForms(),
		mailForms(), cardForms(), ibanForms(),
		birthForms(), addressForms(), nameForms(),
	)
}
