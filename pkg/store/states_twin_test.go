package store_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// stateTwin works the states out again from the looks as they were made up.
type stateTwin struct {
	posts []post
	looks []seen
}

func randomLooks(t *testing.T, seed uint64) (*world, stateTwin) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, seed))
	w := newWorld(t)
	for _, family := range []string{"red", "blue"} {
		w.site(site{host: family, family: family, match: doxtrailv1.SiteMatch_SITE_MATCH_SITE})
	}
	var tw stateTwin
	states := []doxtrailv1.ObservationState{isUp, isUp, isEdited, isGone, isGone, isGone, isRestricted, isPrivate, isBack}
	for n := range 60 {
		p := post{name: fmt.Sprintf("p%02d", n), channel: string(rune('A' + r.IntN(6))), at: slot(r.IntN(8)), platform: telegram}
		if r.IntN(3) > 0 {
			p.collected = slot(8 + r.IntN(6))
		}
		p.links = []string{[]string{"red", "blue"}[r.IntN(2)] + fmt.Sprintf(" /c%d", r.IntN(9))}
		w.post(p)
		tw.posts = append(tw.posts, p)
		for range r.IntN(6) {
			tw.looks = append(tw.looks, seen{channel: p.channel, post: p.name, at: slot(8 + r.IntN(24)), state: states[r.IntN(len(states))], vantage: []string{"x", "y"}[r.IntN(4)/3]})
		}
	}
	for range 8 {
		tw.looks = append(tw.looks, seen{channel: string(rune('A' + r.IntN(5))), at: slot(8 + r.IntN(24)), state: states[r.IntN(len(states))], vantage: []string{"x", "y"}[r.IntN(2)]})
	}
	// Of two looks at one moment from one place the table keeps one.
	slices.SortFunc(tw.looks, func(a, b seen) int {
		return cmp.Or(cmp.Compare(a.post, b.post), cmp.Compare(a.channel, b.channel), cmp.Compare(a.at, b.at), cmp.Compare(a.vantage, b.vantage))
	})
	tw.looks = slices.CompactFunc(tw.looks, func(a, b seen) bool {
		return a.post == b.post && a.channel == b.channel && a.at == b.at && a.vantage == b.vantage
	})
	for _, s := range tw.looks {
		w.seen(s)
	}
	w.insert()
	return w, tw
}

// ofPost are the looks that tell of a post: its own, and those at its channel
// since that was last up, the first and the last of each state and place.
func (tw stateTwin) ofPost(p post) (own []seen) {
	upAt := ""
	for _, s := range tw.looks {
		if s.post == "" && s.channel == p.channel && (s.state == isUp || s.state == isEdited || s.state == isBack) {
			upAt = max(upAt, s.at)
		}
	}
	for _, s := range tw.looks {
		if s.post == p.name {
			own = append(own, s)
		}
		if s.post != "" || s.channel != p.channel || s.at <= upAt {
			continue
		}
		earlier, later := false, false
		for _, o := range tw.looks {
			if o.post == "" && o.channel == s.channel && o.state == s.state && o.vantage == s.vantage && o.at > upAt {
				earlier, later = earlier || o.at < s.at, later || o.at > s.at
			}
		}
		if !earlier || !later {
			own = append(own, s)
		}
	}
	return own
}

// stateOf is what became of a post.
type stateOf struct {
	state, upAt, downAt string
	looks, down         int
	confirmed           bool
}

func (tw stateTwin) state(p post) stateOf {
	out := stateOf{state: "up", upAt: cmp.Or(p.collected, p.at)}
	lastAt, there := out.upAt, out.upAt
	rank := func(state string) int { return slices.Index([]string{"private", "gone", "restricted", "up"}, state) }
	for _, s := range tw.ofPost(p) {
		shown := map[doxtrailv1.ObservationState]string{isGone: "gone", isPrivate: "private", isRestricted: "restricted"}[s.state]
		if shown == "" {
			shown, out.upAt = "up", max(out.upAt, s.at)
		}
		if rank(shown) > 1 {
			there = max(there, s.at)
		}
		if s.state != isEdited {
			out.looks++
		}
		if s.at > lastAt || s.at == lastAt && rank(shown) > rank(out.state) {
			lastAt, out.state = s.at, shown
		}
	}
	var down []seen
	for _, s := range tw.ofPost(p) {
		if (s.state == isGone || s.state == isPrivate) && s.at > there {
			down = append(down, s)
			if out.downAt == "" || s.at < out.downAt {
				out.downAt = s.at
			}
		}
	}
	out.down = len(down)
	for _, a := range down {
		for _, b := range down {
			out.confirmed = out.confirmed || a.vantage != b.vantage || hoursBetween(a.at, b.at) >= 6
		}
	}
	return out
}

func hoursBetween(from, to string) float64 {
	parse := func(at string) time.Time {
		v, err := time.Parse(time.DateTime, "2020-"+at)
		if err != nil {
			panic(err)
		}
		return v
	}
	return parse(to).Sub(parse(from)).Hours()
}

func (tw stateTwin) postStates() (out []string) {
	for _, p := range tw.posts {
		s, down, why := tw.state(p), "-", "[]"
		if s.downAt != "" {
			down = stamp(s.downAt)
		}
		if s.state == "restricted" {
			why = "['terms','law']"
		}
		family, _, _ := strings.Cut(p.links[0], " ")
		out = append(out, fmt.Sprintf("%s %s 1 telegram %s - %s %s %s %s %s %d %d %v",
			family, p.name, p.channel, stamp(p.at), s.state, why, stamp(s.upAt), down, s.looks, s.down, s.confirmed))
	}
	return sorted(out)
}

func (tw stateTwin) persistence() (out []string) {
	for _, family := range []string{"blue", "red"} {
		var figures [7]int
		var lastUp, firstDown []float64
		for _, p := range tw.posts {
			if !strings.HasPrefix(p.links[0], family) {
				continue
			}
			s := tw.state(p)
			class := map[string]int{"up": 2, "restricted": 3, "gone": 4, "private": 4}[s.state]
			switch {
			case s.looks == 0:
				class = 6
			case s.confirmed:
				class = 5
				lastUp, firstDown = append(lastUp, hoursBetween(p.at, s.upAt)/24), append(firstDown, hoursBetween(p.at, s.downAt)/24)
			}
			figures[0]++
			figures[class]++
			if s.looks > 0 {
				figures[1]++
			}
		}
		line := family + " telegram"
		for _, n := range figures {
			line += fmt.Sprint(" ", n)
		}
		out = append(out, line+" "+median(lastUp)+" "+median(firstDown))
	}
	return out
}

func median(values []float64) string {
	if len(values) == 0 {
		return "-"
	}
	slices.Sort(values)
	n := len(values)
	return strconv.FormatFloat((values[(n-1)/2]+values[n/2])/2, 'f', -1, 64)
}

func TestStatesAgreeWithTheirTwin(t *testing.T) {
	for seed := range uint64(5) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			w, tw := randomLooks(t, seed)
			for query, want := range map[string][]string{"post_states": tw.postStates(), "persistence": tw.persistence()} {
				if diff := gocmp.Diff(want, sorted(strings.Split(w.query(query, nil), "\n"))); diff != "" {
					t.Errorf("%s differs (-twin +query):\n%s", query, diff)
				}
			}
		})
	}
}

// One family, one card: only the posts that carry it.
func TestStatesOfWhatIsAsked(t *testing.T) {
	w, tw := randomLooks(t, 1)
	var red []string
	for _, line := range tw.postStates() {
		if strings.HasPrefix(line, "red ") {
			red = append(red, line)
		}
	}
	if diff := gocmp.Diff(red, sorted(strings.Split(w.query("post_states", map[string]string{"family": "red"}), "\n"))); diff != "" {
		t.Errorf("of one family (-twin +query):\n%s", diff)
	}
	var cards int
	for _, p := range tw.posts {
		if p.links[0] == "red /c1" {
			cards++
		}
	}
	card := cardKey("red", w.key("path /c1"))
	if got := w.query("post_states", map[string]string{"card": card}); cards == 0 || strings.Count(got, "\n")+1 != cards {
		t.Errorf("of a card that %d posts carry:\n%s", cards, got)
	}
	if got := w.query("persistence", map[string]string{"family": "blue"}); got != tw.persistence()[0] {
		t.Errorf("persistence of one family is %q, want %q", got, tw.persistence()[0])
	}
}
