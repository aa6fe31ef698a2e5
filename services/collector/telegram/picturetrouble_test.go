package telegram

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/jpeg"
	"strings"
	"testing"

	"github.com/gotd/td/tg"
	"github.com/gotd/td/tgerr"

	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
)

func TestAReferenceThatExpiredIsRenewedOnce(t *testing.T) {
	r, c := downloading(t, nil)
	content, hash := painted(t, 1, 300, 200)
	release := r.fake.Hold("upload.getFileHashes")
	id := r.photo(c, fake.PhotoSpec{Bytes: content})
	r.eventually("the post comes", func() bool { return r.raw.post(c, id) != nil })
	r.fake.ExpireReferences()
	release()
	r.hashed(c, id, hash)

	calls := r.callsOf("upload.getFileHashes")
	r.fake.Fail("upload.getFileHashes", -1, tgerr.New(406, "FILEREF_UPGRADE_NEEDED"))
	r.photo(c, fake.PhotoSpec{Bytes: content})
	r.came(pictureRefused, 1)
	if n := r.callsOf("upload.getFileHashes") - calls; n != 2 {
		t.Errorf("a file with no good reference was asked for %d times, want 2", n)
	}
	r.fake.Fail("upload.getFileHashes", 0, nil)

	release = r.fake.Hold("upload.getFileHashes")
	id = r.photo(c, fake.PhotoSpec{Bytes: content})
	r.eventually("the post comes", func() bool { return r.raw.post(c, id) != nil })
	c.Delete(id)
	r.fake.ExpireReferences()
	release()
	r.came(pictureGone, 1)
}

func TestAFloodWaitHoldsUpPicturesAndNothingElse(t *testing.T) {
	r, c := downloading(t, nil)
	content, hash := painted(t, 1, 300, 200)
	r.fake.FloodWait("upload.getFile", 2)
	first := r.photo(c, fake.PhotoSpec{Bytes: content, DC: fake.SecondDC})
	if err := r.fake.WaitCalls(r.within(), "upload.getFile", 1); err != nil {
		t.Fatal(err)
	}
	r.eventually("status shows the wait", func() bool {
		report, _, err := ReadReport(r.within(), r.bus.Conn, r.deps.Key, r.cfg)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range report.Waits {
			if w.Method == "upload.getFile" && w.Reason == "flood" {
				return true
			}
		}
		return false
	})
	r.arrives(c, "while pictures wait")
	r.hashed(c, first, hash)
	r.fake.FloodWait("auth.exportAuthorization", 1)
	r.stop()
	r.start()
	r.hashed(c, r.photo(c, fake.PhotoSpec{Bytes: content, DC: fake.SecondDC}), hash)
	r.fake.Fail("upload.getFileHashes", 1, tgerr.New(420, "FLOOD_PREMIUM_WAIT_1"))
	r.hashed(c, r.photo(c, fake.PhotoSpec{Bytes: content}), hash)
	if n := r.fake.EarlyCalls(); n != 0 {
		t.Errorf("%d calls came before the wait was over", n)
	}
	r.state(StateCollecting)
}

func TestBrokenAtTheSecondDataCentreItGoesOn(t *testing.T) {
	r, c := downloading(t, nil)
	content, hash := painted(t, 1, 300, 200)
	r.fake.Fail("auth.importAuthorization", 1, tgerr.New(500, "WORKER_BUSY_TOO_LONG_RETRY"))
	release := r.fake.Hold("upload.getFile")
	id := r.photo(c, fake.PhotoSpec{Bytes: content, DC: fake.SecondDC})
	r.eventually("the post comes", func() bool { return r.raw.post(c, id) != nil })
	release()
	r.hashed(c, id, hash)

	release = r.fake.Hold("upload.getFile")
	id = r.photo(c, fake.PhotoSpec{Bytes: content, DC: fake.SecondDC})
	r.eventually("the next comes", func() bool { return r.raw.post(c, id) != nil })
	r.fake.Cut()
	release()
	r.hashed(c, id, hash)
}

func TestTroubleThatDoesNotPassEndsWithOnePicture(t *testing.T) {
	r, c := downloading(t, nil)
	content, hash := painted(t, 1, 300, 200)
	r.fake.Fail("upload.getFile", -1, tgerr.New(500, tg.ErrTimeout))
	r.photo(c, fake.PhotoSpec{Bytes: content})
	r.came(pictureFailed, 1)
	if n := r.callsOf("upload.getFile"); n != fetchTries {
		t.Errorf("%d calls for one picture, want %d", n, fetchTries)
	}
	r.fake.Fail("upload.getFile", 0, nil)
	r.hashed(c, r.photo(c, fake.PhotoSpec{Bytes: content}), hash)
}

func TestAPictureThatIsNotWhatIsToldIsCounted(t *testing.T) {
	r, c := downloading(t, func(m *MediaConfig) { m.MaxBytes = 200_000 })
	content, _ := painted(t, 1, 300, 200)
	flat := &bytes.Buffer{}
	if err := jpeg.Encode(flat, image.NewGray(image.Rect(0, 0, 40, 40)), nil); err != nil {
		t.Fatal(err)
	}
	head := []byte("IHDR\x00\x00\xea\x60\x00\x00\xea\x60\x08\x02\x00\x00\x00") // 60,000 pixels a side
	huge := binary.BigEndian.AppendUint32(append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\r"), head...), crc32.ChecksumIEEE(head))
	wanted := map[pictureResult]float64{}
	for _, tc := range []struct {
		name string
		spec fake.PhotoSpec
		want pictureResult
	}{
		{"shorter than told", fake.PhotoSpec{Bytes: content[:len(content)-1], Size: len(content)}, pictureMismatch},
		{"longer than told", fake.PhotoSpec{Bytes: content, Size: len(content) - 1}, pictureMismatch},
		{"empty", fake.PhotoSpec{Size: 5}, pictureMismatch},
		{"empty, as told", fake.PhotoSpec{}, pictureMismatch},
		{"other than its hashes", fake.PhotoSpec{Bytes: content, Falsified: true}, pictureMismatch},
		{"at a CDN", fake.PhotoSpec{Bytes: content, Redirected: true}, pictureRedirected},
		{"no picture", fake.PhotoSpec{Bytes: []byte("no picture at all")}, pictureUnreadable},
		{"half a picture", fake.PhotoSpec{Bytes: content[:len(content)/2]}, pictureUnreadable},
		{"a picture of more pixels than told", fake.PhotoSpec{Bytes: huge}, pictureLarge},
		{"said to be huge", fake.PhotoSpec{Bytes: content, Width: 1 << 30, Height: 1 << 30}, pictureLarge},
		{"said to have more bytes than may be", fake.PhotoSpec{Bytes: content, Size: 200_001}, pictureLarge},
		{"of one shade", fake.PhotoSpec{Bytes: flat.Bytes()}, pictureFlat},
	} {
		wanted[tc.want]++
		before := r.callsOf("upload.getFileHashes")
		id := r.photo(c, tc.spec)
		r.eventually(tc.name+" is counted", func() bool { return r.pictured(tc.want) == wanted[tc.want] })
		told := strings.HasPrefix(tc.name, "said to") || tc.name == "empty, as told"
		if asked := r.callsOf("upload.getFileHashes") > before; asked == told {
			t.Errorf("%s: asked for is %v", tc.name, asked)
		}
		r.eventually("the post is there", func() bool { return r.raw.post(c, id) != nil })
		if len(r.raw.hashes(c, id)) != 0 {
			t.Errorf("%s: the post has hashes %v", tc.name, r.raw.hashes(c, id))
		}
	}
	r.state(StateCollecting)
}
