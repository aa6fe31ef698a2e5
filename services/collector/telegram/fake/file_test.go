package fake

import (
	"bytes"
	"crypto/rand"
	"errors"
	"testing"

	"github.com/gotd/td/telegram/downloader"
	"github.com/gotd/td/tg"
)

// photoOf is the photo that a message of the channel shows to the client.
func (c *client) photoOf(t *testing.T, channel *Channel, id int) *tg.Photo {
	t.Helper()
	answer, err := c.api.ChannelsGetMessages(t.Context(), &tg.ChannelsGetMessagesRequest{
		Channel: input(channel), ID: []tg.InputMessageClass{&tg.InputMessageID{ID: id}},
	})
	if err != nil {
		t.Fatalf("ChannelsGetMessages: %v", err)
	}
	return answer.(*tg.MessagesChannelMessages).Messages[0].(*tg.Message).Media.(*tg.MessageMediaPhoto).Photo.(*tg.Photo)
}

// download fetches one form of a photo as gotd does, with hashes or without.
func (c *client) download(t *testing.T, photo *tg.Photo, form string, verified bool) ([]byte, error) {
	t.Helper()
	var got bytes.Buffer
	_, err := c.Download(&tg.InputPhotoFileLocation{
		ID: photo.ID, AccessHash: photo.AccessHash, FileReference: photo.FileReference, ThumbSize: form,
	}).WithVerify(verified).Stream(t.Context(), &got)
	return got.Bytes(), err
}

func noise(t *testing.T, n int) []byte {
	t.Helper()
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPhotosAreGivenInPartsFromBothDataCentres(t *testing.T) {
	s := start(t, Options{})
	channel := s.Channel(ChannelSpec{ID: 1, Username: "a"})
	c := connect(t, s, signedIn(t, s), nil)
	for name, spec := range map[string]PhotoSpec{
		"at home":               {Bytes: noise(t, 700<<10)},
		"a part exactly":        {Bytes: noise(t, hashStep)},
		"elsewhere":             {Bytes: noise(t, 300<<10), DC: SecondDC},
		"elsewhere, once more":  {Bytes: noise(t, 5), DC: SecondDC},
		"more ranges than fit":  {Bytes: noise(t, hashStep*hashLimit+1)},
		"with an inline sketch": {Bytes: noise(t, 9), Stripped: []byte{1, 2, 3}},
	} {
		id := channel.Post(tg.Message{Media: s.Photo(spec)})
		photo := c.photoOf(t, channel, id)
		for _, verified := range []bool{true, false} {
			got, err := c.download(t, photo, "y", verified)
			if err != nil || !bytes.Equal(got, spec.Bytes) {
				t.Errorf("%s, verified %v: got %d bytes of %d, %v", name, verified, len(got), len(spec.Bytes), err)
			}
		}
		if got, err := c.download(t, photo, "m", true); err != nil || !bytes.Equal(got, SmallPhoto()) {
			t.Errorf("%s, the small form: got %d bytes, %v", name, len(got), err)
		}
	}
	exported := 0
	for _, call := range s.Calls() {
		if call.Method == "auth.exportAuthorization" {
			exported++
		}
	}
	if exported != 1 {
		t.Errorf("the authorization was exported %d times, want once a client", exported)
	}
}

func TestAReferenceExpiresAndTheMessageHasANewOne(t *testing.T) {
	s := start(t, Options{})
	channel := s.Channel(ChannelSpec{ID: 1, Username: "a"})
	id := channel.Post(tg.Message{Media: s.Photo(PhotoSpec{Bytes: noise(t, 10)})})
	c := connect(t, s, signedIn(t, s), nil)
	photo := c.photoOf(t, channel, id)
	s.ExpireReferences()
	_, err := c.download(t, photo, "y", false)
	wantError(t, err, "FILE_REFERENCE_EXPIRED")
	if got, err := c.download(t, c.photoOf(t, channel, id), "y", false); err != nil || len(got) != 10 {
		t.Errorf("with the new reference: %d bytes, %v", len(got), err)
	}
}

func TestAPhotoMayNotBeWhatIsToldOfIt(t *testing.T) {
	s := start(t, Options{})
	channel := s.Channel(ChannelSpec{ID: 1, Username: "a"})
	c := connect(t, s, signedIn(t, s), nil)
	post := func(spec PhotoSpec) *tg.Photo {
		return c.photoOf(t, channel, channel.Post(tg.Message{Media: s.Photo(spec)}))
	}
	if got, err := c.download(t, post(PhotoSpec{Bytes: noise(t, 10), Unhashed: true}), "y", true); err != nil || len(got) != 0 {
		t.Errorf("without hashes gotd gives %d bytes, %v; want none and no error", len(got), err)
	}
	if _, err := c.download(t, post(PhotoSpec{Bytes: noise(t, 10), Falsified: true}), "y", true); !errors.Is(err, downloader.ErrHashMismatch) {
		t.Errorf("with wrong hashes: %v", err)
	}
	var redirect *downloader.RedirectError
	if _, err := c.download(t, post(PhotoSpec{Bytes: noise(t, 10), Redirected: true}), "y", false); !errors.As(err, &redirect) {
		t.Errorf("redirected: %v", err)
	}
	photo := post(PhotoSpec{Bytes: noise(t, 10)})
	photo.AccessHash++
	_, err := c.download(t, photo, "y", false)
	wantError(t, err, "FILE_ID_INVALID")
}
