package cardlink

import (
	"iter"
	"unicode/utf8"
)

// Labels is the set of labels that are watched at the moment, by their
// skeletons. It never changes and may be used by many goroutines; nil is the
// empty set.
type Labels struct {
	skeletons map[string]struct{}
	// shortest is the number of bytes of the shortest of them.
	shortest int
	// every says that all labels are watched, whatever skeletons holds.
	every bool
}

// EveryLabel makes the set of all labels. A Finder that watches it reads every spelled
// dot, those of sentences among them: it is for who looks for known pages alone, and
// for whom a link too many does no harm.
func EveryLabel() *Labels { return &Labels{every: true} }

// NewLabels makes the set of labels that look like the given ones. They may be
// spelled in any way, or be skeletons; empty ones are left out.
func NewLabels(labels iter.Seq[string]) *Labels {
	l := &Labels{skeletons: map[string]struct{}{}}
	for label := range labels {
		skeleton := Skeleton(label)
		if skeleton == "" {
			continue
		}
		if len(l.skeletons) == 0 || len(skeleton) < l.shortest {
			l.shortest = len(skeleton)
		}
		l.skeletons[skeleton] = struct{}{}
	}
	return l
}

// Empty says that no label is watched.
func (l *Labels) Empty() bool { return l == nil || !l.every && len(l.skeletons) == 0 }

// Holds says whether a label, as it was typed, looks like one that is watched.
func (l *Labels) Holds(label string) bool {
	// The skeleton of ASCII letters is never longer than they are, which
	// spares most words the making of one.
	if l.Empty() || len(label) < l.shortest {
		return false
	}
	if l.every {
		return label != ""
	}
	_, ok := l.skeletons[Skeleton(label)]
	return ok
}

// watchedHost says whether a host as typed, with other letters than ASCII ones,
// is that of a watched label below a public suffix. It is the parser's host that
// counts, which knows more of such names than this package.
func (f *Finder) watchedHost(host string) bool {
	if f.view.labels.Empty() || len(host) > utf8.UTFMax*maxHost || plainASCII(host) || !f.view.labels.holdsOne(host) {
		return false
	}
	p, err := f.parseFully("", host)
	if err != nil || p.ip || !wellFormed(p.host) {
		return false
	}
	d := domainOf(p.host)
	return d.public && f.view.labels.Holds(spelledLabel(p.spelled, p.host, d.site))
}

// holdsOne says whether one of the labels of a host as typed looks like a
// watched one.
func (l *Labels) holdsOne(host string) bool {
	begin := 0
	for i := range len(host) {
		if host[i] != '.' {
			continue
		}
		if l.Holds(host[begin:i]) {
			return true
		}
		begin = i + 1
	}
	return false
}
