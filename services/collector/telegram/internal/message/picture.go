package message

import (
	"github.com/gotd/td/tg"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// Picture is a picture of a message as it can be asked for: the largest form of a
// photo, or a document that is a picture.
type Picture struct {
	// MediaID is the id that the raw post names it by, Post the message's.
	MediaID string
	Post    int
	// Location is how to ask for it. Its reference expires.
	Location tg.InputFileLocationClass
	// Size is what Telegram says that it has in bytes, Pixels its width times its
	// height; 0 if that is not told.
	Size, Pixels int64
}

// Pictures lists the pictures of a post's messages that can be asked for: those
// that the messages carry themselves. What a preview or a poll shows, and what has
// to be paid for, is not asked for.
func Pictures(items []*tg.Message) (list []Picture) {
	for _, m := range items {
		var p Picture
		var ok bool
		switch media := m.Media.(type) {
		case *tg.MessageMediaPhoto:
			p, ok = photoPicture(media)
		case *tg.MessageMediaDocument:
			p, ok = documentPicture(media)
		}
		if ok {
			p.Post = m.ID
			list = append(list, p)
		}
	}
	return list
}

// photoPicture takes the form with the most pixels: forms are listed in no order.
// One that destroys itself is left alone.
func photoPicture(media *tg.MessageMediaPhoto) (p Picture, ok bool) {
	photo, ok := media.Photo.(*tg.Photo)
	if !ok || media.TTLSeconds != 0 {
		return p, false
	}
	form := ""
	for _, size := range photo.Sizes {
		var kind string
		var width, height, bytes int
		switch size := size.(type) {
		case *tg.PhotoSize:
			kind, width, height, bytes = size.Type, size.W, size.H, size.Size
		case *tg.PhotoSizeProgressive:
			kind, width, height = size.Type, size.W, size.H
			for _, n := range size.Sizes {
				bytes = max(bytes, n)
			}
		default:
			continue // it came inline, or is the outline of a sticker
		}
		if pixels := int64(width) * int64(height); form == "" || pixels > p.Pixels {
			form, p.Pixels, p.Size = kind, pixels, int64(bytes)
		}
	}
	p.MediaID = decimal(photo.ID)
	p.Location = &tg.InputPhotoFileLocation{
		ID: photo.ID, AccessHash: photo.AccessHash, FileReference: photo.FileReference, ThumbSize: form,
	}
	return p, form != ""
}

// documentPicture takes a file that was sent as such and says that it is a picture.
func documentPicture(media *tg.MessageMediaDocument) (p Picture, ok bool) {
	document, ok := media.Document.(*tg.Document)
	if !ok || media.TTLSeconds != 0 || document.MimeType != "image/jpeg" && document.MimeType != "image/png" {
		return p, false
	}
	if documentKind(document.Attributes) != doxtrailv1.MediaKind_MEDIA_KIND_DOCUMENT {
		return p, false
	}
	for _, attribute := range document.Attributes {
		if size, ok := attribute.(*tg.DocumentAttributeImageSize); ok {
			p.Pixels = int64(size.W) * int64(size.H)
		}
	}
	p.MediaID, p.Size = decimal(document.ID), document.Size
	p.Location = &tg.InputDocumentFileLocation{
		ID: document.ID, AccessHash: document.AccessHash, FileReference: document.FileReference,
	}
	return p, true
}
