package telegram

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// turns gives the names of places in the order of their turns.
func turns(l *line, places map[string]*place) (order []string) {
	for range len(places) {
		for name, p := range places {
			select {
			case <-p.turn:
				order = append(order, name)
				delete(places, name)
				l.leave(p)
			default:
				continue
			}
			break
		}
	}
	return order
}

func TestWhoIsInAHurryComesFirstAndNobodyWaitsForEver(t *testing.T) {
	l := &line{}
	first := l.join(false)
	places := map[string]*place{}
	for _, name := range []string{"q1", "q2", "q3"} {
		places[name] = l.join(false)
	}
	for _, name := range []string{"h1", "h2", "h3", "h4"} {
		places[name] = l.join(true)
	}
	l.hurry(places["q3"])
	gone := l.join(true)
	l.leave(gone)
	select {
	case <-places["h1"].turn:
		t.Fatal("two have a turn at once")
	default:
	}
	l.leave(first)
	if diff := cmp.Diff([]string{"h1", "h2", "h3", "q1", "h4", "q3", "q2"}, turns(l, places)); diff != "" {
		t.Error(diff)
	}
	if p := l.join(false); l.busy {
		l.leave(p)
	}
	if l.busy || len(l.hasty)+len(l.quiet) > 0 {
		t.Error("somebody is left in the line")
	}
}

// Whoever is busy when the turn comes holds up nobody, and keeps the place.
func TestWhoIsAwayHoldsUpNobody(t *testing.T) {
	l := &line{}
	places := map[string]*place{"first": l.join(false), "second": l.join(false), "third": l.join(false)}
	l.away(places["first"]) // its turn had come
	l.away(places["third"])
	select {
	case <-places["second"].turn:
	default:
		t.Fatal("the turn was not passed on")
	}
	l.leave(places["second"])
	if l.busy {
		t.Fatal("somebody who is away has the turn")
	}
	first := places["first"]
	l.back(places["third"])
	l.back(first)
	delete(places, "second")
	if diff := cmp.Diff([]string{"third", "first"}, turns(l, places)); diff != "" {
		t.Error(diff)
	}
}
