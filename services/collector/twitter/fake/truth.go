package fake

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Way is how a post was served, as a set.
type Way uint8

// Ways.
const (
	Searched Way = 1 << iota
	LookedUp
	OnTimeline
	AsShare  // in a list of quotes or reposts
	Included // because another refers to it
	Streamed // queued for a stream; whether it was written tells Delivered
)

// Truth is what really happened, seen by somebody or not.
type Truth struct {
	Accounts []AccountTruth // by id
	Posts    []PostTruth    // every version, by id, which is by time
	Events   []Event        // in order
	Rules    []RuleTruth    // all there ever were, in order
	// Compliance are results of jobs that were downloaded, again if they were
	// downloaded again.
	Compliance []ComplianceTruth
	Flow       FlowTruth // of posts that were not kept
}

// AccountTruth is an account as it is now.
type AccountTruth struct {
	ID, Username string
	Standing     State // Up, Suspended, Deactivated
	Protected    bool
	Withheld     []string
}

// PostTruth is one version of a post and what is known of it.
type PostTruth struct {
	ID        string
	First     string   // id of the first version, the post's identity
	Versions  []string // first to last, those that came after this one too
	Account   string
	Kind      string // post, repost, quote, reply
	Refers    string // id of the post it repeats, quotes or replies to
	At        time.Time
	History   bool  // dated back, so the stream never had it
	State     State // now: Up, Deleted, Suspended, Deactivated, Protected, Restricted
	Withheld  []string
	Matched   []string // ids of the rules that matched when it appeared
	Delivered []Delivery
	Served    Way
	Told      []Told // lookups of this version that answered a problem
}

// Told is a problem that a lookup answered instead of a post.
type Told struct {
	At      time.Time // by the machine's clock
	Problem string
}

// Came says whether the version went to some client, by any way. Went is not
// arrived: the connection may have been cut with it on its way.
func (p PostTruth) Came() bool { return len(p.Delivered) > 0 || p.Served&^Streamed != 0 }

// tell takes down that a lookup answered a problem.
func (p *post) tell(problem string) {
	if p != nil {
		p.told = append(p.told, Told{At: time.Now(), Problem: problem})
	}
}

// ComplianceTruth is a line of results that was downloaded.
type ComplianceTruth struct {
	Job, ID, Reason string
	At              time.Time // of the download, by the machine's clock
}

// RuleTruth is a rule and when it held, by the world's clock.
type RuleTruth struct {
	Rule
	From, Until time.Time // Until is zero while it is there
}

// Event is something that changed, as of when the API shows it.
type Event struct {
	Kind      State
	At        time.Time // by the world's clock
	Post      string    // version it was done to; empty if to the account
	Account   string
	Countries []string
	Problem   string // of Restricted
}

func (s *Server) happen(e Event) {
	if e.At.IsZero() {
		e.At = s.opts.Now()
	}
	s.events = append(s.events, e)
}

// Truth is what really happened up to now.
func (s *Server) Truth() Truth {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := Truth{Events: slices.Clone(s.events), Rules: slices.Clone(s.rules.ever), Compliance: slices.Clone(s.jobs.told), Flow: s.flow.truth}
	for _, a := range s.accounts {
		t.Accounts = append(t.Accounts, AccountTruth{
			ID: name(a.id), Username: a.spec.Username, Standing: a.standing, Protected: a.protected, Withheld: slices.Clone(a.withheld),
		})
	}
	slices.SortFunc(t.Accounts, func(a, b AccountTruth) int {
		return cmp.Or(cmp.Compare(len(a.ID), len(b.ID)), cmp.Compare(a.ID, b.ID))
	})
	for _, id := range s.order {
		t.Posts = append(t.Posts, s.posts[id].truth())
	}
	t.Flow.ByRule = maps.Clone(t.Flow.ByRule)
	return t
}

func (p *post) truth() PostTruth {
	t := PostTruth{
		ID: name(p.id), First: name(p.thread.versions[0]), Versions: names(p.thread.versions), Account: name(p.account.id),
		Kind: "post", At: timeOf(p.id), History: p.id&backdated != 0, State: p.state(), Withheld: slices.Clone(p.withheld),
		Matched: slices.Clone(p.matched), Delivered: slices.Clone(p.delivered), Served: p.served, Told: slices.Clone(p.told),
	}
	switch {
	case p.original != nil:
		t.Kind, t.Refers = "repost", name(p.original.id)
	case p.quoted != nil:
		t.Kind, t.Refers = "quote", name(p.quoted.id)
	case p.replyTo != 0:
		t.Kind, t.Refers = "reply", name(p.replyTo)
	}
	return t
}
