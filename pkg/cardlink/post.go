package cardlink

import (
	"strings"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// PostRef names the channel or post that a link leads to. At least one of its
// strings is set; absent ones are empty.
type PostRef struct {
	Platform doxtrailv1.Platform
	// ChannelName is the name as the link spells it, without @.
	ChannelName string
	// ChannelID is the platform's own id, for Telegram without -100.
	ChannelID string
	// PostID is empty for a link to a channel.
	PostID string
}

// Post returns the channel or post of Telegram or Twitter that a link leads to,
// and false for every other link: other hosts, invitations, searches, pages
// about a platform. The name of a person's account looks like that of a
// channel.
func (l Link) Post() (PostRef, bool) {
	path, _, _ := strings.Cut(l.Path, "#")
	path, _, _ = strings.Cut(path, "?")
	segments := split(path)
	switch {
	case l.Host == "t.me" || l.Host == "telegram.me" || l.Host == "telegram.dog":
		return telegramPost(segments)
	case l.Site == "t.me":
		name := strings.TrimSuffix(l.Host, ".t.me")
		return telegramNamed(name, segments)
	case twitterHost(l.Host):
		return twitterPost(segments)
	}
	return PostRef{}, false
}

// maxSegments is how many segments of a path can mean something.
const maxSegments = 6

// split returns the first segments of a canonical path.
func split(path string) []string {
	path = strings.Trim(path, "/")
	if path == "" {
		return nil
	}
	return strings.SplitN(path, "/", maxSegments)
}

// telegramPost reads the path behind t.me.
func telegramPost(segments []string) (PostRef, bool) {
	if len(segments) == 0 {
		return PostRef{}, false
	}
	switch first := segments[0]; first {
	case "s":
		// The preview in a browser.
		if len(segments) < 2 {
			return PostRef{}, false
		}
		return telegramNamed(segments[1], segments[2:])
	case "c":
		// A private channel, by its number.
		if len(segments) < 2 || !number(segments[1]) {
			return PostRef{}, false
		}
		return telegramRef(PostRef{ChannelID: segments[1]}, segments[2:])
	default:
		return telegramNamed(strings.TrimPrefix(first, "@"), segments[1:])
	}
}

// telegramNamed reads the rest of a path behind a channel's name.
func telegramNamed(name string, segments []string) (PostRef, bool) {
	if !telegramName(name) {
		return PostRef{}, false
	}
	return telegramRef(PostRef{ChannelName: name}, segments)
}

// telegramRef adds the post: the only number of the rest, or the second, the
// first being that of the topic.
func telegramRef(ref PostRef, segments []string) (PostRef, bool) {
	ref.Platform = doxtrailv1.Platform_PLATFORM_TELEGRAM
	switch {
	case len(segments) >= 2 && number(segments[0]) && number(segments[1]):
		ref.PostID = segments[1]
	case len(segments) >= 1 && number(segments[0]):
		ref.PostID = segments[0]
	}
	return ref, true
}

// telegramName says whether a name can be that of a channel.
func telegramName(name string) bool {
	if len(name) < 4 || len(name) > 32 || !letter(name[0]) || !word(name) {
		return false
	}
	switch strings.ToLower(name) {
	case "joinchat", "addstickers", "addemoji", "addtheme", "addlist", "share", "proxy", "socks", "setlanguage",
		"confirmphone", "login", "invoice", "contact", "boost", "giftcode", "telegrampassport", "stickers", "emoji",
		"auction", "call", "message", "newbot", "nft", "premium_offer":
		return false
	}
	return true
}

// twitterHost says whether a host without its leading labels is that of
// Twitter.
func twitterHost(host string) bool { return host == "x.com" || host == "twitter.com" }

// twitterPost reads the path behind x.com.
func twitterPost(segments []string) (PostRef, bool) {
	ref := PostRef{Platform: doxtrailv1.Platform_PLATFORM_TWITTER}
	if len(segments) == 0 {
		return PostRef{}, false
	}
	name, rest := strings.TrimPrefix(segments[0], "@"), segments[1:]
	if name == "i" {
		switch {
		case len(rest) >= 3 && rest[0] == "web" && rest[1] == "status" && number(rest[2]):
			ref.PostID = rest[2]
		case len(rest) >= 2 && rest[0] == "status" && number(rest[1]):
			ref.PostID = rest[1]
		case len(rest) >= 2 && rest[0] == "user" && number(rest[1]):
			ref.ChannelID = rest[1]
		default:
			return PostRef{}, false
		}
		return ref, true
	}
	if !twitterName(name) {
		return PostRef{}, false
	}
	ref.ChannelName = name
	if len(rest) >= 2 && (rest[0] == "status" || rest[0] == "statuses") && number(rest[1]) {
		ref.PostID = rest[1]
	}
	return ref, true
}

// twitterName says whether a name can be that of an account.
func twitterName(name string) bool {
	if name == "" || len(name) > 15 || !word(name) {
		return false
	}
	switch strings.ToLower(name) {
	case "home", "search", "explore", "intent", "share", "hashtag", "settings", "notifications", "messages", "login",
		"logout", "signup", "tos", "privacy", "about", "jobs", "compose", "download", "account", "oauth",
		"who_to_follow", "widgets":
		return false
	}
	return true
}

// number says whether a segment is a number without leading zero, as ids are.
func number(s string) bool {
	if s == "" || len(s) > 20 || s[0] == '0' {
		return false
	}
	for i := range len(s) {
		if !digit(s[i]) {
			return false
		}
	}
	return true
}

// word says whether a string consists of letters, digits and underscores.
func word(s string) bool {
	for i := range len(s) {
		if !alphanumeric(s[i]) && s[i] != '_' {
			return false
		}
	}
	return true
}

// telegramAddress returns the address on t.me of one of Telegram's own links,
// given without its scheme, or nothing if it leads to no channel.
func telegramAddress(rest string) string {
	action, query, _ := strings.Cut(rest, "?")
	query, _, _ = strings.Cut(query, "#")
	value := func(name string) string {
		for rest := query; rest != ""; {
			var one string
			one, rest, _ = strings.Cut(rest, "&")
			if key, v, _ := strings.Cut(one, "="); key == name && word(v) {
				return v
			}
		}
		return ""
	}
	address := ""
	switch strings.ToLower(strings.TrimSuffix(action, "/")) {
	case "resolve":
		if address = value("domain"); address == "" {
			return ""
		}
	case "privatepost":
		if address = value("channel"); address == "" {
			return ""
		}
		address = "c/" + address
	case "join":
		// A hash can hold a hyphen too.
		_, hash, ok := strings.Cut(query, "invite=")
		if hash, _, _ = strings.Cut(hash, "&"); !ok || hash == "" {
			return ""
		}
		return "t.me/+" + hash
	default:
		return ""
	}
	if post := value("post"); number(post) {
		address += "/" + post
	}
	return "t.me/" + address
}
