package watchlist

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Decided is what persons decided about channels and sites that were proposed to
// them: at most one decision for each, the newest. It outlives the watch list file,
// and a restore adds to it. It holds handles and hosts, so it is stored and sent
// sealed only.
type Decided struct {
	Channels []DecidedChannel `json:"channels,omitempty"`
	Sites    []DecidedSite    `json:"sites,omitempty"`
}

// DecidedChannel is the decision about one channel. Its reason stays where it is
// sealed.
type DecidedChannel struct {
	Channel // without a label if it was rejected

	// NamesTarget says that the handle names a person who is or was exposed. Then
	// it must be printed nowhere, not even where other handles may be.
	NamesTarget bool `json:"names_target,omitempty"`
	Rejected    bool `json:"rejected,omitempty"`
	// At is when it was decided, in milliseconds.
	At int64 `json:"at"`
}

// maxDecided bounds the decisions as they are encoded, so that they fit into one
// message; some three thousand channels do.
const maxDecided = 768 << 10

// With gives the decisions with another one, in place of what was decided about
// the same channel before.
func (d *Decided) With(decision DecidedChannel) *Decided {
	decision.Channel = canonicalChannel(decision.Channel)
	rest := slices.DeleteFunc(slices.Clone(d.Channels), func(c DecidedChannel) bool { return c.Same(decision.Channel) })
	return &Decided{append(rest, decision), d.Sites}
}

// And gives the decisions of both. Of two about one channel the newer stands,
// whichever side it is on.
func (d *Decided) And(other *Decided) *Decided {
	all := slices.Concat(d.Channels, other.Channels)
	slices.SortFunc(all, func(a, b DecidedChannel) int {
		// The text decides where the times are equal, so that it does not matter
		// who adds to whom.
		return cmp.Or(cmp.Compare(a.At, b.At), strings.Compare(encode(a), encode(b)))
	})
	both := &Decided{}
	for _, c := range all {
		both = both.With(c)
	}
	for _, s := range d.sitesOfBoth(other) {
		both = both.WithSite(s)
	}
	return both
}

// Find gives the decision about a channel.
func (d *Decided) Find(c Channel) (DecidedChannel, bool) {
	i := slices.IndexFunc(d.Channels, func(decided DecidedChannel) bool { return decided.Same(c) })
	if i < 0 {
		return DecidedChannel{}, false
	}
	return d.Channels[i], true
}

// Merge adds the decisions to what a watch list file says. Where both name a
// channel or a site, the file wins: a rejected one is listed if the file lists it. An
// approved channel whose label another entry has is listed under that label with a
// number behind it, so that no decision is lost and no label means two channels. An
// approved site is listed as long as the file names its family.
func Merge(file *List, decided *Decided) *List {
	merged := &List{Families: file.Families, Channels: slices.Clone(file.Channels), Signals: file.Signals}
	labels := map[string]bool{}
	for _, c := range file.Channels {
		labels[c.Label] = true
	}
	for _, c := range decided.Channels {
		switch {
		case slices.ContainsFunc(file.Channels, c.Same):
		case c.Rejected:
			merged.Rejected = append(merged.Rejected, c.Channel)
		default:
			channel := c.Channel
			channel.Decided, channel.Label = true, free(labels, c.Label)
			labels[channel.Label] = true
			merged.Channels = append(merged.Channels, channel)
		}
	}
	mergeSites(merged, file, decided.Sites)
	return merged
}

// free gives a label that is not taken, the given one if possible.
func free(taken map[string]bool, label string) string {
	candidate := label
	for n := 2; taken[candidate]; n++ {
		number := "-" + strconv.Itoa(n)
		candidate = label[:min(len(label), maxLabel-len(number))] + number
	}
	return candidate
}

func encode(v any) string {
	encoded, err := json.Marshal(v)
	if err != nil {
		panic("encode decisions: " + err.Error()) // strings, numbers and booleans always encode
	}
	return string(encoded)
}

// decidedPurpose names the key of the ring that seals decisions.
const decidedPurpose = "watchlist decided"

var errManyDecided = errors.New("seal decisions: there are more than one study can keep; name channels in the watch list file instead")

// Seal encodes and seals the decisions.
func (d *Decided) Seal(key Sealer) ([]byte, error) {
	encoded := encode(d)
	if len(encoded) > maxDecided {
		return nil, errManyDecided
	}
	sealed, err := key.Seal(decidedPurpose, []byte(encoded))
	if err != nil {
		return nil, fmt.Errorf("seal decisions: %w", err)
	}
	return sealed, nil
}

// UnsealDecided opens what Seal gave; no bytes at all are no decisions.
func UnsealDecided(key Sealer, sealed []byte) (*Decided, error) {
	if len(sealed) == 0 {
		return &Decided{}, nil
	}
	encoded, err := key.Open(decidedPurpose, sealed)
	if err != nil {
		return nil, fmt.Errorf("open decisions: %w", err)
	}
	var d Decided
	if err := json.Unmarshal(encoded, &d); err != nil {
		return nil, errors.New("decode decisions: damaged") // json's own error may quote them
	}
	return &d, nil
}
