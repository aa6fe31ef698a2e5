package telegram

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gotd/td/tg"
	"github.com/prometheus/client_golang/prometheus"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
	"github.com/doxtrail/doxtrail/services/collector/telegram/internal/message"
)

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
