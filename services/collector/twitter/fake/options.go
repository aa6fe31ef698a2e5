package fake

import "time"

// Spelling is how the API names things: X renamed tweet to post in its published
// specification in August 2026, and nobody outside knows what the servers send.
type Spelling int

// The two spellings.
const (
	Tweet Spelling = iota // referenced_tweets, note_tweet, retweet_count, includes.tweets
	Post                  // referenced_posts, note_post, repost_count, includes.posts
)

// Options say how the API speaks and what it allows. The zero value is of use.
type Options struct {
	Spelling Spelling
	// Token is the bearer that is let in. DefaultToken if empty.
	Token string
	// ProblemHost is the host in the type of a problem, api.x.com if empty;
	// api.twitter.com is what it was.
	ProblemHost string
	// Now is the clock of the world: what posts are dated with and "recent" is
	// counted from. Limits, calls and heartbeats go by the machine's clock.
	// time.Now if nil.
	Now func() time.Time
	// Heartbeat is how often a silent stream sends an empty line. 20 s if 0.
	Heartbeat time.Duration
	// Connections is how many streams may be open at once. 1 if 0.
	Connections int
	// StreamBuffer is how many messages wait for a slow reader of the stream;
	// 1024 if 0. Then who posts has to wait, or, with SlowReader, the stream is
	// disconnected.
	StreamBuffer int
	SlowReader   bool
	// SendBuffer is how many bytes the system is asked to hold of what a client does not
	// read; the system's own if 0, which on one machine is millions. Linux takes twice
	// as much.
	SendBuffer int
	// RuleStatus answers rules that were created: 201 if 0. The specification
	// says 200, the server was seen to say 201.
	RuleStatus int
	// RuleDelay is how long a new rule waits until it takes effect.
	RuleDelay time.Duration
	// RuleLimit is how many rules there may be. 1,000 if 0.
	RuleLimit int
	// SearchDelay is how old a post must be to be found; an end_time nearer to
	// now is refused. At X it is 10 s, here 0 so that tests need not wait.
	SearchDelay time.Duration
	// PageLimit caps all pages below what was asked for, so that a few posts
	// are many pages. No cap if 0.
	PageLimit int
	// TimelineLimit is how many posts of an account are within reach. 3,200 if 0.
	TimelineLimit int
	// JobLooks is how often a compliance job is seen in progress until it is
	// complete. 1 if 0.
	JobLooks int
	// CRLF ends lines of compliance results with CR LF instead of LF.
	CRLF bool
	// NoRedactedAt leaves redacted_at out of every compliance result; otherwise
	// every other one has it.
	NoRedactedAt bool
	// Cap is how many posts may be read a month, as /2/usage/tweets tells it; a
	// page beyond it answers 429 UsageCapExceeded. 3,000,000 if 0.
	Cap int
}

// DefaultToken is the bearer of a server whose Options name none.
const DefaultToken = "invented-bearer-token"

func (o *Options) setDefaults() {
	if o.Token == "" {
		o.Token = DefaultToken
	}
	if o.ProblemHost == "" {
		o.ProblemHost = "api.x.com"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Heartbeat <= 0 {
		o.Heartbeat = 20 * time.Second
	}
	for _, d := range []struct {
		value *int
		def   int
	}{
		{&o.Connections, 1},
		{&o.StreamBuffer, 1024},
		{&o.RuleStatus, 201},
		{&o.RuleLimit, 1000},
		{&o.PageLimit, 1000},
		{&o.TimelineLimit, 3200},
		{&o.JobLooks, 1},
		{&o.Cap, 3_000_000},
	} {
		if *d.value <= 0 {
			*d.value = d.def
		}
	}
}

// words are the names that differ between the spellings.
type words struct {
	referenced, history, note, reposts, included, repost, post, count, total string
}

func (s Spelling) words() words {
	if s == Post {
		return words{
			referenced: "referenced_posts", history: "edit_history_post_ids", note: "note_post", reposts: "repost_count",
			included: "posts", repost: "reposted", post: "post", count: "post_count", total: "total_post_count",
		}
	}
	return words{
		referenced: "referenced_tweets", history: "edit_history_tweet_ids", note: "note_tweet", reposts: "retweet_count",
		included: "tweets", repost: "retweeted", post: "tweet", count: "tweet_count", total: "total_tweet_count",
	}
}
