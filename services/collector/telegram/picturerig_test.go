package telegram

import (
	"bytes"
	"image"
	"image/jpeg"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gotd/td/tg"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/fingerprint"
	"github.com/doxtrail/doxtrail/pkg/service/servicetest"
	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
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
	return servicetest.Metric(r.t, r.deps.Registry.(*prometheus.Registry), "doxtrail_collector_telegram_pictures_total", string(result))
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
