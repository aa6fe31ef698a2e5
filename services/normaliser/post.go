package normaliser

import (
	"slices"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// maxParts bounds the files, items, flags, kinds of personal data and shares of one
// post, each by itself. Keys are longer than what they are made from, and a row beyond
// bus.MaxRecordBytes could never be published: its batch would come again for ever.
// Platforms allow some ten.
const maxParts = 1000

// postFacts is what a post's other rows copy from it, and what coverage counts.
type postFacts struct {
	place

	platform  doxtrailv1.Platform
	post      privacy.Key
	channel   privacy.Key
	kind      optional[doxtrailv1.PostKind]
	postedAt  int64
	precision optional[uint32]
	editedAt  optional[int64]
	// posts, links and sightings are what the post adds to its file's counts:
	// all 0 where the file had it before.
	posts     uint64
	links     uint64
	sightings uint64
	// linksCapped says that the post has more links than are kept.
	linksCapped bool
	text        textRead
	// erased says that the post became no rows.
	erased bool
}

// post converts one raw post into its rows, which go to out. The error is one
// of the faults of a raw record; nothing was added then, and of the facts only
// the place is known, if that.
func (c *converter) post(platform doxtrailv1.Platform, record []byte, out rows) (postFacts, error) {
	var raw doxtrailv1.RawPost
	if err := decode(record, &raw); err != nil {
		return postFacts{}, err
	}
	facts, err := c.identify(platform, &raw)
	if err != nil {
		return facts, err
	}
	facts.text = c.readText(raw.GetText())
	if facts.erased = c.erased(&raw, &facts); facts.erased {
		out = nowhere{}                   // what the file holds is counted all the same
		defer c.sealNothing(c.locators)() // and a data key that goes nowhere opens nothing
	}
	c.links(&raw, &facts, out)
	c.shares(&raw, &facts, out)
	row := c.postRow(&raw, &facts)
	out.add(bus.KindPosts, platform, c.encode(row))
	c.locatePost(&raw, &facts, row, out)
	if !raw.GetRepeatedInFile() {
		facts.posts, facts.links, facts.sightings = 1, uint64(len(c.seen)), uint64(len(c.cards))
	}
	return facts, nil
}

// outline gives the facts of one raw post that becomes no rows.
func (c *converter) outline(platform doxtrailv1.Platform, record []byte) (postFacts, error) {
	var raw doxtrailv1.RawPost
	if err := decode(record, &raw); err != nil {
		return postFacts{}, err
	}
	return c.identify(platform, &raw)
}

// identify makes the keys of a post and its channel.
func (c *converter) identify(platform doxtrailv1.Platform, raw *doxtrailv1.RawPost) (postFacts, error) {
	failed := postFacts{place: placeOf(raw)}
	switch {
	case raw.GetPostId() == "":
		return failed, errNoPostID
	case !raw.HasPostedAt():
		return failed, errNoTime
	case max(len(raw.GetMedia()), len(raw.GetItemIds()), len(raw.GetFlags()), len(raw.GetPersonalData()), len(raw.GetShares())) > maxParts:
		return failed, errTooLarge
	}
	facts := postFacts{
		place:     failed.place,
		platform:  platform,
		post:      c.postKey(platform, raw.GetChannelId(), raw.GetChannelName(), raw.GetPostId()),
		channel:   c.channelKey(platform, raw.GetChannelId(), raw.GetChannelName()),
		kind:      optional[doxtrailv1.PostKind]{raw.GetKind(), raw.GetKind() != 0},
		postedAt:  raw.GetPostedAt(),
		precision: optional[uint32]{raw.GetPostedPrecisionS(), raw.HasPostedPrecisionS()},
		editedAt:  optional[int64]{raw.GetEditedAt(), raw.HasEditedAt()},
	}
	if facts.channel.IsZero() || facts.post.IsZero() {
		return failed, errNoChannel
	}
	return facts, nil
}

// channelKey prefers the platform's id: names change hands.
func (c *converter) channelKey(platform doxtrailv1.Platform, id, name string) privacy.Key {
	return c.keyer.ChannelOf(platform, id, name)
}

// postKey is the key of a post whose channel is known by id or by name only.
func (c *converter) postKey(platform doxtrailv1.Platform, channelID, channelName, postID string) privacy.Key {
	return c.keyer.PostOf(platform, channelID, channelName, postID)
}

// postRow fills the row of the post itself.
func (c *converter) postRow(raw *doxtrailv1.RawPost, facts *postFacts) *doxtrailv1.Post {
	text := factsOf(raw.GetText())
	if facts.text.unread {
		text.script = ""
	}
	row := doxtrailv1.Post_builder{
		PostKey:          facts.post[:],
		PostNoKey:        c.keyer.PostNo(facts.platform, raw.GetPostId()).Bytes(),
		ChannelKey:       facts.channel[:],
		AccountKey:       c.keyer.Account(facts.platform, raw.GetAccountId()).Bytes(),
		Kind:             facts.kind.pointer(),
		PostedAt:         &facts.postedAt,
		PostedPrecisionS: facts.precision.pointer(),
		EditedAt:         facts.editedAt.pointer(),
		Length:           &text.length,
		Counters:         raw.GetCounters(),
		Media:            c.media(facts.platform, raw.GetMedia()),
		PersonalData:     mostOf(raw.GetPersonalData(), facts.text.personal),
		Flags:            raw.GetFlags(),
		Generation:       &c.generation,
		ItemKeys:         c.itemKeys(raw, facts),
	}.Build()
	if raw.HasCollectedAt() {
		row.SetCollectedAt(raw.GetCollectedAt())
	}
	if language := primaryLanguage(raw.GetLanguage()); language != "" {
		row.SetLanguage(language)
	}
	if text.script != "" {
		row.SetScript(text.script)
	}
	if capped := doxtrailv1.PostFlag_POST_FLAG_TEXT_CAPPED; facts.linksCapped && !slices.Contains(row.GetFlags(), capped) {
		row.SetFlags(append(row.GetFlags(), capped))
	}
	if flags := facts.text.flags(); len(flags) > 0 {
		row.SetFlags(append(row.GetFlags(), flags...))
	}
	return row
}

// itemKeys are the keys under which a share may know the post besides its own:
// those of the other items of an album, in their order.
func (c *converter) itemKeys(raw *doxtrailv1.RawPost, facts *postFacts) (keys [][]byte) {
	for _, id := range raw.GetItemIds() {
		key := c.postKey(facts.platform, raw.GetChannelId(), raw.GetChannelName(), id)
		if !key.IsZero() && key != facts.post {
			keys = append(keys, key.Bytes())
		}
	}
	return keys
}

// pictureHashBytes is the size of the coarse hash of a picture.
const pictureHashBytes = 8

func (c *converter) media(platform doxtrailv1.Platform, raw []*doxtrailv1.RawMedia) []*doxtrailv1.Media {
	if len(raw) == 0 {
		return nil
	}
	rows := make([]*doxtrailv1.Media, 0, len(raw))
	for _, m := range raw {
		row := doxtrailv1.Media_builder{
			MediaKey: c.keyer.Media(platform, m.GetMediaId()).Bytes(),
			Kind:     known(m.GetKind()),
		}.Build()
		if m.HasSizeBytes() {
			row.SetSizeBytes(m.GetSizeBytes())
		}
		// Anything longer might be the picture.
		if hash := m.GetPictureHash(); len(hash) == pictureHashBytes {
			row.SetPictureHash(hash)
			if m.GetPictureWhole() {
				row.SetPictureWhole(true)
			}
		}
		rows = append(rows, row)
	}
	return rows
}
