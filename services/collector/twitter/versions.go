package twitter

import (
	"context"

	"github.com/doxtrail/doxtrail/pkg/archive"
)

// ask asks for posts by their ids.
func (r *repoll) ask(ctx context.Context, ids []string) (answer, error) {
	return r.app.askFor(ctx, repollName, ForLater, mostOf(len(ids)), func(ctx context.Context) ([]byte, error) {
		return r.app.client.Posts(ctx, ids)
	})
}

// lastVersions are the posts that were edited, as they last were: who asks for a
// version gets that version.
func (r *repoll) lastVersions(ctx context.Context, posts []*archive.TweetPost) (edited []*archive.TweetPost, err error) {
	var later []string
	for _, p := range posts {
		if last := p.VersionIDs[len(p.VersionIDs)-1]; last != p.ID {
			later = append(later, last)
		} else if len(p.VersionIDs) > 1 {
			edited = append(edited, p)
		}
	}
	if len(later) == 0 {
		return edited, nil
	}
	got, err := r.ask(ctx, later)
	if err != nil {
		return nil, err
	}
	for i := range got.Posts {
		edited = append(edited, &got.Posts[i])
	}
	return edited, nil
}

func idsOf(posts []knownPost) []string {
	ids := make([]string, 0, len(posts))
	for _, p := range posts {
		ids = append(ids, idText(p.ID))
	}
	return ids
}
