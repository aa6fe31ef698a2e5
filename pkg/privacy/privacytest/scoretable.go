package privacytest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// String is a table: the kinds, then each form that was not always found, each
// trap that was taken for something, and what was taken for another kind.
func (s Scores) String() string {
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	line := func(format string, values ...any) { fmt.Fprintf(table, format+"\n", values...) }
	line("kind\tlabelled\tfound\trecall\tright\tspurious\tprecision\tapart\tfound")
	for _, kind := range slices.Sorted(maps.Keys(s.Kinds)) {
		k := s.Kinds[kind]
		line("%s\t%d\t%d\t%.4f\t%d\t%d\t%.4f\t%d\t%d", kindName(kind), k.Labelled, k.Found, k.Recall(),
			k.Right, k.Spurious, k.Precision(), k.Apart, k.ApartFound)
	}
	line("\nclean texts\t%d\ttouched\t%d", s.Clean.All, s.Clean.Found)
	heading := "\nform not always found\tlabelled\tfound\trecall"
	for _, name := range slices.Sorted(maps.Keys(s.Forms)) {
		if form := s.Forms[name]; form.Found < form.All {
			line("%s%s\t%d\t%d\t%.4f", once(&heading), name, form.All, form.Found, form.Ratio())
		}
	}
	heading = "\ntrap taken for personal data\twritten\ttaken"
	for _, name := range slices.Sorted(maps.Keys(s.Traps)) {
		if trap := s.Traps[name]; trap.Found > 0 {
			line("%s%s\t%d\t%d", once(&heading), name, trap.All, trap.Found)
		}
	}
	heading = "\ntaken for another kind\ttimes"
	for _, name := range slices.Sorted(maps.Keys(s.Taken)) {
		line("%s%s\t%d", once(&heading), name, s.Taken[name])
	}
	_ = table.Flush() // into memory
	return b.String()
}

// once gives the heading as a line before the first row and nothing after.
func once(heading *string) string {
	given := *heading
	*heading = ""
	if given == "" {
		return ""
	}
	return given + "\n"
}

// kindName is the kind's name without the words that all of them share.
func kindName(kind doxtrailv1.PersonalDataKind) string {
	return strings.TrimPrefix(kind.String(), "PERSONAL_DATA_KIND_")
}
