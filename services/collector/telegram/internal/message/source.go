package message

import (
	"strings"

	"github.com/gotd/td/tg"

	"github.com/doxtrail/doxtrail/pkg/cardlink"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// SourceKind is how a channel came to be named.
type SourceKind int

const (
	// SourceForward is the origin of a forward.
	SourceForward SourceKind = iota + 1
	// SourceLink is where a link leads.
	SourceLink
	// SourceLinked is a channel that another is linked with. Messages do not say
	// it: the caller reads it from the channel's full description.
	SourceLinked
)

// Source is a channel that a message names. It is proposed to a person, who looks
// at it and approves it or not.
type Source struct {
	// ID is the bare id; 0 where only the handle is known.
	ID int64
	// Name is the handle in lower case and without @, empty where only the id is
	// known.
	Name string
	Why  SourceKind
}

// Is says whether the source is the channel: its own id or, however it is spelled,
// its own handle.
func (s Source) Is(channel Channel) bool {
	return s.ID != 0 && s.ID == channel.ID || s.Name != "" && strings.EqualFold(s.Name, channel.Username)
}

// maxSources bounds the sources of one post.
const maxSources = 64

// Sources gives the channels that the items of one post name, each once for each
// reason: the origins of forwards, then links.
//
// A bare t.me/name may be a person's, and in a doxxing post often is the
// victim's. So a link counts only where it leads to one post or to the preview of
// posts in a browser: only channels and groups have these. Invitations and links
// to private channels do not count. A message does not tell its own channel's
// handle, so the caller leaves out what [Source.Is] its own.
func Sources(items []*tg.Message) []Source {
	var named sources
	for _, m := range items {
		named.forward(m)
	}
	d := draft{counts: unknown()}
	d.read(items)
	finder := cardlink.New()
	found := finder.Text(nil, d.text())
	for _, l := range d.links {
		found = finder.Marked(found, l.GetUrl(), l.GetSource(), l.GetExpandedBy())
	}
	for i := range found {
		named.link(&found[i])
	}
	return named
}

type sources []Source

func (s *sources) forward(m *tg.Message) {
	from, ok := m.FwdFrom.FromID.(*tg.PeerChannel)
	if !ok || from.ChannelID <= 0 {
		return
	}
	if here, ok := m.PeerID.(*tg.PeerChannel); ok && here.ChannelID == from.ChannelID {
		return
	}
	s.add(Source{ID: from.ChannelID, Why: SourceForward})
}

func (s *sources) link(link *cardlink.Link) {
	ref, ok := link.Post()
	if !ok || ref.Platform != doxtrailv1.Platform_PLATFORM_TELEGRAM || ref.ChannelName == "" {
		return
	}
	// Behind a host of its own (name.t.me) s leads to a story, which persons have.
	inBrowser := link.Host == link.Site && strings.HasPrefix(link.Path, "/s/")
	if ref.PostID != "" || inBrowser {
		s.add(Source{Name: strings.ToLower(ref.ChannelName), Why: SourceLink})
	}
}

func (s *sources) add(source Source) {
	for _, known := range *s {
		if known == source {
			return
		}
	}
	if len(*s) < maxSources {
		*s = append(*s, source)
	}
}
