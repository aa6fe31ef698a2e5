package normaliser

import (
	"fmt"
	"math/bits"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/cardlink"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

const (
	// tellingKinds is how many kinds of personal data make a post worth finding again.
	tellingKinds = 3
	// maxLocated bounds the memory of what was sealed already in a delivery. Beyond it
	// something may be sealed twice.
	maxLocated = 4096
	// maxLocatorBytes bounds a value: the tables take no sealed one of twice as much.
	// No honest address is as long.
	maxLocatorBytes = 8 << 10
)

// locators seals what finds again the posts, channels and pages of one delivery, so
// that the custodian alone can open it. It has one data key a delivery, made with its
// first locator: wrapping a key costs as much as a hundred posts.
//
// A locator is sealed anew each time that its post is read, for other bytes and from
// another time on: it is no part of what a replay gives again. Of several the tables
// keep the one that lasts longest.
type locators struct {
	custodian privacy.PublicKey
	lasts     time.Duration

	// Of the delivery in hand.
	batch     *privacy.LocatorBatch
	expiresAt int64
	sealed    map[locatorIdentity]struct{}
	value     []byte
}

// locatorIdentity is what makes two locators of a delivery one.
type locatorIdentity struct {
	kind         doxtrailv1.LocatorKind
	target, part privacy.Key
	// name is that of a channel, where part is not made yet.
	name string
}

// newLocators refuses a custodian's key that nothing can be sealed to.
func newLocators(custodian privacy.PublicKey, days int) (*locators, error) {
	if _, err := privacy.NewLocatorBatch(custodian); err != nil {
		return nil, fmt.Errorf("check the custodian's key: %w", err)
	}
	return &locators{
		custodian: custodian, lasts: time.Duration(days) * 24 * time.Hour, sealed: map[locatorIdentity]struct{}{},
	}, nil
}

// end ends a delivery and lets go of what was sealed in it. It gives the number of
// locators.
func (l *locators) end() (n uint64) {
	if l.batch != nil {
		n = l.batch.Count()
	}
	l.batch = nil
	clear(l.sealed)
	clear(l.value[:cap(l.value)])
	return n
}

// again says whether a delivery has a locator already, and notes it if not.
func (l *locators) again(id locatorIdentity) bool {
	if _, again := l.sealed[id]; again {
		return true
	}
	if len(l.sealed) == maxLocated {
		clear(l.sealed)
	}
	l.sealed[id] = struct{}{}
	return false
}

// locatePost adds the locators of a post that somebody may have to find again, and of
// its channel: one with a link, a file or several kinds of personal data. Any other
// tells nothing that a platform could act on.
func (c *converter) locatePost(raw *doxtrailv1.RawPost, facts *postFacts, row *doxtrailv1.Post, out rows) {
	if c.locators == nil || len(c.seen) == 0 && !hasFile(row) && kindsIn(row) < tellingKinds {
		return
	}
	c.locateChannel(facts.platform, facts.channel, raw.GetChannelId(), raw.GetChannelName(), out)
	id := locatorIdentity{kind: doxtrailv1.LocatorKind_LOCATOR_KIND_POST, target: facts.post}
	if c.locators.again(id) {
		return
	}
	c.locate(id, facts.platform, doxtrailv1.LocatorValue_builder{
		Platform: &facts.platform, ChannelId: given(raw.GetChannelId()), ChannelName: given(raw.GetChannelName()), PostId: given(raw.GetPostId()),
	}.Build(), out)
}

// hasFile says whether a post has a file that a key was made of.
func hasFile(row *doxtrailv1.Post) bool {
	for _, m := range row.GetMedia() {
		if m.HasMediaKey() {
			return true
		}
	}
	return false
}

// kindsIn counts the different kinds of personal data of a post.
func kindsIn(row *doxtrailv1.Post) int {
	var kinds uint64
	for _, found := range row.GetPersonalData() {
		if found.GetCount() > 0 {
			kinds |= 1 << (uint(found.GetKind()) % 64)
		}
	}
	return bits.OnesCount64(kinds)
}

// locateChannel adds the locator of a channel. Its id and its name may come from two
// sources, and the name may change: each name has a locator of its own, and so has the
// id alone.
func (c *converter) locateChannel(platform doxtrailv1.Platform, channel privacy.Key, channelID, name string, out rows) {
	id := locatorIdentity{kind: doxtrailv1.LocatorKind_LOCATOR_KIND_CHANNEL, target: channel, name: name}
	if c.locators == nil || c.locators.again(id) {
		return
	}
	id.part = c.keyer.ChannelName(platform, name)
	c.locate(id, platform, doxtrailv1.LocatorValue_builder{
		Platform: &platform, ChannelId: given(channelID), ChannelName: given(name),
	}.Build(), out)
}

// locateURL adds the locator of a page of a family, a mirror each. Where no site is
// listed there is no family: of the thousands of addresses that are studied then, none
// is known to be a card's, and the post's locator leads to each.
func (c *converter) locateURL(link *cardlink.Link, platform doxtrailv1.Platform, host, site, path privacy.Key, out rows) {
	if c.locators == nil {
		return
	}
	if _, ok := c.matcher.Match(host, site); !ok {
		return
	}
	id := locatorIdentity{kind: doxtrailv1.LocatorKind_LOCATOR_KIND_URL, target: path, part: host}
	if c.locators.again(id) {
		return
	}
	c.locate(id, platform, doxtrailv1.LocatorValue_builder{Scheme: given(link.Scheme), Address: &link.URL}.Build(), out)
}

// locate seals one value and adds its row. A value that is too long has none.
func (c *converter) locate(id locatorIdentity, platform doxtrailv1.Platform, value *doxtrailv1.LocatorValue, out rows) {
	l := c.locators
	plaintext, err := proto.MarshalOptions{}.MarshalAppend(l.value[:0], value)
	if err != nil {
		panic("encode a locator of our own making") // as in encode
	}
	l.value = plaintext
	if len(plaintext) > maxLocatorBytes {
		return
	}
	if l.batch == nil {
		c.startLocators(platform, out)
	}
	key := l.batch.ID()
	out.add(bus.KindLocators, platform, c.encode(doxtrailv1.Locator_builder{
		TargetKey: id.target[:], Kind: &id.kind, PartKey: id.part.Bytes(), LocatorKeyId: key[:],
		Sealed: l.batch.Seal(id.target, plaintext), ExpiresAt: &l.expiresAt, Generation: &c.generation,
	}.Build()))
}

// startLocators makes the data key of a delivery and adds its row.
func (c *converter) startLocators(platform doxtrailv1.Platform, out rows) {
	l := c.locators
	batch, err := privacy.NewLocatorBatch(l.custodian)
	if err != nil {
		panic("seal to a key that newLocators has tried") // the same key, and nothing else can fail
	}
	l.batch, l.expiresAt = batch, time.Now().Add(l.lasts).UnixMilli()
	key := batch.ID()
	out.add(bus.KindLocatorKeys, platform, c.encode(doxtrailv1.LocatorKey_builder{
		LocatorKeyId: key[:], Wrapped: batch.Wrapped(), CustodianKeyId: []byte(batch.CustodianKeyID()), ExpiresAt: &l.expiresAt,
	}.Build()))
}
