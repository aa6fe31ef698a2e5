package twitter

import (
	"context"
	"strconv"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/haul"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

// pageSize is how many posts a page of search may have.
const pageSize = 100

// finding is a search that is read page by page, the newest first.
type finding struct {
	name string // of the leg
	leg  doxtrailv1.Leg
	lane bus.Lane
	// share is who pays for it; all says that it is the full-archive search.
	share Share
	all   bool
	query string
	// since and until bound the ids, both exclusive; 0 is none. from bounds the time.
	since, until uint64
	from         time.Time
}

// errPages says that X's pages lead nowhere.
var errPages = &api.Fault{Kind: api.Other, Method: api.MethodSearchAll}

// found is how far a search came with a page.
type found struct {
	// lowest is the lowest id that is there by then, 0 before there is one. Last says
	// that this was the last page: one may be empty while others follow.
	lowest uint64
	last   bool
	// covers is what coverage says of the page.
	covers doxtrailv1.CoverageState
}

// find puts all that a search finds on RAW, and calls each after each page. Extra adds
// to a page's haul.
func (a *app) find(ctx context.Context, f finding, extra func(*haul.Haul, found), each func(found) error) error {
	token, lowest := "", uint64(0)
	for {
		got, err := a.page(ctx, f, token)
		if err != nil {
			return err
		}
		for i := range got.Posts {
			if id, err := strconv.ParseUint(got.Posts[i].ID, 10, 64); err == nil && (lowest == 0 || id < lowest) {
				lowest = id
			}
		}
		far := found{lowest, got.Meta.NextToken == "", got.covers()}
		h := haul.Haul{
			Leg: f.leg, Lane: f.lane, Selection: doxtrailv1.Selection_SELECTION_SEARCH, Query: f.query, LookedAt: got.at,
		}
		a.gather(&h, got.TweetPage, got.at)
		if extra != nil {
			extra(&h, far)
		}
		if err := a.send(ctx, f.name, h); err != nil {
			return err
		}
		a.remember(got.TweetPage)
		if err := a.keepKnown(ctx, f.name); err != nil {
			return err
		}
		a.progressed(f.name, time.Now())
		if err := each(far); err != nil || far.last {
			return err
		}
		if got.Meta.NextToken == token {
			return errPages
		}
		token = got.Meta.NextToken
	}
}

// page asks for one page and pays for it.
func (a *app) page(ctx context.Context, f finding, token string) (answer, error) {
	ask := api.Search{Query: f.query, From: f.from, NextToken: token, Max: pageSize, SinceID: idText(f.since), UntilID: idText(f.until)}
	call := a.client.SearchRecent
	if f.all {
		call = a.client.SearchAll
	}
	return a.askFor(ctx, f.name, f.share, mostOf(pageSize), func(ctx context.Context) ([]byte, error) { return call(ctx, ask) })
}

// idText is an id as X has it; empty for none.
func idText(id uint64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatUint(id, 10)
}
