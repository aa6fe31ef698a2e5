package twitter

import (
	"time"

	"github.com/doxtrail/doxtrail/pkg/archive"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/look"
)

// verdict is what one lookup says of the posts that were asked for.
type verdict struct {
	at time.Time
	// told are the posts that became something else, plain the looks at those that
	// are as they were.
	told  telling
	plain []*doxtrailv1.RawObservation
	// there are the posts that X gave, unsure those that it said nothing of.
	there  []*archive.TweetPost
	unsure []uint64
}

// judgePosts says what an answer means for the posts that were asked for. Second says
// that they are looked for again after they were found missing: any other look may
// come right behind the first, and proves nothing.
func (a *app) judgePosts(got answer, asked []knownPost, second bool) (v verdict, err error) {
	v.at, v.told.At = got.at, got.at.UnixMilli()
	l := a.from(got.at)
	there, problems := byID(got.TweetPage)
	for _, p := range asked {
		id := idText(p.ID)
		post, problem := there[id], problems[id]
		switch {
		case post != nil:
			v.there = append(v.there, post)
			err = v.found(p, post, l)
		case p.Author == 0: // there is no observation without a channel
		case problem != nil:
			o, means := l.Problem(*problem, idText(p.Author), id)
			if !means {
				v.unsure = append(v.unsure, p.ID)
				continue
			}
			err = v.missed(p, o, second)
		default:
			v.unsure = append(v.unsure, p.ID)
		}
		if err != nil {
			return v, err
		}
	}
	return v, nil
}

// byID finds posts and problems by the ids that were asked for.
func byID(page *archive.TweetPage) (there map[string]*archive.TweetPost, problems map[string]*archive.TweetProblem) {
	there, problems = map[string]*archive.TweetPost{}, map[string]*archive.TweetProblem{}
	for i := range page.Posts {
		p := &page.Posts[i]
		there[p.Raw.GetPostId()] = p
	}
	for i := range page.Problems {
		if p := &page.Problems[i]; look.Asked(*p) {
			problems[p.ResourceID] = p
		}
	}
	return there, problems
}

// found judges a post that is there.
func (v *verdict) found(p knownPost, post *archive.TweetPost, l look.Look) error {
	o, is := l.Post(post, stateOf(p.Mark)), markUp
	if isWithheld(post) {
		is = markWithheld
	}
	if p.Mark == is {
		v.plain = append(v.plain, o)
		return nil
	}
	return v.told.add(p.ID, is, o)
}

// missed judges a post that X does not give. What was missing before is told again
// once, at a second look.
func (v *verdict) missed(p knownPost, o *doxtrailv1.RawObservation, second bool) error {
	is := markDown
	switch o.GetState() {
	case look.Restricted:
		is = markWithheld
	case look.Private:
		is = markPrivate
	default:
	}
	switch {
	case is == markWithheld && p.Mark == markWithheld:
		v.plain = append(v.plain, o)
		return nil
	case is == markWithheld:
	case p.Mark == markDown, p.Mark == is:
		return nil
	case p.Mark == markGone && !second:
		return nil
	case p.Mark == markGone, p.Mark == markPrivate:
	default:
		is = markGone // whatever it is, it was seen once
	}
	return v.told.add(p.ID, is, o)
}

// stateOf is what a mark means to a look.
func stateOf(m mark) look.State {
	switch m {
	case markGone, markDown:
		return look.Gone
	case markPrivate:
		return look.Private
	case markWithheld:
		return look.Restricted
	default:
		return look.Up
	}
}
