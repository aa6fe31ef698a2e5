package main

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"strings"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/fingerprint"
	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
)

// TestADownloadedPictureIsAHashInARow follows a picture from Telegram to the row of
// its post, which was there before without it.
func TestADownloadedPictureIsAHashInARow(t *testing.T) {
	t.Parallel()
	s := newLive(t, harbours(1)...)
	s.write("doxtrail.yaml", "data: data\nkeys: keys\n"+s.settings()+"  media: {download: true}\n")
	s.mustLogin()
	stop := s.up()

	img := image.NewGray(image.Rect(0, 0, 720, 640))
	for y := range 640 {
		for x := range 720 {
			img.Pix[img.PixOffset(x, y)] = uint8((x/80*37 + y/80*91 + x/80*(y/80)*53) % 256)
		}
	}
	var content bytes.Buffer
	if err := jpeg.Encode(&content, img, nil); err != nil {
		t.Fatal(err)
	}
	decoded, err := jpeg.Decode(bytes.NewReader(content.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	hash := fingerprint.Difference(decoded)
	rows := func() string {
		text := s.must("sql", "--operator", "--format", "tsv", "SELECT arrayMap(h -> hex(h), media_picture_hashes) AS hashes FROM doxtrail.posts FINAL")
		_, lines, _ := strings.Cut(text, "\n") // the first names the column
		return strings.TrimSpace(lines)
	}
	release := s.fake.Hold("upload.getFile")
	s.channels[0].PostPlain(fake.Plain{Text: []fake.Piece{{Text: "a card"}}, Picture: content.Bytes()})
	s.eventually("the post is a row without a hash", func() bool { return rows() == "[NULL]" })
	release()
	want := fmt.Sprintf("['%X']", hash)
	s.eventually("its row, and there is but one, has the picture's hash", func() bool { return rows() == want })
	if r := stop(); r.code != exitDone {
		t.Errorf("up ended with %d:\n%s", r.code, r.stderr)
	}
}
