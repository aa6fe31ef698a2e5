package archive

import doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"

// fillMedia keeps kinds and sizes, also of files that the export left out.
func (t *telegram) fillMedia() {
	m, d := &t.message, &t.draft
	if m.photo {
		d.addMedia(media{kind: doxtrailv1.MediaKind_MEDIA_KIND_PHOTO, size: m.photoSize})
	}
	if m.file || len(m.mediaType) > 0 {
		d.addMedia(media{kind: mediaKind(m.mediaType), size: m.fileSize})
	}
	if m.poll {
		d.addMedia(media{kind: doxtrailv1.MediaKind_MEDIA_KIND_POLL})
	}
	if m.contact {
		d.names++
		d.phones++
	}
}

func mediaKind(name []byte) doxtrailv1.MediaKind {
	switch string(name) {
	case "sticker":
		return doxtrailv1.MediaKind_MEDIA_KIND_STICKER
	case "animation":
		return doxtrailv1.MediaKind_MEDIA_KIND_ANIMATION
	case "video_file", "video_message":
		return doxtrailv1.MediaKind_MEDIA_KIND_VIDEO
	case "audio_file", "voice_message":
		return doxtrailv1.MediaKind_MEDIA_KIND_AUDIO
	default:
		return doxtrailv1.MediaKind_MEDIA_KIND_DOCUMENT
	}
}
