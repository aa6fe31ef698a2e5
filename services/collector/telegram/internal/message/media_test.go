package message

import (
	"bytes"
	"image"
	"image/jpeg"
	"testing"

	"github.com/gotd/td/telegram/thumbnail"
	"github.com/gotd/td/tg"

	"github.com/doxtrail/doxtrail/pkg/fingerprint"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// shades is an invented picture with light and dark parts.
func shades(width, height int) image.Image {
	picture := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			level := uint8(255 * ((x*7/width + y*5/height*3) % 4) / 3)
			copy(picture.Pix[picture.PixOffset(x, y):], []uint8{level, level, level, 255})
		}
	}
	return picture
}

// stripped gives the inline thumbnail of a picture: the two sides and what follows
// the head that all thumbnails share.
func stripped(t testing.TB, picture image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture, &jpeg.Options{Quality: 20}); err != nil {
		t.Fatal(err)
	}
	const scanHead = 14 // of a picture with three components, marker included
	at := bytes.Index(b.Bytes(), []byte{0xff, 0xda})
	scan := bytes.TrimSuffix(b.Bytes()[at+scanHead:], []byte{0xff, 0xd9})
	size := picture.Bounds().Size()
	return append([]byte{1, byte(size.Y), byte(size.X)}, scan...)
}

// post is the raw post of one message of an invented channel.
func post(t testing.TB, m *tg.Message) *doxtrailv1.RawPost {
	t.Helper()
	if m.ID == 0 {
		m.ID = 77
	}
	if m.Date == 0 {
		m.Date = posted
	}
	return Post(invented(), []*tg.Message{m}, readAt())
}

func TestAPictureIsHashedByItsInlineThumbnail(t *testing.T) {
	thumb := stripped(t, shades(40, 30))
	expanded, err := thumbnail.Expand(thumb)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := jpeg.Decode(bytes.NewReader(expanded)); err != nil {
		t.Fatalf("the test's thumbnail is none: %v", err)
	}
	sizes := []tg.PhotoSizeClass{
		&tg.PhotoStrippedSize{Type: "i", Bytes: thumb},
		&tg.PhotoSize{Type: "x", Size: 900},
		&tg.PhotoSizeProgressive{Type: "y", Sizes: []int{100, 700, 5000}},
		&tg.PhotoCachedSize{Type: "s", Bytes: make([]byte, 50)},
	}
	for name, media := range map[string]tg.MessageMediaClass{
		"photo":    &tg.MessageMediaPhoto{Photo: &tg.Photo{ID: 123456789012345678, Sizes: sizes}},
		"document": &tg.MessageMediaDocument{Document: &tg.Document{ID: 123456789012345678, Size: 5000, Thumbs: sizes}},
	} {
		t.Run(name, func(t *testing.T) {
			files := post(t, &tg.Message{Media: media}).GetMedia()
			if len(files) != 1 || files[0].GetMediaId() != "123456789012345678" || files[0].GetSizeBytes() != 5000 {
				t.Fatalf("got %v", files)
			}
			hash := [8]byte(files[0].GetPictureHash())
			if d := fingerprint.Distance(hash, fingerprint.Difference(shades(160, 120))); d > 10 {
				t.Errorf("the picture itself lies %d bits away", d)
			}
		})
	}
}

func TestThumbnailsThatShowNothingGiveNoHash(t *testing.T) {
	whole := stripped(t, shades(40, 30))
	for name, thumb := range map[string][]byte{
		"none":        nil,
		"too short":   {1, 30},
		"wrong head":  append([]byte{2}, whole[1:]...),
		"cut":         whole[:3],
		"no height":   append([]byte{1, 0, 40}, whole[3:]...),
		"no width":    append([]byte{1, 30, 0}, whole[3:]...),
		"one colour":  stripped(t, image.NewRGBA(image.Rect(0, 0, 40, 30))),
		"far too big": append(bytes.Clone(whole), make([]byte, maxThumbnail)...),
	} {
		photo := &tg.Photo{ID: 1, Sizes: []tg.PhotoSizeClass{&tg.PhotoStrippedSize{Bytes: thumb}}}
		files := post(t, &tg.Message{Media: &tg.MessageMediaPhoto{Photo: photo}}).GetMedia()
		if len(files) != 1 || files[0].HasPictureHash() {
			t.Errorf("%s: got %v", name, files)
		}
	}
}

func TestKindsOfFiles(t *testing.T) {
	document := func(attributes ...tg.DocumentAttributeClass) tg.MessageMediaClass {
		return &tg.MessageMediaDocument{Document: &tg.Document{ID: 1, Attributes: attributes}}
	}
	photo := &tg.MessageMediaPhoto{Photo: &tg.Photo{ID: 2}}
	for _, tc := range []struct {
		name  string
		media tg.MessageMediaClass
		want  []doxtrailv1.MediaKind
	}{
		{"nothing", nil, nil},
		{"photo", photo, []doxtrailv1.MediaKind{photoKind}},
		{"a photo that destroyed itself", &tg.MessageMediaPhoto{}, []doxtrailv1.MediaKind{photoKind}},
		{"file", document(&tg.DocumentAttributeFilename{FileName: "x"}), []doxtrailv1.MediaKind{documentKindOnly}},
		{"picture as file", document(&tg.DocumentAttributeImageSize{W: 1, H: 1}), []doxtrailv1.MediaKind{documentKindOnly}},
		{"video", document(&tg.DocumentAttributeVideo{}), []doxtrailv1.MediaKind{videoKind}},
		{"round video", document(&tg.DocumentAttributeVideo{RoundMessage: true}), []doxtrailv1.MediaKind{videoKind}},
		{"animation", document(&tg.DocumentAttributeVideo{}, &tg.DocumentAttributeAnimated{}), []doxtrailv1.MediaKind{animationKind}},
		{"sticker that moves", document(&tg.DocumentAttributeVideo{}, &tg.DocumentAttributeSticker{}), []doxtrailv1.MediaKind{stickerKind}},
		{"music", document(&tg.DocumentAttributeAudio{}), []doxtrailv1.MediaKind{audioKind}},
		{"voice", document(&tg.DocumentAttributeAudio{Voice: true}), []doxtrailv1.MediaKind{audioKind}},
		{"a voice message that is gone", &tg.MessageMediaDocument{Voice: true}, []doxtrailv1.MediaKind{audioKind}},
		{"a round video that is gone", &tg.MessageMediaDocument{Round: true, Video: true}, []doxtrailv1.MediaKind{videoKind}},
		{"a file that is gone", &tg.MessageMediaDocument{Document: &tg.DocumentEmpty{}}, []doxtrailv1.MediaKind{documentKindOnly}},
		{"poll", &tg.MessageMediaPoll{AttachedMedia: photo, Poll: tg.Poll{Answers: []tg.PollAnswerClass{&tg.PollAnswer{Media: photo}}}}, []doxtrailv1.MediaKind{pollKind, photoKind, photoKind}},
		{"paid", &tg.MessageMediaPaidMedia{ExtendedMedia: []tg.MessageExtendedMediaClass{
			&tg.MessageExtendedMedia{Media: photo}, &tg.MessageExtendedMediaPreview{},
		}}, []doxtrailv1.MediaKind{photoKind}},
		{"invoice", &tg.MessageMediaInvoice{ExtendedMedia: &tg.MessageExtendedMedia{Media: photo}}, []doxtrailv1.MediaKind{photoKind}},
		{"preview", &tg.MessageMediaWebPage{Webpage: &tg.WebPage{Photo: &tg.Photo{ID: 3}}}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var got []doxtrailv1.MediaKind
			for _, file := range post(t, &tg.Message{Media: tc.media}).GetMedia() {
				got = append(got, file.GetKind())
			}
			diff(t, "kinds", got, tc.want)
		})
	}
}

const (
	photoKind        = doxtrailv1.MediaKind_MEDIA_KIND_PHOTO
	videoKind        = doxtrailv1.MediaKind_MEDIA_KIND_VIDEO
	audioKind        = doxtrailv1.MediaKind_MEDIA_KIND_AUDIO
	documentKindOnly = doxtrailv1.MediaKind_MEDIA_KIND_DOCUMENT
	animationKind    = doxtrailv1.MediaKind_MEDIA_KIND_ANIMATION
	stickerKind      = doxtrailv1.MediaKind_MEDIA_KIND_STICKER
	pollKind         = doxtrailv1.MediaKind_MEDIA_KIND_POLL
)

func TestMediaThatHoldMediaWithoutEnd(t *testing.T) {
	var media tg.MessageMediaClass = &tg.MessageMediaPhoto{}
	for range 10 * maxDepth {
		media = &tg.MessageMediaPaidMedia{ExtendedMedia: []tg.MessageExtendedMediaClass{&tg.MessageExtendedMedia{Media: media}}}
	}
	got := post(t, &tg.Message{Media: media})
	if len(got.GetMedia()) != 0 || !hasFlag(got, doxtrailv1.PostFlag_POST_FLAG_TEXT_CAPPED) {
		t.Errorf("got %v", got)
	}
}
