package telegram

import (
	"bytes"
	"context"
	"errors"
	"image/jpeg"
	"image/png"
	"time"

	"github.com/gotd/td/telegram/downloader"
	"github.com/gotd/td/tg"
	"github.com/gotd/td/tgerr"

	"github.com/doxtrail/doxtrail/pkg/fingerprint"
	"github.com/doxtrail/doxtrail/pkg/patience"
	"github.com/doxtrail/doxtrail/pkg/throttle"
	"github.com/doxtrail/doxtrail/services/collector/telegram/internal/message"
)

const (
	// fetchLimit bounds one try to fetch a picture, fetchTries how many there are
	// while Telegram is in trouble.
	fetchLimit = 5 * time.Minute
	fetchTries = 3
	// pixelLimit bounds what is decoded. Telegram's own photos have at most 2560
	// pixels a side; in memory a pixel takes some twelve bytes while it is decoded.
	pixelLimit = 8 << 20
)

// pictureResult is a word for metrics: what became of a picture.
type pictureResult string

const (
	pictureHashed pictureResult = "hashed"
	// pictureFlat has no light and dark parts: its hash would say nothing.
	pictureFlat pictureResult = "flat"
	// pictureLarge has more bytes or pixels than may be.
	pictureLarge pictureResult = "too_large"
	// pictureMismatch is not what Telegram said: in size, or by the hashes of its
	// parts.
	pictureMismatch pictureResult = "mismatch"
	// pictureUnreadable is no picture, or a damaged one.
	pictureUnreadable pictureResult = "unreadable"
	// pictureGone is not in its post any more.
	pictureGone pictureResult = "gone"
	// pictureRedirected would have to be had from a CDN, which is not asked.
	pictureRedirected pictureResult = "redirected"
	// pictureRefused is one that Telegram does not give, for another reason.
	pictureRefused pictureResult = "refused"
	// pictureBudget came when the day's bytes were spent.
	pictureBudget pictureResult = "budget"
	// pictureFull came when too many waited already.
	pictureFull pictureResult = "full"
	// pictureUnfollowed is of a channel that is not followed any more.
	pictureUnfollowed pictureResult = "unfollowed"
	// pictureFailed was tried again and again while there was trouble.
	pictureFailed pictureResult = "failed"
)

// final says whether another download would end the same way.
func (r pictureResult) final() bool {
	switch r {
	case pictureHashed, pictureFlat, pictureLarge, pictureMismatch, pictureUnreadable, pictureRedirected, pictureRefused:
		return true
	default:
		return false
	}
}

// errMismatch says that a picture has another size than Telegram told.
var errMismatch = errors.New("download a picture: it is not of the size that was told")

// fetch downloads one picture and hashes it. A reference that has expired is
// renewed once, by reading the message again.
func (p *pictures) fetch(ctx context.Context, ch *channel, picture message.Picture) (hash [8]byte, result pictureResult) {
	limit := p.account.cfg.Media.MaxBytes
	switch {
	case picture.Size > limit || picture.Pixels > pixelLimit:
		return hash, pictureLarge
	case picture.Size <= 0:
		return hash, pictureMismatch
	}
	renewed := false
	for try := 1; ; try++ {
		if p.rest(ctx) != nil {
			return hash, pictureFailed
		}
		if !p.account.follows(ch) {
			return hash, pictureUnfollowed
		}
		enough, err := p.budget.spend(ctx, picture.Size, time.Now())
		if err == nil && !enough {
			return hash, pictureBudget
		}
		if err == nil {
			hash, result, err = p.load(ctx, picture)
		}
		switch {
		case err == nil:
			return hash, result
		case expired(err) && !renewed:
			renewed = true
			if picture, result = p.renew(ctx, ch, picture); result != "" {
				return hash, result
			}
			try = 0
		case try == fetchTries || resultOf(err) != pictureFailed || faultOf(err) != faultTransient:
			return hash, resultOf(err)
		case patience.Sleep(ctx, p.account.cfg.pauses.retryLimit) != nil:
			return hash, pictureFailed
		}
	}
}

// rest waits while a method that a download needs is held back, by Telegram's word
// or by the day's number of calls: so no part of a picture is in memory meanwhile.
func (p *pictures) rest(ctx context.Context) error {
	for {
		left := time.Duration(0)
		for _, w := range p.turns.Waits() {
			switch w.Method {
			case "upload.getFile", "upload.getFileHashes", "auth.exportAuthorization":
				if w.Reason != throttle.Rate {
					left = max(left, time.Until(w.Until))
				}
			}
		}
		if left <= 0 {
			return ctx.Err()
		}
		if err := patience.Sleep(ctx, min(left, time.Minute)); err != nil {
			return err
		}
	}
}

// load downloads a picture into memory, hashes it and overwrites the memory.
func (p *pictures) load(ctx context.Context, picture message.Picture) (hash [8]byte, result pictureResult, err error) {
	ctx, cancel := context.WithTimeout(ctx, fetchLimit)
	defer cancel()
	content := &buffer{bytes: make([]byte, 0, picture.Size)}
	defer func() { clear(content.bytes[:cap(content.bytes)]) }()
	err = p.stream(ctx, picture.Location, content)
	p.account.metrics.pictureBytes.Add(float64(len(content.bytes)))
	if err != nil {
		return hash, "", err
	}
	if len(content.bytes) == 0 || len(content.bytes) != cap(content.bytes) {
		return hash, "", errMismatch
	}
	hash, result = hashOf(content.bytes)
	return hash, result, nil
}

// stream downloads a file, with the hashes of its parts where Telegram has any: of
// a file without, gotd gives nothing and no error.
func (p *pictures) stream(ctx context.Context, at tg.InputFileLocationClass, content *buffer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	download := func(verified bool) error {
		// gotd would try for as long as ctx lasts, without a pause.
		giveUp := func(downloader.RetryEvent) { cancel() }
		_, err := p.account.client.Download(at).WithVerify(verified).WithRetryHandler(giveUp).Stream(ctx, content)
		return err
	}
	err := download(true)
	if err == nil && len(content.bytes) == 0 {
		err = download(false)
	}
	return err
}

// buffer takes as many bytes as it has room for, and never moves them.
type buffer struct{ bytes []byte }

// Write implements io.Writer.
func (b *buffer) Write(part []byte) (int, error) {
	if len(part) > cap(b.bytes)-len(b.bytes) {
		return 0, errMismatch
	}
	b.bytes = append(b.bytes, part...)
	return len(part), nil
}

// renew reads the message of a picture again, for a reference that is good; or says
// what became of the picture.
func (p *pictures) renew(ctx context.Context, ch *channel, picture message.Picture) (message.Picture, pictureResult) {
	list, err := ch.messages(ctx, []int{picture.Post})
	if err != nil {
		return picture, pictureFailed
	}
	for _, m := range list {
		if m, ok := m.(*tg.Message); ok {
			for _, fresh := range message.Pictures([]*tg.Message{m}) {
				if fresh.MediaID == picture.MediaID && fresh.Size == picture.Size {
					return fresh, ""
				}
			}
		}
	}
	return picture, pictureGone
}

// expired says whether a file has to be asked for with another reference.
func expired(err error) bool {
	var rpc *tgerr.Error
	return errors.As(err, &rpc) && rpc.IsOneOf("FILE_REFERENCE_EXPIRED", "FILE_REFERENCE_INVALID", "FILE_REFERENCE_EMPTY", "FILEREF_UPGRADE_NEEDED")
}

// resultOf is the result of what no further try mends.
func resultOf(err error) pictureResult {
	var rpc *tgerr.Error
	var redirect *downloader.RedirectError
	switch {
	case errors.Is(err, errMismatch), errors.Is(err, downloader.ErrHashMismatch):
		return pictureMismatch
	case errors.As(err, &redirect):
		return pictureRedirected
	case errors.As(err, &rpc) && faultOf(err) == faultRequest:
		return pictureRefused
	default:
		return pictureFailed
	}
}

// hashOf hashes a JPEG or PNG; the stored pixels count.
func hashOf(content []byte) (hash [8]byte, result pictureResult) {
	read, size := jpeg.Decode, jpeg.DecodeConfig
	if bytes.HasPrefix(content, []byte("\x89PNG")) {
		read, size = png.Decode, png.DecodeConfig
	}
	told, err := size(bytes.NewReader(content))
	if err != nil {
		return hash, pictureUnreadable
	}
	if int64(told.Width)*int64(told.Height) > pixelLimit {
		return hash, pictureLarge
	}
	img, err := read(bytes.NewReader(content))
	if err != nil {
		return hash, pictureUnreadable
	}
	if hash = fingerprint.Difference(img); hash == [8]byte{} {
		return hash, pictureFlat
	}
	return hash, pictureHashed
}
