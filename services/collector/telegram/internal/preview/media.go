package preview

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// mediaKind returns the kind of a file that an element of this class shows.
func mediaKind(n *html.Node, class string) (kind doxtrailv1.MediaKind, ok bool) {
	switch class {
	case "tgme_widget_message_photo_wrap":
		return doxtrailv1.MediaKind_MEDIA_KIND_PHOTO, true
	case "tgme_widget_message_video_player":
		return filmKind(n), true
	case "tgme_widget_message_roundvideo_player":
		return doxtrailv1.MediaKind_MEDIA_KIND_VIDEO, true
	case "tgme_widget_message_voice_player", "tgme_widget_message_audio_player":
		return doxtrailv1.MediaKind_MEDIA_KIND_AUDIO, true
	case "tgme_widget_message_document_wrap":
		if icon := first(n, "tgme_widget_message_document_icon"); icon != nil && hasClass(icon, "audio") {
			return doxtrailv1.MediaKind_MEDIA_KIND_AUDIO, true
		}
		return doxtrailv1.MediaKind_MEDIA_KIND_DOCUMENT, true
	case "tgme_widget_message_sticker_wrap", "tgme_widget_message_sticker", "tgme_widget_message_tgsticker_wrap", "tgme_widget_message_tgsticker",
		"tgme_widget_message_videosticker_wrap", "tgme_widget_message_videosticker":
		return doxtrailv1.MediaKind_MEDIA_KIND_STICKER, true
	case "tgme_widget_message_poll":
		return doxtrailv1.MediaKind_MEDIA_KIND_POLL, true
	}
	return 0, false
}

// filmKind tells an animation from a film: it runs again and again.
func filmKind(n *html.Node) doxtrailv1.MediaKind {
	kind := doxtrailv1.MediaKind_MEDIA_KIND_VIDEO
	walk(n, func(child *html.Node) bool {
		if child.DataAtom == atom.Video && hasAttr(child, "loop") {
			kind = doxtrailv1.MediaKind_MEDIA_KIND_ANIMATION
		}
		return true
	})
	return kind
}

// addMedia adds a file. In an album it has a number of its own, which stands
// nowhere but in its address.
func (m *message) addMedia(n *html.Node, kind doxtrailv1.MediaKind) {
	if len(m.media) < maxMedia {
		m.media = append(m.media, kind)
	}
	u, err := url.Parse(attr(n, "href"))
	if err != nil || !u.Query().Has("single") || len(m.ids) > maxItems {
		return
	}
	name, no, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	if id, ok := postNumber(no); ok && strings.EqualFold(name, m.name) {
		m.ids = append(m.ids, id)
	}
}
