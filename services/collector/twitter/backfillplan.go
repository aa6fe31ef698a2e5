package twitter

import (
	"slices"
	"time"
)

// history is one search of the full archive, from now back to the beginning.
type history struct {
	// Watch is whose it is, and Atoms are what is looked for, by their keyed names: the
	// query is made anew from those that are still on the watch list.
	Watch string   `json:"watch"`
	Atoms []string `json:"atoms"`
	// Top is where it begins, in milliseconds: a little after the watch was there, so
	// that the stream has what comes after. Begin is where it ends.
	Top   int64 `json:"top"`
	Begin int64 `json:"begin"`
	// Until is the lowest id that is on RAW with all that is above it; 0 before the
	// first page.
	Until uint64 `json:"until,omitempty"`
	Done  bool   `json:"done,omitempty"`
}

// lower is the time down to which it was read, in milliseconds.
func (h history) lower() int64 {
	if at := timeAt(idText(h.Until)); !at.IsZero() {
		return min(at.UnixMilli(), h.Top)
	}
	return h.Top
}

// plan adds searches for what is watched and is in none yet, and takes up again those
// that began later than history is to begin. A watch that gets a new site has history
// read for that site alone.
func plan(done []history, watches []watch, name func(string) string, length int, begin, top time.Time) []history {
	next := slices.Clone(done)
	have := map[string]bool{}
	for i := range next {
		for _, atom := range next[i].Atoms {
			have[next[i].Watch+atom] = true
		}
		if begin.UnixMilli() < next[i].Begin {
			next[i].Begin, next[i].Done = begin.UnixMilli(), false
		}
	}
	for _, w := range watches {
		var fresh []string
		for _, atom := range w.Atoms {
			if !have[w.ID+name(atom)] {
				fresh = append(fresh, atom)
			}
		}
		for _, atoms := range groups(fresh, length) {
			h := history{Watch: w.ID, Top: top.UnixMilli(), Begin: begin.UnixMilli()}
			for _, atom := range atoms {
				h.Atoms = append(h.Atoms, name(atom))
			}
			next = append(next, h)
		}
	}
	return next
}

// groups splits atoms into those that fit into one query each, as packed does. Those
// that are too long alone are in none.
func groups(atoms []string, length int) (all [][]string) {
	var group []string
	for _, atom := range atoms {
		if _, tooLong := packed([]string{atom}, length); tooLong > 0 {
			continue
		}
		if queries, _ := packed(append(slices.Clone(group), atom), length); len(queries) > 1 {
			all, group = append(all, group), nil
		}
		group = append(group, atom)
	}
	if len(group) > 0 {
		all = append(all, group)
	}
	return all
}

// text is the query of a search: what of it is still watched; empty if nothing is.
func (h history) text(watches []watch, name func(string) string, length int) (text, label string) {
	for _, w := range watches {
		if w.ID != h.Watch {
			continue
		}
		atoms := slices.DeleteFunc(slices.Clone(w.Atoms), func(atom string) bool { return !slices.Contains(h.Atoms, name(atom)) })
		if queries, _ := packed(atoms, length); len(queries) > 0 {
			return queries[0], w.Label
		}
	}
	return "", ""
}
