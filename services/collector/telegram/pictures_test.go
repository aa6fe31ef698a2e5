package telegram

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/jpeg"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gotd/td/tg"
	"github.com/gotd/td/tgerr"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/fingerprint"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
	"github.com/doxtrail/doxtrail/services/collector/telegram/internal/message"
)

// marker stands in every picture, where no decoder looks.
const marker = "canary: the picture of Fong Ka-ming"

// painted is a JPEG of coloured areas and noise, another for each seed, and the
// hash that the picture itself has.
func painted(t *testing.T, seed uint64, width, height int) (content []byte, hash [8]byte) {
	t.Helper()
	draw := rand.New(rand.NewPCG(seed, 1))
	var levels [8][9]int
	for y := range levels {
		for x := range levels[y] {
			levels[y][x] = draw.IntN(256)
		}
	}
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			level := levels[y*8/height][x*9/width]
			copy(img.Pix[img.PixOffset(x, y):], []uint8{uint8(level), uint8(level/2 + draw.IntN(64)), uint8(255 - level), 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	decoded, err := jpeg.Decode(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	return append(b.Bytes(), marker...), fingerprint.Difference(decoded)
}

// downloading is a rig that follows a channel and downloads.
func downloading(t *testing.T, edit func(*MediaConfig)) (*rig, *fake.Channel) {
	t.Helper()
	r := newRig(t, fake.Options{})
	r.cfg.Media.Download = true
	r.patience = 5 * time.Minute // to agree on a key with another data centre is seconds of work, with -race many
	if edit != nil {
		edit(&r.cfg.Media)
	}
	c := r.harbour(0)
	r.start()
	r.channelState("harbour", channelFollowed, "")
	return r, c
}

// hashes are those of a post that were made from the pictures themselves.
func (o *raw) hashes(c *fake.Channel, id int) (list [][8]byte) {
	for _, m := range o.post(c, id).GetMedia() {
		if m.GetPictureWhole() {
			list = append(list, [8]byte(m.GetPictureHash()))
		}
	}
	return list
}

// hashed waits until a post came with these hashes of its pictures.
func (r *rig) hashed(c *fake.Channel, id int, want ...[8]byte) {
	r.t.Helper()
	r.eventually("the pictures of a post are hashed", func() bool { return slices.Equal(r.raw.hashes(c, id), want) })
}

// came waits until so many pictures had a result.
func (r *rig) came(result pictureResult, n float64) {
	r.t.Helper()
	r.eventually("a picture is "+string(result), func() bool { return r.pictured(result) == n })
}

func (r *rig) pictured(result pictureResult) float64 {
	r.t.Helper()
	families, err := r.deps.Registry.(*prometheus.Registry).Gather()
	if err != nil {
		r.t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() != "doxtrail_collector_telegram_pictures_total" {
			continue
		}
		for _, m := range family.GetMetric() {
			if m.GetLabel()[0].GetValue() == string(result) {
				return m.GetCounter().GetValue()
			}
		}
	}
	return 0
}

// nowhere looks for what nobody may keep: in the log, in the buckets, in the files of
// the streams and of the session.
func (r *rig) nowhere(secrets ...string) {
	r.t.Helper()
	places := map[string]string{"the log": r.log.String()}
	for _, name := range []string{bus.BucketCursors, bus.BucketBudgets} {
		bucket, err := r.bus.Conn.Bucket(r.within(), name)
		if err != nil {
			r.t.Fatal(err)
		}
		keys, err := bucket.Keys(r.within(), "")
		if err != nil || len(keys) == 0 {
			r.t.Fatalf("%s has %d keys, %v", name, len(keys), err)
		}
		for _, key := range keys {
			value, _, err := bucket.Load(r.within(), key)
			if err != nil {
				r.t.Fatal(err)
			}
			places[name+" "+key] = string(value)
		}
	}
	for _, dir := range []string{r.bus.Dir, filepath.Dir(r.cfg.SessionFile)} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			places[path] = string(content)
			return err
		})
		if err != nil {
			r.t.Fatal(err)
		}
	}
	for place, content := range places {
		for _, secret := range secrets {
			if strings.Contains(content, secret) || strings.Contains(place, secret) {
				r.t.Errorf("%s holds a part of a picture", place)
			}
		}
	}
}

func (r *rig) photo(c *fake.Channel, spec fake.PhotoSpec) (id int) {
	return c.Post(tg.Message{Message: "a card", Media: r.fake.Photo(spec)})
}

func TestAPictureIsHashedAfterItsPostIsOnRaw(t *testing.T) {
	r, c := downloading(t, nil)
	near, nearHash := painted(t, 1, 900, 700)
	far, farHash := painted(t, 2, 300, 400)
	if len(near) <= 2*128<<10 {
		t.Fatalf("a picture of %d bytes comes in too few parts", len(near))
	}
	release := r.fake.Hold("upload.getFile")
	one := r.photo(c, fake.PhotoSpec{Bytes: near})
	album := c.PostAlbum([]tg.Message{{Media: r.fake.Photo(fake.PhotoSpec{Bytes: far, DC: fake.SecondDC})}, {Media: r.fake.Photo(fake.PhotoSpec{Bytes: near, Unhashed: true})}})
	r.eventually("the posts are on RAW, while no picture comes", func() bool {
		return r.raw.post(c, one) != nil && len(r.raw.post(c, album[0]).GetMedia()) == 2
	})
	if n := len(r.raw.hashes(c, one)) + len(r.raw.hashes(c, album[0])); n > 0 {
		t.Errorf("%d pictures were hashed before they were downloaded", n)
	}
	release()
	r.hashed(c, one, nearHash)
	r.hashed(c, album[0], farHash, nearHash)
	if text := r.raw.post(c, one).GetText(); text != "a card" {
		t.Errorf("the post that came again says %q", text)
	}
	if n := r.callsOf("auth.exportAuthorization"); n != 1 {
		t.Errorf("the account was made known elsewhere %d times, want once", n)
	}
	c.EditText(one, "edited")
	r.eventually("the edited post has the hash too", func() bool {
		return r.raw.post(c, one).GetText() == "edited" && slices.Equal(r.raw.hashes(c, one), [][8]byte{nearHash})
	})
}

func TestAPictureThatIsKnownIsNotDownloadedAgain(t *testing.T) {
	r, c := downloading(t, nil)
	content, hash := painted(t, 1, 300, 200)
	media := r.fake.Photo(fake.PhotoSpec{Bytes: content})
	r.hashed(c, c.Post(tg.Message{Media: media}), hash)
	calls := r.callsOf("upload.getFile")
	r.hashed(c, c.Post(tg.Message{Message: "the same", Media: media}), hash)
	if n := r.callsOf("upload.getFile"); n != calls {
		t.Errorf("%d more parts were downloaded", n-calls)
	}
}

func TestNothingIsDownloadedUnlessTheConfigurationSaysSo(t *testing.T) {
	r, c := followed(t)
	content, _ := painted(t, 1, 300, 200)
	id := r.photo(c, fake.PhotoSpec{Bytes: content})
	r.eventually("the post comes", func() bool { return r.raw.post(c, id) != nil })
	r.arrives(c, "and another")
	r.stop()
	for _, call := range r.fake.Calls() {
		if strings.HasPrefix(call.Method, "upload.") || call.Method == "auth.exportAuthorization" {
			t.Errorf("%s was called", call.Method)
		}
	}
	if n := len(r.raw.hashes(c, id)); n > 0 {
		t.Errorf("%d pictures are said to be hashed whole", n)
	}
}

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

func TestTroubleAtTheSecondDataCentrePasses(t *testing.T) {
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

func TestTheBytesOfADaySurviveARestart(t *testing.T) {
	content, hash := painted(t, 1, 300, 200)
	r, c := downloading(t, func(m *MediaConfig) {
		m.MaxBytes, m.MaxBytesPerDay = int64(len(content)), int64(len(content))*2-1
	})
	r.hashed(c, r.photo(c, fake.PhotoSpec{Bytes: content}), hash)
	r.photo(c, fake.PhotoSpec{Bytes: content})
	r.came(pictureBudget, 1)
	r.stop()
	calls := r.callsOf("upload.getFile")
	r.start()
	r.photo(c, fake.PhotoSpec{Bytes: content})
	r.came(pictureBudget, 1)
	if n := r.callsOf("upload.getFile"); n != calls {
		t.Errorf("%d parts were downloaded beyond the budget", n-calls)
	}
	r.cfg.Media.MaxBytesPerDay = 1 << 30
	r.stop()
	r.start()
	r.hashed(c, r.photo(c, fake.PhotoSpec{Bytes: content}), hash)
}

func TestAChannelThatIsTakenOffHasNoPicturesFetched(t *testing.T) {
	r, c := downloading(t, nil)
	content, hash := painted(t, 1, 300, 200)
	release := r.fake.Hold("upload.getFileHashes")
	r.photo(c, fake.PhotoSpec{Bytes: content})
	id := r.photo(c, fake.PhotoSpec{Bytes: content})
	r.eventually("the posts come", func() bool { return r.raw.post(c, id) != nil })
	list := r.list.Channels
	r.list.Channels = nil
	r.publish()
	r.eventually("it is not followed", func() bool { return len(r.collector.now(time.Now()).Channels) == 0 })
	release()
	r.came(pictureUnfollowed, 1)
	if n := len(r.raw.hashes(c, id)); n != 0 {
		t.Error("a post of a channel that is not followed came again")
	}
	r.list.Channels = list
	r.publish()
	r.hashed(c, r.photo(c, fake.PhotoSpec{Bytes: content}), hash)
}

func TestAPictureOfAnEditThatNobodyToldIsHashed(t *testing.T) {
	r := newRig(t, fake.Options{})
	r.cfg.Media.Download = true
	r.cfg.Repoll, r.cfg.Poll = []time.Duration{time.Second}, time.Hour
	first, firstHash := painted(t, 1, 300, 200)
	second, secondHash := painted(t, 2, 300, 200)
	c := r.harbour(0)
	id := r.photo(c, fake.PhotoSpec{Bytes: first})
	r.start()
	r.hashed(c, id, firstHash)
	c.Quiet(true)
	media := r.fake.Photo(fake.PhotoSpec{Bytes: second})
	c.Edit(id, func(m *tg.Message) { m.Media = media })
	r.hashed(c, id, secondHash)
}

func TestNoPictureIsLeftAnywhere(t *testing.T) {
	r, c := downloading(t, nil)
	content, hash := painted(t, 1, 300, 200)
	r.hashed(c, r.photo(c, fake.PhotoSpec{Bytes: content}), hash)
	r.photo(c, fake.PhotoSpec{Bytes: append([]byte("no picture: "), content...)})
	r.came(pictureUnreadable, 1)
	r.photo(c, fake.PhotoSpec{Bytes: content, Falsified: true})
	r.came(pictureMismatch, 1)
	r.stop()
	r.nowhere(marker, string(content[100:120]))
}

func TestWhatDoesNotFitIsCountedAndHistoryLeavesRoom(t *testing.T) {
	registry := prometheus.NewRegistry()
	p := &pictures{account: &account{metrics: newMetrics(registry)}, waiting: make(chan pictured, waitingLimit), settled: map[string]*[8]byte{}}
	r := &rig{t: t, deps: Deps{Registry: registry}}
	post := pictured{post: &doxtrailv1.RawPost{}, pictures: []message.Picture{{MediaID: "1"}, {MediaID: "2"}}}
	for range waitingLimit {
		p.want(post, doxtrailv1.Leg_LEG_HISTORY)
	}
	if n := len(p.waiting); n != waitingLimit/2 {
		t.Errorf("%d posts of history wait, want %d", n, waitingLimit/2)
	}
	for range waitingLimit {
		p.want(post, doxtrailv1.Leg_LEG_TAIL)
	}
	if n, full := len(p.waiting), r.pictured(pictureFull); n != waitingLimit || full != 2*waitingLimit {
		t.Errorf("%d posts wait and %v pictures were left alone, want %d and %d", n, full, waitingLimit, 2*waitingLimit)
	}
	for range waitingLimit {
		<-p.waiting
	}
	p.settle("1", nil)
	p.settle("2", nil)
	p.want(post, doxtrailv1.Leg_LEG_TAIL)
	if len(p.waiting) != 0 {
		t.Error("a post waits whose pictures have no hashes")
	}
	p.settle("2", &[8]byte{1})
	p.want(post, doxtrailv1.Leg_LEG_TAIL)
	if len(p.waiting) != 1 {
		t.Error("a post does not wait that went without a hash that is known since")
	}
	for i := range settledLimit + 5 {
		p.settle(strconv.Itoa(i), nil)
	}
	if len(p.settled) > settledLimit {
		t.Errorf("%d pictures are remembered", len(p.settled))
	}
}
