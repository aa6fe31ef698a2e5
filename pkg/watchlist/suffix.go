package watchlist

import (
	_ "embed"
	"iter"
	"slices"
	"strings"
)

//go:generate go run suffixes_gen.go

//go:embed suffixes.txt
var suffixList string

// notPublic end the hosts that links may have besides, see pkg/cardlink.
const notPublic = "example\ntest\ninvalid\nlocalhost\nonion\n"

// suffixes gives the suffixes below which a site can stand: those given first, then
// the public ones, those of registries before those of companies.
func suffixes(first []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, suffix := range first {
			if !yield(suffix) {
				return
			}
		}
		for line := range strings.Lines(notPublic + suffixList) {
			suffix := strings.TrimSuffix(line, "\n")
			if strings.HasPrefix(suffix, "#") || slices.Contains(first, suffix) {
				continue
			}
			if !yield(suffix) {
				return
			}
		}
	}
}
