package cardlink

import (
	"strings"
	"unicode/utf8"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// maxDots is how many dots of a host are read: www, the label, and a public suffix
// of more labels than is worth reading.
const maxDots = 5

// maxDotForm is how many bytes a dot can have in front of such a suffix, with brackets
// and blanks.
const maxDotForm = 24

// maxTyped is how many bytes a label can have that was typed with other letters
// than ASCII ones.
const maxTyped = utf8.UTFMax * maxLabel

// spelledDots are the dots of one host that stand as words, as middle dots or
// with a space beside them.
type spelledDots struct {
	dots [maxDots]spelledDot
	// n is how many of them there are, and end where the host ends.
	n, end int
}

// spelledDot is one of them: its place with the spaces around it, and the step
// that undoes it.
type spelledDot struct {
	from, to int
	disguise doxtrailv1.LinkDisguise
	// loose says that it is a full stop with a space behind it, as at the end
	// of a sentence; ideographic that it is one that ends a sentence without.
	loose, ideographic bool
}

// spelled returns the spelled dots of the host whose first one begins at i. It
// is one only if the label in front of it is watched, or www in front of that
// one, nothing of a path stands before, and what follows is a public suffix, of
// which the longest counts.
func (l *Labels) spelled(s string, floor, i int) (host spelledDots, ok bool) {
	if l.Empty() {
		return host, false
	}
	dot := spelledDotAt(s, i)
	if dot.to == 0 {
		return host, false
	}
	begin := typedLabel(s, floor, i)
	if begin < i && s[begin] >= utf8.RuneSelf {
		begin += invisibleAt(s[:i], begin)
	}
	begin += underscoredScheme(s[begin:i])
	watched := s[begin:i]
	if strings.EqualFold(watched, "www") {
		host.dots[0], host.n = dot, 1
		end, _ := suffixLabel(s, dot.to, "")
		watched, dot = s[dot.to:end], anyDotAt(s, floor, end)
	}
	if dot.to == 0 {
		return host, false
	}
	suffix := ""
	if !l.Holds(watched) {
		if begin, suffix = l.insideSuffix(s, floor, begin, i, dot); suffix == "" {
			return host, false
		}
	}
	if !startsHost(s, floor, begin) {
		return host, false
	}
	ok = host.readSuffix(s, floor, dot, suffix)
	return host, ok
}

// insideSuffix returns where the watched label begins and the beginning of the public
// suffix behind it, if the dot at i stands between two labels of that and the one in
// front of the first, at begin, is of another kind: mirror.com dot hk. It is empty
// otherwise, and where the dot may end a sentence.
func (l *Labels) insideSuffix(s string, floor, begin, i int, dot spelledDot) (label int, suffix string) {
	if dot.loose || i-begin > maxLabel {
		return begin, ""
	}
	suffix = strings.ToLower(fold(s[begin:i])) + "."
	if _, next := suffixLabel(s, dot.to, suffix); next == "" || !publicSuffix(suffix+next) {
		return begin, ""
	}
	for at := begin - 1; at > floor && begin-at <= maxDotForm; at-- {
		if anyDotAt(s, floor, at).to != begin {
			continue
		}
		label = typedLabel(s, floor, at)
		label += underscoredScheme(s[label:at])
		if l.Holds(s[label:at]) {
			return label, suffix
		}
	}
	return begin, ""
}

// readSuffix adds the dots from the one in front of a public suffix on, or of what is
// left of it behind its beginning, and says whether there is one.
func (h *spelledDots) readSuffix(s string, floor int, dot spelledDot, suffix string) (ok bool) {
	for n := h.n; n < len(h.dots); n++ {
		end, label := suffixLabel(s, dot.to, suffix)
		if label == "" || dot.loose && !endsLoosely(s, end, label, s[dot.to:end]) || dot.ideographic && wordGoesOn(s, end, label) {
			return ok
		}
		h.dots[n] = dot
		suffix += label
		if publicSuffix(suffix) {
			h.n, h.end, ok = n+1, end, true
		}
		suffix += "."
		if dot = anyDotAt(s, floor, end); dot.to == 0 {
			return ok
		}
	}
	return ok
}

// candidate says whether what stands at i, where the scan or nextWord found
// something, is a spelled dot behind a watched label, and where the label ends.
func (l *Labels) candidate(text string, floor, i int) (int, bool) {
	if i < floor || text[i] == '.' && opensSentence(text, i+2) {
		return i, false
	}
	at := i
	for range 2 * maxBlanks {
		r, n := utf8.DecodeLastRuneInString(text[floor:at])
		if r != ' ' && !invisible(r) {
			break
		}
		at -= n
	}
	_, ok := l.spelled(text, floor, at)
	return at, ok
}

// spelledDotAt returns the spelled dot that begins at i with its first space;
// its end is 0 if there is none.
func spelledDotAt(s string, i int) spelledDot {
	const spaced = doxtrailv1.LinkDisguise_LINK_DISGUISE_SPACED_DOT
	at := i + blanksAt(s, i)
	if n := middleDot(s, at); n > 0 && !hasSpace(s[i:at]) {
		return spelledDot{from: i, to: at + n, disguise: doxtrailv1.LinkDisguise_LINK_DISGUISE_MIDDLE_DOT}
	}
	n := dotWord(s, at)
	if n == 0 {
		return spelledDot{}
	}
	to := at + n + blanksAt(s, at+n)
	before, after := hasSpace(s[i:at]), hasSpace(s[at+n:to])
	dot := spelledDot{from: i, to: to, disguise: spaced}
	ok := true
	switch r, _ := utf8.DecodeRuneInString(s[at:]); r {
	case '點', '点':
	case ideographicDot, '｡':
		dot.loose, dot.ideographic = true, true
		ok = before || after
	case '.', '．', '﹒', '․':
		dot.loose = after
		ok = before || after
	default: // the English word
		ok = before && after
	}
	if !ok {
		return spelledDot{}
	}
	return dot
}

// hasSpace says whether one of a few blanks is a space.
func hasSpace(blanks string) bool {
	for i := range len(blanks) {
		if blanks[i] == ' ' {
			return true
		}
	}
	return false
}

// anyDotAt returns the dot at i between two labels of a suffix, spelled or not.
// One that is not has no disguise of this step.
func anyDotAt(s string, floor, i int) spelledDot {
	if dot := spelledDotAt(s, i); dot.to > 0 {
		return dot
	}
	at := i + invisibleAt(s, i)
	if n, _ := halfDot(s, floor, at); n > 0 {
		return spelledDot{from: i, to: at + n}
	}
	if n := fullStop(s, at); n > 0 {
		to := at + n
		return spelledDot{from: i, to: to + invisibleAt(s, to)}
	}
	return spelledDot{from: i, to: dotJoint(s, floor, i)}
}

// fullStop returns the length of the full stop at i, or 0.
func fullStop(s string, i int) int {
	r, n := utf8.DecodeRuneInString(s[i:])
	if r != '.' && r != ideographicDot && r != '｡' && !dotRune(r) {
		return 0
	}
	return n
}

// middleDot returns the length of the middle dot at i, or 0.
func middleDot(s string, i int) int {
	if i >= len(s) || s[i] < utf8.RuneSelf {
		return 0
	}
	switch s[i:min(i+2, len(s))] {
	case "·", "\u0387":
		return 2
	}
	switch s[i:min(i+3, len(s))] {
	case "•", "‧", "∙", "⋅", "・", "･":
		return 3
	}
	return 0
}

// joinSpelledDots is the steps spaced_dot and middle_dot.
func joinSpelledDots(v *view) {
	if v.labels.Empty() {
		v.keep(0, len(v.bytes))
		return
	}
	s := string(v.bytes)
	kept := 0
	for i := 0; i < len(s); i++ {
		if s[i] != ' ' && s[i] != '.' && s[i] < utf8.RuneSelf {
			continue
		}
		host, ok := v.labels.spelled(s, kept, i)
		if !ok {
			continue
		}
		for _, dot := range host.dots[:host.n] {
			if dot.disguise == 0 {
				continue
			}
			v.keep(kept, dot.from)
			v.put(".", dot.from, dot.to, dot.disguise)
			kept = dot.to
		}
		i = host.end - 1
	}
	v.keep(kept, len(s))
}
