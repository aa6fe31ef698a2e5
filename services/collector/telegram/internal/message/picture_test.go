package message

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gotd/td/tg"
)

func TestTheLargestFormOfAPictureIsAskedFor(t *testing.T) {
	reference := []byte{1, 2}
	photo := func(sizes ...tg.PhotoSizeClass) tg.MessageMediaClass {
		return &tg.MessageMediaPhoto{Photo: &tg.Photo{ID: 7, AccessHash: 8, FileReference: reference, Sizes: sizes}}
	}
	document := func(mime string, attributes ...tg.DocumentAttributeClass) tg.MessageMediaClass {
		return &tg.MessageMediaDocument{Document: &tg.Document{ID: 7, AccessHash: 8, FileReference: reference, MimeType: mime, Size: 900, Attributes: attributes}}
	}
	ofPhoto := func(form string, pixels, size int64) []Picture {
		at := &tg.InputPhotoFileLocation{ID: 7, AccessHash: 8, FileReference: reference, ThumbSize: form}
		return []Picture{{MediaID: "7", Post: 3, Location: at, Pixels: pixels, Size: size}}
	}
	ofDocument := func(pixels int64) []Picture {
		at := &tg.InputDocumentFileLocation{ID: 7, AccessHash: 8, FileReference: reference}
		return []Picture{{MediaID: "7", Post: 3, Location: at, Pixels: pixels, Size: 900}}
	}
	small, large := &tg.PhotoSize{Type: "m", W: 320, H: 240, Size: 9_000}, &tg.PhotoSize{Type: "y", W: 1280, H: 960, Size: 90}
	steps := &tg.PhotoSizeProgressive{Type: "w", W: 2560, H: 1920, Sizes: []int{10, 500, 400}}
	for name, tc := range map[string]struct {
		media tg.MessageMediaClass
		want  []Picture
	}{
		"the largest is listed last":     {photo(small, large), ofPhoto("y", 1280*960, 90)},
		"the largest is listed first":    {photo(large, small), ofPhoto("y", 1280*960, 90)},
		"one that loads in steps":        {photo(small, steps, large), ofPhoto("w", 2560*1920, 500)},
		"claims beyond 32 bits":          {photo(&tg.PhotoSize{Type: "y", W: 1 << 30, H: 1 << 30, Size: 1}), ofPhoto("y", 1<<60, 1)},
		"without sides":                  {photo(&tg.PhotoSize{Type: "y", Size: 1}), ofPhoto("y", 0, 1)},
		"inline forms alone":             {photo(&tg.PhotoStrippedSize{Type: "i"}, &tg.PhotoPathSize{Type: "j"}, &tg.PhotoCachedSize{Type: "s", W: 90, H: 90}), nil},
		"a photo that is no more":        {&tg.MessageMediaPhoto{Photo: &tg.PhotoEmpty{ID: 7}}, nil},
		"no photo":                       {&tg.MessageMediaPhoto{}, nil},
		"one that destroys itself":       {&tg.MessageMediaPhoto{Photo: &tg.Photo{ID: 7, Sizes: []tg.PhotoSizeClass{large}}, TTLSeconds: 10}, nil},
		"a picture as a file":            {document("image/png", &tg.DocumentAttributeImageSize{W: 20, H: 30}), ofDocument(600)},
		"a file that does not say sides": {document("image/jpeg"), ofDocument(0)},
		"another file":                   {document("application/pdf"), nil},
		"a sticker":                      {document("image/png", &tg.DocumentAttributeSticker{Stickerset: &tg.InputStickerSetEmpty{}}), nil},
		"no file":                        {&tg.MessageMediaDocument{}, nil},
		"text alone":                     {nil, nil},
		"what a preview shows":           {&tg.MessageMediaWebPage{Webpage: &tg.WebPage{Photo: &tg.Photo{ID: 7, Sizes: []tg.PhotoSizeClass{large}}}}, nil},
	} {
		if diff := cmp.Diff(tc.want, Pictures([]*tg.Message{{ID: 3, Media: tc.media}})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestAPictureHasTheIdOfTheRawPost(t *testing.T) {
	items := []*tg.Message{
		{ID: 3, Media: &tg.MessageMediaPhoto{Photo: &tg.Photo{ID: 11, Sizes: []tg.PhotoSizeClass{&tg.PhotoSize{Type: "y", W: 1, H: 1}}}}},
		{ID: 4, Media: &tg.MessageMediaDocument{Document: &tg.Document{ID: 12, MimeType: "image/png"}}},
	}
	media, pictures := Post(Channel{ID: 1}, items, readAt()).GetMedia(), Pictures(items)
	if len(media) != 2 || len(pictures) != 2 {
		t.Fatalf("%d files and %d pictures, want 2 each", len(media), len(pictures))
	}
	for i, p := range pictures {
		if p.MediaID != media[i].GetMediaId() || p.Post != items[i].ID {
			t.Errorf("picture %d has the id %s of post %d, the raw post says %s", i, p.MediaID, p.Post, media[i].GetMediaId())
		}
	}
}
