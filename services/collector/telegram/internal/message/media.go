package message

import (
	"bytes"
	"image/jpeg"

	"github.com/gotd/td/telegram/thumbnail"
	"github.com/gotd/td/tg"

	"github.com/doxtrail/doxtrail/pkg/fingerprint"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// files takes the files of a message, and counts contacts and places. What a
// preview shows is no file of the post.
func (d *draft) files(media tg.MessageMediaClass, depth int) {
	if depth > maxDepth {
		d.capped = true
		return
	}
	switch media := media.(type) {
	case *tg.MessageMediaPhoto:
		d.photo(media.Photo)
	case *tg.MessageMediaDocument:
		d.document(media)
	case *tg.MessageMediaPaidMedia:
		for _, extended := range media.ExtendedMedia {
			d.extended(extended, depth)
		}
	case *tg.MessageMediaInvoice:
		d.extended(media.ExtendedMedia, depth)
	case *tg.MessageMediaPoll:
		d.addMedia(0, doxtrailv1.MediaKind_MEDIA_KIND_POLL, 0, nil)
		d.files(media.AttachedMedia, depth+1)
		for _, answer := range media.Poll.Answers {
			if answer, ok := answer.(*tg.PollAnswer); ok {
				d.files(answer.Media, depth+1)
			}
		}
	case *tg.MessageMediaContact:
		d.personal[personName]++
		d.personal[phone]++
	case *tg.MessageMediaGeo, *tg.MessageMediaGeoLive, *tg.MessageMediaVenue:
		d.personal[address]++
	}
}

// extended takes a file that has to be paid for, if it was paid or is free.
func (d *draft) extended(media tg.MessageExtendedMediaClass, depth int) {
	if media, ok := media.(*tg.MessageExtendedMedia); ok {
		d.files(media.Media, depth+1)
	}
}

// photo takes a photo. One that destroyed itself is still a photo.
func (d *draft) photo(photo tg.PhotoClass) {
	p, ok := photo.(*tg.Photo)
	if !ok {
		p = &tg.Photo{}
	}
	d.addMedia(p.ID, doxtrailv1.MediaKind_MEDIA_KIND_PHOTO, largest(p.Sizes), p.Sizes)
}

// document takes every other kind of file.
func (d *draft) document(media *tg.MessageMediaDocument) {
	document, ok := media.Document.(*tg.Document)
	if ok {
		d.addMedia(document.ID, documentKind(document.Attributes), document.Size, document.Thumbs)
		return
	}
	kind := doxtrailv1.MediaKind_MEDIA_KIND_DOCUMENT
	switch {
	case media.Voice:
		kind = doxtrailv1.MediaKind_MEDIA_KIND_AUDIO
	case media.Round, media.Video:
		kind = doxtrailv1.MediaKind_MEDIA_KIND_VIDEO
	}
	d.addMedia(0, kind, 0, nil)
}

// documentKind prefers the same attribute as Telegram Desktop where a file has
// several: a sticker may be a video, an animation always is one.
func documentKind(attributes []tg.DocumentAttributeClass) doxtrailv1.MediaKind {
	var sticker, animated, video, round, audio, voice bool
	for _, attribute := range attributes {
		switch attribute := attribute.(type) {
		case *tg.DocumentAttributeSticker, *tg.DocumentAttributeCustomEmoji:
			sticker = true
		case *tg.DocumentAttributeAnimated:
			animated = true
		case *tg.DocumentAttributeVideo:
			video, round = true, round || attribute.RoundMessage
		case *tg.DocumentAttributeAudio:
			audio, voice = true, voice || attribute.Voice
		}
	}
	switch {
	case sticker:
		return doxtrailv1.MediaKind_MEDIA_KIND_STICKER
	case round:
		return doxtrailv1.MediaKind_MEDIA_KIND_VIDEO
	case voice:
		return doxtrailv1.MediaKind_MEDIA_KIND_AUDIO
	case animated:
		return doxtrailv1.MediaKind_MEDIA_KIND_ANIMATION
	case video:
		return doxtrailv1.MediaKind_MEDIA_KIND_VIDEO
	case audio:
		return doxtrailv1.MediaKind_MEDIA_KIND_AUDIO
	default:
		return doxtrailv1.MediaKind_MEDIA_KIND_DOCUMENT
	}
}

// largest is the size in bytes of the largest form of a photo; 0 if none is told.
func largest(sizes []tg.PhotoSizeClass) int64 {
	most := 0
	for _, size := range sizes {
		switch size := size.(type) {
		case *tg.PhotoSize:
			most = max(most, size.Size)
		case *tg.PhotoCachedSize:
			most = max(most, len(size.Bytes))
		case *tg.PhotoSizeProgressive:
			for _, n := range size.Sizes {
				most = max(most, n)
			}
		}
	}
	return int64(most)
}

// addMedia adds a file, of which id and size are 0 if unknown.
func (d *draft) addMedia(id int64, kind doxtrailv1.MediaKind, size int64, thumbnails []tg.PhotoSizeClass) {
	if len(d.media) == maxMedia {
		return
	}
	media := &doxtrailv1.RawMedia{}
	if id != 0 {
		media.SetMediaId(decimal(id))
	}
	media.SetKind(kind)
	if size > 0 {
		media.SetSizeBytes(size)
	}
	if hash, ok := d.pictureHash(thumbnails); ok {
		media.SetPictureHash(hash[:])
	}
	d.media = append(d.media, media)
}

// maxThumbnail bounds an inline thumbnail; Telegram's have about one kilobyte.
const maxThumbnail = 4 << 10

// pictureHash hashes the inline thumbnail, if there is one that can be decoded
// and shows more than one shade. Its sides are single bytes of its head, so no
// thumbnail has more than 255 x 255 pixels.
func (d *draft) pictureHash(sizes []tg.PhotoSizeClass) (hash [8]byte, ok bool) {
	if !d.pictures {
		return hash, false
	}
	for _, size := range sizes {
		stripped, ok := size.(*tg.PhotoStrippedSize)
		if !ok || len(stripped.Bytes) > maxThumbnail {
			continue
		}
		expanded, err := thumbnail.Expand(stripped.Bytes)
		if err != nil {
			continue
		}
		picture, err := jpeg.Decode(bytes.NewReader(expanded))
		if err != nil {
			continue
		}
		hash = fingerprint.Difference(picture)
		return hash, hash != [8]byte{}
	}
	return hash, false
}
