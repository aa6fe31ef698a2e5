package normaliser

import (
	"errors"
	"log/slog"
	"math"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/cardlink"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/service"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// sieve passes on the records that a converter makes, without those about something
// that was erased. An import that brings it again is read and counted as before, and
// leaves nothing of it.
type sieve struct {
	to         rows
	tombstones *privacy.TombstoneSet
	erased     *prometheus.CounterVec
	left       int // of the delivery in hand
}

func (s *sieve) add(kind bus.Kind, platform doxtrailv1.Platform, record []byte) {
	if s.tombstones != nil && s.tombstones.Judge(string(kind), record) == privacy.Goes {
		s.leave(kind)
		return
	}
	s.to.add(kind, platform, record)
}

// leave counts a record that is left out; of a post that was erased, the post alone.
func (s *sieve) leave(kind bus.Kind) {
	s.erased.WithLabelValues(string(kind)).Inc()
	s.left++
}

// report logs what was left out of a delivery.
func (s *sieve) report(log *slog.Logger) {
	if s.left > 0 {
		log.Info("records of what was erased were left out", slog.Int(service.KeyCount, s.left))
	}
	s.left = 0
}

// nowhere takes the records of a post that was erased.
type nowhere struct{}

func (nowhere) add(bus.Kind, doxtrailv1.Platform, []byte) {}

// sealNothing keeps a post from being noted as one that has its locators, and from
// using up the delivery's data key, until the function that it gives is called.
func (c *converter) sealNothing(locators *locators) (until func()) {
	c.locators = nil
	return func() { c.locators = locators }
}

// erased says whether a post as a whole was erased: by its own key or that of an
// item of it, with its channel, or with the account that wrote it, which its links
// and shares do not name.
func (c *converter) erased(raw *doxtrailv1.RawPost, facts *postFacts) bool {
	if c.tombstones == nil || c.tombstones.Empty() {
		return false
	}
	// A channel that has an id is erased by its handle too.
	keys := []privacy.Key{
		facts.post, facts.channel, c.keyer.Account(facts.platform, raw.GetAccountId()),
		c.keyer.ChannelName(facts.platform, raw.GetChannelName()),
		c.postKey(facts.platform, "", raw.GetChannelName(), raw.GetPostId()),
	}
	for _, item := range c.itemKeys(raw, facts) {
		keys = append(keys, privacy.Key(item))
	}
	return c.tombstones.Has(keys...)
}

// heed takes over what was erased meanwhile.
func (w *worker) heed() error {
	file := w.normaliser.deps.Tombstones
	if file == nil {
		return nil
	}
	set, err := file.Current()
	if err != nil {
		return err
	}
	w.converter.tombstones, w.rows.tombstones = set, set
	return nil
}

// Screen tells whether anything that raw records become was erased. It serves one
// goroutine.
type Screen struct {
	converter  *converter
	tombstones *privacy.TombstoneSet
}

// NewScreen makes a Screen. It reads more than a converter keeps: all links of a post,
// and spelled ones whatever was watched when the post was collected. Of those that are
// none, none leads to what was erased.
func NewScreen(ring *privacy.Ring, tombstones *privacy.TombstoneSet) *Screen {
	c := newConverter(ring, &watchlist.Effective{}, math.MaxInt)
	c.finder = cardlink.NewWatching(cardlink.EveryLabel())
	c.tombstones = tombstones
	return &Screen{c, tombstones}
}

// Erased says whether a record of RAW is about something that was erased, with
// whatever fault it has, and whether it can be read at all.
func (s *Screen) Erased(kind bus.Kind, platform doxtrailv1.Platform, record []byte) (erased, read bool) {
	defer s.converter.forget()
	found := &verdict{tombstones: s.tombstones}
	var err error
	switch kind {
	case bus.KindPosts:
		var raw doxtrailv1.RawPost
		if err = decode(record, &raw); err == nil {
			s.post(platform, &raw, found)
		}
	case bus.KindChannels:
		err = s.converter.channel(platform, record, found)
	case bus.KindObservations:
		err = s.converter.observation(platform, record, found)
	default: // coverage and imports stay
	}
	return found.goes, !errors.Is(err, errUndecodable)
}

// post looks at what a post becomes; at its keys alone where it has none.
func (s *Screen) post(platform doxtrailv1.Platform, raw *doxtrailv1.RawPost, found *verdict) {
	c := s.converter
	facts := postFacts{
		platform: platform,
		post:     c.postKey(platform, raw.GetChannelId(), raw.GetChannelName(), raw.GetPostId()),
		channel:  c.channelKey(platform, raw.GetChannelId(), raw.GetChannelName()),
	}
	if found.goes = c.erased(raw, &facts); found.goes {
		return
	}
	c.links(raw, &facts, found)
	c.shares(raw, &facts, found)
}

// verdict takes records and remembers whether one was erased.
type verdict struct {
	tombstones *privacy.TombstoneSet
	goes       bool
}

func (v *verdict) add(kind bus.Kind, _ doxtrailv1.Platform, record []byte) {
	v.goes = v.goes || v.tombstones.Judge(string(kind), record) == privacy.Goes
}
