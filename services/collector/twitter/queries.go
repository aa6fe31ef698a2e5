package twitter

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/doxtrail/doxtrail/pkg/watchlist"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

// queryVersion counts changes of how queries are made.
const queryVersion = 1

// watch is something of the watch list that is looked for on X: a family with its
// sites and terms, or an account.
type watch struct {
	// ID is keyed: it is what X and the bus see of the watch. Label is the watch list's
	// neutral one.
	ID, Label string
	// Family says that it is a family, else it is a channel.
	Family bool
	// Atoms are what is looked for, any of them. Shares are atoms that search does not
	// know: it shows no reposts.
	Atoms, Shares []string
}

// leftOut is something of the watch list that is not looked for.
type leftOut struct {
	Label string
	// Why is a sentence without the value.
	Why string
}

// namer gives things the names that outsiders may see; *privacy.StateKey is one.
type namer interface {
	Name(purpose, value string) string
}

// watchesOf reads the watch list in force: families first, each in the order of the
// list.
func watchesOf(list *watchlist.Effective, key namer) (watches []watch, out []leftOut) {
	for _, f := range list.Families {
		if !f.Listed {
			continue
		}
		w := watch{ID: watchID(key, "family", f.Label), Label: f.Label, Family: true}
		for _, s := range list.Sites {
			if s.Listed && s.Family == f.Label {
				w.Atoms = append(w.Atoms, siteAtoms(s.Host)...)
			}
		}
		for _, term := range f.Terms {
			w.take(termAtom(term), "a term without a letter or a digit", &out)
		}
		for _, pattern := range f.Patterns {
			w.take(patternAtom(pattern), "a pattern of fewer than 5 characters beside its wildcards, which would be found everywhere", &out)
		}
		w.Atoms = unique(w.Atoms)
		watches = append(watches, w)
	}
	for _, c := range list.Channels {
		if !c.Listed || c.Platform != "twitter" {
			continue
		}
		name := nameOf(c.ID, c.Name)
		if name == "" {
			out = append(out, leftOut{c.Label, "an account that has neither an id in digits nor a handle of 1 to 15 letters, digits and _"})
			continue
		}
		watches = append(watches, watch{
			ID: watchID(key, "channel", c.Label), Label: c.Label, Atoms: []string{"from:" + name}, Shares: []string{"retweets_of:" + name},
		})
	}
	return watches, out
}

// take adds an atom, or says why there is none.
func (w *watch) take(atom, why string, out *[]leftOut) {
	if atom == "" {
		*out = append(*out, leftOut{w.Label, why})
		return
	}
	w.Atoms = append(w.Atoms, atom)
}

// unique drops what stands twice and keeps the order.
func unique(atoms []string) (kept []string) {
	seen := map[string]bool{}
	for _, a := range atoms {
		if !seen[a] {
			seen[a] = true
			kept = append(kept, a)
		}
	}
	return kept
}

// watchID names a watch without telling it.
func watchID(key namer, kind, label string) string {
	return key.Name("twitter/watch", kind+"/"+label)[:16]
}

// tag is what the rules of a watch are marked with.
func (w watch) tag() string { return tagOf(w.ID, queryVersion) }

func tagOf(id string, version int) string { return "wl:" + id + ":v" + strconv.Itoa(version) }

// watchOf reads whose rule a tag marks. It is false for rules that are not ours.
func watchOf(tag string) (id string, ok bool) {
	rest, ours := strings.CutPrefix(tag, "wl:")
	id, version, versioned := strings.Cut(rest, ":v")
	n, err := strconv.Atoi(version)
	if !ours || !versioned || err != nil || n < 1 || strconv.Itoa(n) != version || len(id) != 16 || strings.Trim(id, "0123456789abcdef") != "" {
		return "", false
	}
	return id, true
}

// packed joins atoms by OR into as few queries as they fit in, in their order. None
// has more than length characters; atoms that are longer alone are counted.
func packed(atoms []string, length int) (queries []string, tooLong int) {
	const or = " OR "
	var query strings.Builder
	size := 0
	for _, atom := range atoms {
		n := utf8.RuneCountInString(atom)
		if n > length {
			tooLong++
			continue
		}
		if size > 0 && size+len(or)+n > length {
			queries = append(queries, query.String())
			query.Reset()
			size = 0
		}
		if size > 0 {
			query.WriteString(or)
			size += len(or)
		}
		query.WriteString(atom)
		size += n
	}
	if size > 0 {
		queries = append(queries, query.String())
	}
	return queries, tooLong
}

// query is a search for one watch.
type query struct {
	Watch watch
	Text  string
}

// searches are the queries of all watches, none of more than length characters.
func searches(watches []watch, length int) (queries []query, out []leftOut) {
	for _, w := range watches {
		texts, tooLong := packed(w.Atoms, length)
		for _, text := range texts {
			queries = append(queries, query{w, text})
		}
		out = append(out, w.tooLong(tooLong, length)...)
	}
	return queries, out
}

// tooLong says that n values of a watch do not fit into a query.
func (w watch) tooLong(n, length int) []leftOut {
	if n == 0 {
		return nil
	}
	return []leftOut{{w.Label, fmt.Sprintf("%d values that are longer than the %d characters that X allows for a query", n, length)}}
}

// parentheses is how many characters reconcile may add to a value.
const parentheses = 4

// wantedRules are the rules of all watches: at most limit, none of more than length
// characters, with parentheses. What goes beyond the limit is left out from the end, so families come
// before accounts, and a watch is left out whole: half of it would look like all.
func wantedRules(watches []watch, limit, length int) (rules []api.Rule, out []leftOut) {
	for _, w := range watches {
		values, tooLong := packed(slices.Concat(w.Atoms, w.Shares), length-parentheses)
		out = append(out, w.tooLong(tooLong, length)...)
		if len(rules)+len(values) > limit {
			out = append(out, leftOut{w.Label, fmt.Sprintf("more rules than the %d that the stream has room for", limit)})
			continue
		}
		for _, value := range values {
			rules = append(rules, api.Rule{Value: value, Tag: w.tag()})
		}
	}
	return rules, out
}
