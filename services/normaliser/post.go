package normaliser

import (
	"errors"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/cardlink"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// Faults of a raw record that no second try can mend. Their texts are the
// classes under which FAILED lists them.
var (
	errUndecodable = errors.New("undecodable")
	errNoPostID    = errors.New("no_post_id")
	errNoChannel   = errors.New("no_channel")
	errNoTime      = errors.New("no_posted_at")
)

// converter turns raw records into text-free, keyed ones. It is the only place
// where a key is made from a name, an id or a link. One belongs to one
// goroutine: keyer and finder reuse their buffers, and so do the records it
// fills.
type converter struct {
	keyer    *privacy.Keyer
	finder   *cardlink.Finder
	matcher  *watchlist.Matcher
	maxLinks int
	// generation counts changes of the effective watch list and of the rules
	// here; it stands in every row.
	generation uint64

	found []cardlink.Link
	seen  map[linkIdentity]struct{}
	cards map[cardIdentity]struct{}
	buf   []byte
}

// rows takes the encoded records that a converter makes. The bytes are good only
// until add returns.
type rows interface {
	add(kind bus.Kind, platform doxtrailv1.Platform, record []byte)
}

func newConverter(ring *privacy.Ring, effective *watchlist.Effective, maxLinks int) *converter {
	keyer := ring.Keyer()
	return &converter{
		keyer:      keyer,
		finder:     cardlink.New(),
		matcher:    watchlist.NewMatcher(effective, keyer),
		maxLinks:   maxLinks,
		generation: effective.Generation,
		seen:       map[linkIdentity]struct{}{},
		cards:      map[cardIdentity]struct{}{},
	}
}

// postFacts is what a post's other rows copy from it, and what coverage counts.
type postFacts struct {
	platform  doxtrailv1.Platform
	post      privacy.Key
	channel   privacy.Key
	kind      doxtrailv1.PostKind
	postedAt  int64
	precision uint32
	editedAt  *int64
	// posts, links and sightings are what the post adds to its file's counts:
	// all 0 where the file had it before.
	posts      uint64
	links      uint64
	sightings  uint64
	textCapped bool
}

// post converts one raw post into its rows, which go to out. The error is one
// of the faults above; nothing was added then.
func (c *converter) post(platform doxtrailv1.Platform, record []byte, out rows) (postFacts, error) {
	var raw doxtrailv1.RawPost
	if err := proto.Unmarshal(record, &raw); err != nil {
		return postFacts{}, errUndecodable
	}
	facts, err := c.identify(platform, &raw)
	if err != nil {
		return postFacts{}, err
	}
	c.links(&raw, &facts, out)
	c.shares(&raw, &facts, out)
	out.add(bus.KindPosts, platform, c.encode(c.postRow(&raw, &facts)))
	return facts, nil
}

// identify makes the keys of a post and its channel.
func (c *converter) identify(platform doxtrailv1.Platform, raw *doxtrailv1.RawPost) (postFacts, error) {
	switch {
	case raw.GetPostId() == "":
		return postFacts{}, errNoPostID
	case !raw.HasPostedAt():
		return postFacts{}, errNoTime
	}
	facts := postFacts{
		platform:  platform,
		post:      c.postKey(platform, raw.GetChannelId(), raw.GetChannelName(), raw.GetPostId()),
		channel:   c.channelKey(platform, raw.GetChannelId(), raw.GetChannelName()),
		kind:      raw.GetKind(),
		postedAt:  raw.GetPostedAt(),
		precision: raw.GetPostedPrecisionS(),
	}
	if facts.channel.IsZero() || facts.post.IsZero() {
		return postFacts{}, errNoChannel
	}
	if raw.HasEditedAt() {
		edited := raw.GetEditedAt()
		facts.editedAt = &edited
	}
	return facts, nil
}

// channelKey prefers the platform's id: names change hands.
func (c *converter) channelKey(platform doxtrailv1.Platform, id, name string) privacy.Key {
	if id != "" {
		return c.keyer.Channel(platform, id)
	}
	return c.keyer.ChannelName(platform, name)
}

// postKey is the key of a post whose channel is known by id or by name only.
// The @ keeps a name from being taken for an id.
func (c *converter) postKey(platform doxtrailv1.Platform, channelID, channelName, postID string) privacy.Key {
	if postID == "" {
		return privacy.Key{}
	}
	if channelID == "" && channelName != "" {
		channelID = "@" + strings.ToLower(channelName)
	}
	return c.keyer.Post(platform, channelID, postID)
}

// postRow fills the row of the post itself.
func (c *converter) postRow(raw *doxtrailv1.RawPost, facts *postFacts) *doxtrailv1.Post {
	text := factsOf(raw.GetText())
	row := doxtrailv1.Post_builder{
		PostKey:          facts.post[:],
		PostNoKey:        c.keyer.PostNo(facts.platform, raw.GetPostId()).Bytes(),
		ChannelKey:       facts.channel[:],
		Kind:             &facts.kind,
		PostedAt:         &facts.postedAt,
		PostedPrecisionS: &facts.precision,
		EditedAt:         facts.editedAt,
		Length:           &text.length,
		Counters:         raw.GetCounters(),
		PersonalData:     raw.GetPersonalData(),
		Flags:            raw.GetFlags(),
		Generation:       &c.generation,
	}.Build()
	if raw.GetAccountId() != "" {
		row.SetAccountKey(c.keyer.Account(facts.platform, raw.GetAccountId()).Bytes())
	}
	if raw.HasCollectedAt() {
		row.SetCollectedAt(raw.GetCollectedAt())
	}
	if raw.GetLanguage() != "" {
		row.SetLanguage(raw.GetLanguage())
	}
	if text.script != "" {
		row.SetScript(text.script)
	}
	if facts.textCapped {
		row.SetFlags(append(row.GetFlags(), doxtrailv1.PostFlag_POST_FLAG_TEXT_CAPPED))
	}
	if media := raw.GetMedia(); len(media) > 0 {
		row.SetMedia(c.media(facts.platform, media))
	}
	return row
}

func (c *converter) media(platform doxtrailv1.Platform, raw []*doxtrailv1.RawMedia) []*doxtrailv1.Media {
	rows := make([]*doxtrailv1.Media, 0, len(raw))
	for _, m := range raw {
		row := &doxtrailv1.Media{}
		row.SetKind(m.GetKind())
		if m.GetMediaId() != "" {
			row.SetMediaKey(c.keyer.Media(platform, m.GetMediaId()).Bytes())
		}
		if m.HasSizeBytes() {
			row.SetSizeBytes(m.GetSizeBytes())
		}
		rows = append(rows, row)
	}
	return rows
}

// encode writes a record into the converter's buffer; the bytes are good until
// the next call.
func (c *converter) encode(m proto.Message) []byte {
	// Deterministic, because the row hash in a row's version is taken over
	// these bytes: the same row must give the same hash in every process.
	b, err := proto.MarshalOptions{Deterministic: true}.MarshalAppend(c.buf[:0], m)
	if err != nil {
		panic("encode a record of our own making") // only invalid UTF-8 in a string field, of which ours hold none
	}
	c.buf = b
	return b
}
