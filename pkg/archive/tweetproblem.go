package archive

import (
	"bytes"

	"github.com/go-faster/jx"
)

// Kinds of a TweetProblem that tell something of a post or an account: the last
// segment of the problem's type, since its host and path have changed.
const (
	// ProblemNotFound: deleted, suspended or never there; the API does not tell.
	ProblemNotFound = "resource-not-found"
	// ProblemNotAuthorised: protected, or of a suspended author.
	ProblemNotAuthorised = "not-authorized-for-resource"
	// ProblemDisallowed: withheld by a rule of the platform.
	ProblemDisallowed = "disallowed-resource"
	// ProblemUnavailable: nothing is known, ask again.
	ProblemUnavailable = "resource-unavailable"
	// ProblemOther stands for every word that the documentation does not have.
	ProblemOther = "other"
)

// problem is one entry of errors, or what a body says where it has no data. The
// platform's sentences are passed over; words are those of fixed lists.
type problem struct {
	kind, resourceType, parameter string
	// resource is resource_id, value what stands in for it.
	resource, value []byte
	// ended is why a stream ended.
	ended string
	// titled is the same, told by the title alone.
	titled string
	said   bool
}

// disconnect gives why a stream ended, other where it only says that something
// is wrong, and nothing for a report about a post or an account.
func (p *problem) disconnect() string {
	switch {
	case p.ended != "":
		return p.ended
	case p.titled != "":
		return p.titled
	case p.about() || !p.said:
		return ""
	default:
		return ProblemOther
	}
}

// about says whether the problem is with something that was asked for.
func (p *problem) about() bool {
	switch p.kind {
	case ProblemNotFound, ProblemNotAuthorised, ProblemDisallowed, ProblemUnavailable:
		return true
	default:
		return p.resourceType != "" || p.parameter != "" || len(p.resource) > 0 || len(p.value) > 0
	}
}

func (p *problem) readMember(d *jx.Decoder, key []byte) error {
	word, err := token(d)
	if err != nil || len(word) == 0 {
		return err
	}
	p.said = true
	switch string(key) {
	case "type":
		p.kind = problemKind(word)
		if ended := disconnectWord(lastSegment(word)); ended != ProblemOther && p.ended == "" {
			p.ended = ended
		}
	case "title":
		if ended := disconnectWord(word); ended != ProblemOther {
			p.titled = ended
		}
	case "disconnect_type", "connection_issue":
		p.ended = disconnectWord(word)
	case "resource_type":
		p.resourceType = resourceWord(word)
	case "parameter":
		p.parameter = parameterWord(word)
	case "resource_id":
		p.resource = word
	case "value":
		p.value = word
	}
	return nil
}

// readProblem reads one entry of errors, whatever it is.
func (s *sheet) readProblem(d *jx.Decoder) error {
	var p problem
	p.said = true
	err := members(d, func(d *jx.Decoder, key []byte) error { return p.readMember(d, key) })
	s.problems = append(s.problems, p)
	return err
}

func lastSegment(address []byte) []byte {
	return address[bytes.LastIndexByte(address, '/')+1:]
}

// problemKind gives the word of a problem's type.
func problemKind(address []byte) string {
	segment := lastSegment(address)
	for _, word := range [...]string{
		ProblemNotFound, ProblemNotAuthorised, ProblemDisallowed, ProblemUnavailable,
		"not-authorized-for-field", "invalid-request", "invalid-rules", "duplicate-rules", "rule-cap", "noncompliant-rules",
		"usage-capped", "client-forbidden", "client-disconnected", "unsupported-authentication", "oauth1-permissions",
		"conflict", "streaming-connection", "operational-disconnect",
	} {
		if string(segment) == word {
			return word
		}
	}
	return ProblemOther
}

// disconnectWord gives the documented spelling of why a stream ended, which the
// API writes as OperationalDisconnect and as operational-disconnect.
func disconnectWord(name []byte) string {
	for _, word := range [...]string{
		"OperationalDisconnect", "UpstreamOperationalDisconnect", "ForceDisconnect", "UpstreamUncleanDisconnect",
		"SlowReader", "InternalError", "ClientApplicationStateDegraded", "InvalidRules",
		"TooManyConnections", "ProvisioningSubscription", "RuleConfigurationIssue", "RulesInvalidIssue",
	} {
		if sameWord(name, word) {
			return word
		}
	}
	return ProblemOther
}

// sameWord compares without hyphens and the case of letters.
func sameWord(name []byte, word string) bool {
	at := 0
	for _, c := range name {
		if c == '-' {
			continue
		}
		if at == len(word) || c|0x20 != word[at]|0x20 {
			return false
		}
		at++
	}
	return at == len(word)
}

// resourceWord gives the kind of thing that could not be had; a tweet is a post.
func resourceWord(name []byte) string {
	switch string(name) {
	case "tweet", "post":
		return "post"
	case "user":
		return "user"
	case "media":
		return "media"
	case "place":
		return "place"
	case "poll":
		return "poll"
	default:
		return ProblemOther
	}
}

// parameterWord gives the part of a question that a problem is with, in the
// newer spelling.
func parameterWord(name []byte) string {
	switch string(name) {
	case "referenced_tweets.id", "referenced_posts.id":
		return "referenced_posts.id"
	case "referenced_tweets.id.author_id", "referenced_posts.id.author_id":
		return "referenced_posts.id.author_id"
	case "pinned_tweet_id", "pinned_post_id":
		return "pinned_post_id"
	}
	for _, word := range [...]string{
		"id", "ids", "username", "usernames", "author_id", "in_reply_to_user_id", "entities.mentions.username",
		"attachments.media_keys", "attachments.poll_ids", "geo.place_id", "query",
	} {
		if string(name) == word {
			return word
		}
	}
	return ProblemOther
}
