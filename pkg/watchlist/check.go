package watchlist

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/doxtrail/doxtrail/pkg/cardlink"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// maxLabel is the length of the longest label.
const maxLabel = 64

// check collects the faults of a list.
type check struct {
	faults []error
	// Where each thing that may stand once stands.
	families, channels, sites, identities map[string]string
}

// Validate returns all faults of the list joined, each with its key path, or
// nil. No fault repeats a value.
func (l *List) Validate() error {
	c := check{
		families: map[string]string{}, channels: map[string]string{},
		sites: map[string]string{}, identities: map[string]string{},
	}
	for i, f := range l.Families {
		c.family(fmt.Sprintf("families[%d]", i), f)
	}
	c.notEmpty("signals.bounty", l.Signals.Bounty)
	c.notEmpty("signals.call_to_action", l.Signals.CallToAction)
	c.short("signals.bounty", l.Signals.Bounty)
	c.short("signals.call_to_action", l.Signals.CallToAction)
	for i, channel := range l.Channels {
		c.channel(fmt.Sprintf("channels[%d]", i), channel)
	}
	return errors.Join(c.faults...)
}

func (c *check) fault(path, text string) {
	c.faults = append(c.faults, fmt.Errorf("%s: %s", path, text))
}

// once reports a value that stands elsewhere already.
func (c *check) once(seen map[string]string, value, path string) {
	if first, ok := seen[value]; ok {
		c.fault(path, "stands at "+first+" already")
		return
	}
	seen[value] = path
}

func (c *check) label(seen map[string]string, label, path string) {
	if !ValidLabel(label) {
		c.fault(path, fmt.Sprintf("must be 1 to %d letters, digits and hyphens", maxLabel))
		return
	}
	c.once(seen, label, path)
}

func (c *check) family(path string, f Family) {
	c.label(c.families, f.Label, path+".label")
	if len(f.Sites) == 0 {
		c.fault(path+".sites", "names no site")
	}
	for i, site := range f.Sites {
		at := fmt.Sprintf("%s.sites[%d]", path, i)
		canonical, err := canonicalSite(site)
		if err != nil {
			c.fault(at, err.Error())
			continue
		}
		c.once(c.sites, canonical.Host, at)
	}
	for i, page := range f.Pages {
		if _, err := canonicalPage(page); err != nil {
			c.fault(fmt.Sprintf("%s.pages[%d]", path, i), err.Error())
		}
	}
	c.notEmpty(path+".patterns", f.Patterns)
	c.notEmpty(path+".terms", f.Terms)
}

func (c *check) notEmpty(path string, values []string) {
	for i, value := range values {
		if strings.TrimSpace(value) == "" {
			c.fault(fmt.Sprintf("%s[%d]", path, i), "is empty")
		}
	}
}

// short reports terms that would mark nearly every post, or are no terms.
func (c *check) short(path string, terms []string) {
	if len(terms) > maxSignals {
		c.fault(path, fmt.Sprintf("has more than %d terms", maxSignals))
	}
	for i, term := range terms {
		if n := len(strings.TrimSpace(term)); n > 0 && (n < minSignal || n > maxSignal) {
			c.fault(fmt.Sprintf("%s[%d]", path, i), fmt.Sprintf("must have %d to %d bytes: two Chinese characters, or four letters", minSignal, maxSignal))
		}
	}
}

func (c *check) channel(path string, channel Channel) {
	c.label(c.channels, channel.Label, path+".label")
	if platformOf(channel.Platform) == doxtrailv1.Platform_PLATFORM_UNSPECIFIED {
		c.fault(path+".platform", "is none of "+strings.Join(platforms(), ", "))
	}
	if channel.ID == "" && channel.Name == "" {
		c.fault(path, "needs an id or a name")
		return
	}
	named := canonicalChannel(channel)
	if channel.ID != "" && !validID(channel) {
		c.fault(path+".id", "must be digits only, for telegram without the leading -100")
	}
	if channel.Name != "" && !validName(named.Name) {
		c.fault(path+".name", "is no handle: write it without address and spaces")
	}
	c.channelOnce(named, path)
}

// channelOnce reports a channel of which the id or the handle stands elsewhere
// already.
func (c *check) channelOnce(named Channel, path string) {
	for _, identity := range named.identities() {
		if first, ok := c.identities[identity]; ok {
			c.fault(path, "stands at "+first+" already")
			return
		}
	}
	for _, identity := range named.identities() {
		c.identities[identity] = path
	}
}

// ValidLabel says whether a text has the form of a label: 1 to 64 letters, digits
// and hyphens. Whether it is neutral no program can tell.
func ValidLabel(s string) bool {
	return s != "" && len(s) <= maxLabel && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-'
	})
}

// validID knows the platforms whose ids are numbers. A Telegram id with the
// prefix of the Bot API would give another key than the channel's posts have.
func validID(c Channel) bool {
	switch platformOf(c.Platform) {
	case doxtrailv1.Platform_PLATFORM_TELEGRAM, doxtrailv1.Platform_PLATFORM_TWITTER:
		return strings.Trim(c.ID, "0123456789") == ""
	}
	return strings.TrimSpace(c.ID) == c.ID
}

func validName(name string) bool { return name != "" && !strings.ContainsAny(name, "/:@?# \t\n") }

// canonicalChannel gives a channel with its handle as keys are made from it.
func canonicalChannel(c Channel) Channel {
	c.Name = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(c.Name), "@"))
	return c
}

// identity says which channel this is, whatever its label: by its id, which never
// changes, or by its handle where no id is known.
func (c Channel) identity() string { return c.identities()[0] }

// identities are all that tells a canonical channel from others: its id, its
// handle, or both.
func (c Channel) identities() []string {
	byID, byName := c.Platform+"\x00"+c.ID+"\x00", c.Platform+"\x00\x00"+c.Name
	switch {
	case c.ID == "":
		return []string{byName}
	case c.Name == "":
		return []string{byID}
	}
	return []string{byID, byName}
}

// Same says whether two entries mean one channel: by their ids, or by their
// handles where one of the ids is not known. Handles change hands, so two ids that
// differ are two channels.
func (c Channel) Same(other Channel) bool {
	c, other = canonicalChannel(c), canonicalChannel(other)
	if c.Platform != other.Platform {
		return false
	}
	if c.ID != "" && other.ID != "" {
		return c.ID == other.ID
	}
	return c.Name != "" && c.Name == other.Name
}

var (
	errNoHost = errors.New("is no host: write it like harbour-leaks.example, without scheme, port and path")
	errSuffix = errors.New("is a public suffix: name the sites below it")
	errNoPath = errors.New("is no path: it starts with /")
)

// canonicalSite gives a site as links are compared with it.
func canonicalSite(s string) (EffectiveSite, error) {
	if strings.ContainsAny(s, "/:?#@%\\ \t\r\n") {
		return EffectiveSite{}, errNoHost
	}
	link, err := cardlink.Canonicalise("http://" + s)
	if err != nil || link.Path != "/" || !strings.Contains(link.Host, ".") {
		return EffectiveSite{}, errNoHost
	}
	if suffix, icann := publicsuffix.PublicSuffix(link.Host); icann && suffix == link.Host {
		return EffectiveSite{}, errSuffix
	}
	return EffectiveSite{Host: link.Host, Whole: link.Host == link.Site}, nil
}

// canonicalPage gives a path as links have it.
func canonicalPage(page string) (string, error) {
	if !strings.HasPrefix(page, "/") {
		return "", errNoPath
	}
	link, err := cardlink.Canonicalise("http://page.invalid" + page)
	if err != nil {
		return "", errNoPath
	}
	return link.Path, nil
}

// platformOf reads a platform's word, as subjects have it.
func platformOf(word string) doxtrailv1.Platform {
	if word != strings.ToLower(word) {
		return doxtrailv1.Platform_PLATFORM_UNSPECIFIED
	}
	return doxtrailv1.Platform(doxtrailv1.Platform_value["PLATFORM_"+strings.ToUpper(word)])
}

// platforms lists the words of all platforms.
func platforms() []string {
	words := make([]string, 0, len(doxtrailv1.Platform_name))
	for number, name := range doxtrailv1.Platform_name {
		if number != 0 {
			words = append(words, strings.ToLower(strings.TrimPrefix(name, "PLATFORM_")))
		}
	}
	slices.Sort(words)
	return words
}
