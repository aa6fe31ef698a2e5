package campaign

import (
	"fmt"
	"strings"
)

// cardLink writes a link to a card on a mirror that fits the time, in one of
// the forms that mean the same.
func (b *builder) cardLink(card *Card, at int64) *link {
	host := b.siteAt(at).Host
	l := &link{host: host, path: card.Path, short: b.short(), title: card.Person.Chinese + " " + card.Person.Roman}
	l.raw = b.spelling(host, card.Path)
	if b.d.chance(0.08) {
		l.via = "https://tiny.example/" + b.d.letters(7)
	}
	return l
}

// pageLink is a link to a page of a mirror that is no card.
func (b *builder) pageLink(at int64) *link {
	host := b.siteAt(at).Host
	path := pick(b.d, sitePages())
	return &link{host: host, path: path, raw: b.spelling(host, path), short: b.short()}
}

// spelling writes host and path in a form whose canonical form they are.
func (b *builder) spelling(host, path string) string {
	switch form := b.d.fraction(); {
	case form < 0.68:
		return "https://" + host + path
	case form < 0.78:
		return "http://" + host + path
	case form < 0.86:
		return "https://www." + host + path
	case form < 0.90:
		return "https://m." + host + path
	case form < 0.94:
		return "https://" + host + path + "?utm_source=share&utm_medium=tg"
	case form < 0.96:
		return "https://" + host + path + "?fbclid=IwAR" + b.d.letters(20)
	case form < 0.98:
		return "https://" + host + path + "#top"
	default:
		return "https://" + strings.ToUpper(host[:1]) + host[1:] + path
	}
}

// decoy is a link that has nothing to do with the family: news, videos, and
// channels and posts of both platforms.
func (b *builder) decoy(at int64) *link {
	l := &link{short: b.short()}
	switch b.d.below(8) {
	case 0, 1, 2:
		l.host, l.path = "news.example", fmt.Sprintf("/local/tides-%d", b.d.between(1000, 9999))
	case 3:
		l.host, l.path = "video.example", "/watch?v="+b.d.letters(11)
	case 4:
		l.host, l.path = "tides-daily.example", fmt.Sprintf("/table/2020/%02d/%02d", b.d.between(1, 12), b.d.between(1, 28))
	case 5: // a site whose name only resembles the family's
		l.host, l.path = "harbourmaster.example", fmt.Sprintf("/leaks/berth-%d.html", b.d.between(100, 999))
	case 6:
		l.host, l.path = "t.me", b.telegramPath(at)
	default:
		l.host, l.path = b.twitterLink(at)
	}
	l.raw = "https://" + l.host + l.path
	return l
}

func (b *builder) telegramPath(int64) string {
	name := "/" + pick(b.d, b.c.channels).Name
	if b.d.chance(0.5) {
		return name
	}
	return fmt.Sprintf("%s/%d", name, b.d.between(2, 900))
}

// twitterLink points to a post that may or may not be in an archive.
func (b *builder) twitterLink(at int64) (host, path string) {
	host = "twitter.com"
	if b.d.chance(0.3) {
		host = "x.com"
	}
	return host, fmt.Sprintf("/%s/status/%d", pick(b.d, b.c.accounts).Name, snowflake(at-b.d.below64(30*day), 7))
}

// short invents a t.co form.
func (b *builder) short() string { return "https://t.co/" + b.d.letters(10) }

// snowflake is a Twitter id of the given second.
func snowflake(at int64, sequence uint64) uint64 {
	const epoch = 1288834974657
	return uint64(at*1000-epoch)<<22 | sequence
}
