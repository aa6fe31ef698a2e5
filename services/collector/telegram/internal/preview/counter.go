package preview

import (
	"math"
	"strconv"
	"strings"
	"unicode"
)

// maxCount is above every number that a page can mean.
const maxCount = 1 << 40

// rounded reads a number as a page shows it, "1.2K" or "12 345", and gives -1
// for anything else. The digits that were rounded away are zeros.
func rounded(text string) int64 {
	text = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == ',' {
			return -1
		}
		return r
	}, text)
	factor := 1.0
	if text != "" {
		switch text[len(text)-1] {
		case 'K', 'k':
			factor = 1e3
		case 'M', 'm':
			factor = 1e6
		case 'B', 'b':
			factor = 1e9
		}
	}
	if factor > 1 {
		text = text[:len(text)-1]
	}
	for i := range len(text) {
		if c := text[i]; c != '.' && (c < '0' || c > '9') {
			return -1
		}
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || n*factor >= maxCount {
		return -1
	}
	return int64(math.Round(n * factor))
}
