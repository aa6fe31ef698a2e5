package campaign

import (
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Canary is a value of the campaign that must not be readable in anything an
// import leaves behind, nor in what it prints.
type Canary struct {
	Kind  CanaryKind `json:"kind"`
	Value string     `json:"value"`
}

// CanaryKind says what a canary is, so that a find can be named without its
// value.
type CanaryKind string

// The kinds of canaries. Ids are digits only: a search for them may leave out
// what is meant to carry them.
const (
	CanaryText      CanaryKind = "text"    // the whole text of a post
	CanaryPhrase    CanaryKind = "phrase"  // one sentence of many texts
	CanaryName      CanaryKind = "name"    // of a victim, Chinese, romanised or run together
	CanaryPhone     CanaryKind = "phone"   // as spelled in texts
	CanaryIdentity  CanaryKind = "hkid"    // as spelled in texts, and without its check digit
	CanaryAddress   CanaryKind = "address" // of a home
	CanaryMail      CanaryKind = "mail"
	CanaryEmployer  CanaryKind = "employer"
	CanaryCardPath  CanaryKind = "card_path"
	CanaryTitle     CanaryKind = "channel_title"
	CanaryHandle    CanaryKind = "handle"
	CanaryProfile   CanaryKind = "profile" // what an account says of itself
	CanaryHashtag   CanaryKind = "hashtag"
	CanaryFileName  CanaryKind = "file_name" // of archives, their folders and members, and media
	CanaryMedia     CanaryKind = "media_key"
	CanaryShortLink CanaryKind = "short_link" // t.co and another shortener
	CanaryDecoy     CanaryKind = "decoy_path" // path of a link that is no card
	CanaryChannelID CanaryKind = "channel_id"
	CanaryPostID    CanaryKind = "post_id" // Twitter's only: Telegram's are small numbers
)

// Canaries lists every value that names somebody or finds something in the
// archives, refused chats included, sorted and without repeats.
func (c *Campaign) Canaries() []Canary {
	all := &canaries{seen: make(map[Canary]bool)}
	for _, p := range c.people {
		all.person(p)
	}
	for _, card := range c.cards {
		all.add(CanaryCardPath, card.Path)
	}
	for _, group := range [][]*Channel{c.channels, c.accounts, c.outside} {
		for _, channel := range group {
			all.channel(channel)
		}
	}
	for _, text := range []string{chatter, leadPhrases} {
		for _, sentence := range lines(text) {
			all.add(CanaryPhrase, sentence)
		}
	}
	for _, f := range c.files {
		all.file(f)
	}
	sort.Slice(all.list, func(i, j int) bool {
		if all.list[i].Kind != all.list[j].Kind {
			return all.list[i].Kind < all.list[j].Kind
		}
		return all.list[i].Value < all.list[j].Value
	})
	return all.list
}

// canaries collects values once each.
type canaries struct {
	list []Canary
	seen map[Canary]bool
}

// add takes a value up unless it is too short to be told from chance.
func (a *canaries) add(kind CanaryKind, value string) {
	c := Canary{Kind: kind, Value: value}
	if len(value) < 6 || a.seen[c] {
		return
	}
	a.seen[c] = true
	a.list = append(a.list, c)
}

func (a *canaries) person(p *Person) {
	for _, name := range []string{p.Chinese, p.Roman, p.Slug} {
		a.add(CanaryName, name)
	}
	local := strings.TrimPrefix(p.Phone, "+852 ")
	for _, spelled := range []string{p.Phone, local, strings.ReplaceAll(local, " ", "-")} {
		a.add(CanaryPhone, spelled)
	}
	for _, spelled := range []string{p.HKID, strings.NewReplacer("(", "（", ")", "）").Replace(p.HKID), p.HKID[:8]} {
		a.add(CanaryIdentity, spelled)
	}
	a.add(CanaryAddress, p.Address)
	a.add(CanaryMail, p.Mail)
	a.add(CanaryEmployer, p.Employer)
	a.add(CanaryHashtag, p.hashtag(true)[1:])
	a.add(CanaryHashtag, p.hashtag(false)[1:])
}

func (a *canaries) channel(c *Channel) {
	a.add(CanaryTitle, c.Title)
	a.add(CanaryHandle, c.Name)
	a.add(CanaryProfile, c.about)
	a.add(CanaryChannelID, c.ID)
}

// file takes up what one archive and its name hold.
func (a *canaries) file(f *file) {
	for _, path := range []string{f.name, f.member} {
		for _, part := range strings.Split(path, "/") {
			if part != "result.json" && part != "telegram" && part != "twitter" {
				a.add(CanaryFileName, part)
			}
		}
	}
	for _, c := range f.chats {
		a.channel(c.channel)
		for _, e := range c.entries {
			if e.post != nil {
				a.post(e.post, e.edited)
			}
		}
	}
	for _, l := range f.lines {
		for _, posts := range [][]*Post{l.data, l.included} {
			for _, p := range posts {
				a.post(p, false)
			}
		}
	}
}

func (a *canaries) post(p *Post, edited bool) {
	b, _ := p.revision(edited)
	a.add(CanaryText, b.text(p.Channel.Platform))
	if p.Channel.Platform == Twitter {
		a.add(CanaryText, outerText(p))
		a.add(CanaryPostID, strconv.FormatUint(p.ID, 10))
	}
	if p.media != nil {
		a.add(CanaryFileName, p.media.name)
		a.add(CanaryMedia, p.media.key)
	}
	for _, l := range b.links() {
		if len(l.path) > 12 && !slices.Contains(sitePages(), l.path) && !strings.HasPrefix(l.path, "/model/") {
			a.add(CanaryDecoy, l.path)
		}
		if p.Channel.Platform == Twitter {
			a.add(CanaryShortLink, strings.TrimPrefix(l.short, "https://"))
			a.add(CanaryShortLink, strings.TrimPrefix(l.via, "https://"))
		}
	}
}
