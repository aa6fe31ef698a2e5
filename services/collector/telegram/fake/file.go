package fake

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/gotd/td/bin"
	"github.com/gotd/td/tg"
	"github.com/gotd/td/tgerr"
)

const (
	// SecondDC is a data centre beside the one of the account. It has files and
	// knows nobody until an authorization is brought along.
	SecondDC = 4
	// partStep is what offsets and limits of parts are multiples of, partWindow
	// what no part reaches across (https://core.telegram.org/api/files).
	partStep, partWindow = 1 << 10, 1 << 20
	// hashStep is the range that one hash of a file is over, hashLimit how many of
	// them an answer has.
	hashStep, hashLimit = 128 << 10, 10
)

// PhotoSpec is a photo and what is told of it, which need not be true.
type PhotoSpec struct {
	// Bytes are what is given of the largest form.
	Bytes []byte
	// Width, Height and Size are what the message says of it; 800, 600 and the
	// length of Bytes if 0.
	Width, Height, Size int
	// Stripped is the inline thumbnail, left out if empty.
	Stripped []byte
	// DC is where the file lies: with the account if 0, or SecondDC.
	DC int
	// Unhashed has no hashes of ranges, Falsified wrong ones.
	Unhashed, Falsified bool
	// Redirected sends whoever asks to a data centre of the CDN.
	Redirected bool
}

// file is a photo that lies at the server.
type file struct {
	PhotoSpec
	id        int64
	reference uint32 // the one that is good
}

// PhotoID is the id of the n-th photo of Photo, from 1.
func PhotoID(n int) int64 { return 5_200_000_000_000_000 + int64(n) }

// SmallPhoto is what is given of the small form of every photo, which is listed
// last.
func SmallPhoto() []byte { return []byte("this is the small form of a photo") }

// Photo keeps a photo and gives what a message shows it with. Its largest form is
// not the last one that is listed.
func (s *Server) Photo(spec PhotoSpec) *tg.MessageMediaPhoto {
	if spec.Width == 0 || spec.Height == 0 {
		spec.Width, spec.Height = 800, 600
	}
	if spec.Size == 0 {
		spec.Size = len(spec.Bytes)
	}
	if spec.DC == 0 {
		spec.DC = dc
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f := &file{PhotoSpec: spec, id: PhotoID(len(s.files) + 1), reference: 1}
	s.files[f.id] = f
	photo := &tg.Photo{ID: f.id, AccessHash: s.accessHash(f.id), FileReference: f.proof(), Date: s.unix(), DCID: f.DC}
	if len(spec.Stripped) > 0 {
		photo.Sizes = append(photo.Sizes, &tg.PhotoStrippedSize{Type: "i", Bytes: spec.Stripped})
	}
	photo.Sizes = append(photo.Sizes,
		&tg.PhotoSizeProgressive{Type: "y", W: spec.Width, H: spec.Height, Sizes: []int{spec.Size / 4, spec.Size}},
		&tg.PhotoSize{Type: "m", W: 320, H: 240, Size: len(SmallPhoto())},
	)
	media := &tg.MessageMediaPhoto{}
	media.SetPhoto(photo)
	return media
}

// proof is the reference that a file is asked for with.
func (f *file) proof() []byte { return binary.BigEndian.AppendUint32(nil, f.reference) }

// ExpireReferences lets no file be had any more with a reference that was given
// out; whoever reads a message again gets a new one.
func (s *Server) ExpireReferences() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.files {
		f.reference++
	}
	for _, c := range s.channels {
		for _, p := range c.posts {
			if m, ok := p.message.(*tg.Message); ok {
				p.message = s.renewed(m)
			}
		}
	}
}

// renewed is a message with the references that are good.
func (s *Server) renewed(m *tg.Message) *tg.Message {
	copied := own(m)
	media, ok := copied.Media.(*tg.MessageMediaPhoto)
	if !ok {
		return m
	}
	photo, ok := media.Photo.(*tg.Photo)
	if !ok || s.files[photo.ID] == nil {
		return m
	}
	photo.FileReference = s.files[photo.ID].proof()
	return copied
}

// locate finds what a location means: a file that lies here, and the bytes of the
// form that is asked for.
func (s *Server) locate(c *connection, location tg.InputFileLocationClass) (*file, []byte, error) {
	at, ok := location.(*tg.InputPhotoFileLocation)
	if !ok {
		return nil, nil, tgerr.New(400, "LOCATION_INVALID")
	}
	f := s.files[at.ID]
	switch {
	case f == nil || at.AccessHash != s.accessHash(at.ID):
		return nil, nil, tgerr.New(400, "FILE_ID_INVALID")
	case f.DC != c.dc:
		return nil, nil, tgerr.New(303, fmt.Sprintf("FILE_MIGRATE_%d", f.DC))
	case string(at.FileReference) != string(f.proof()):
		return nil, nil, tgerr.New(400, "FILE_REFERENCE_EXPIRED")
	case at.ThumbSize == "m":
		return f, SmallPhoto(), nil
	case at.ThumbSize == "y":
		return f, f.Bytes, nil
	}
	return nil, nil, tgerr.New(400, "LOCATION_INVALID")
}

func (s *Server) getFile(c *connection, r *tg.UploadGetFileRequest) (bin.Encoder, error) {
	f, content, err := s.locate(c, r.Location)
	if err != nil {
		return nil, err
	}
	if r.Offset < 0 || r.Offset%partStep != 0 {
		return nil, tgerr.New(400, "OFFSET_INVALID")
	}
	if r.Limit <= 0 || r.Limit%partStep != 0 || r.Offset/partWindow != (r.Offset+int64(r.Limit)-1)/partWindow {
		return nil, tgerr.New(400, "LIMIT_INVALID")
	}
	if f.Redirected {
		return &tg.UploadFileCDNRedirect{DCID: 203, FileToken: random(16), EncryptionKey: random(32), EncryptionIv: random(16)}, nil
	}
	from := min(r.Offset, int64(len(content)))
	to := min(from+int64(r.Limit), int64(len(content)))
	return &tg.UploadFile{Type: &tg.StorageFileJpeg{}, Mtime: s.unix(), Bytes: content[from:to]}, nil
}

func (s *Server) getFileHashes(c *connection, r *tg.UploadGetFileHashesRequest) (bin.Encoder, error) {
	f, content, err := s.locate(c, r.Location)
	if err != nil {
		return nil, err
	}
	answer := &tg.FileHashVector{}
	for at := max(r.Offset, 0) / hashStep * hashStep; at < int64(len(content)) && len(answer.Elems) < hashLimit && !f.Unhashed; at += hashStep {
		sum := sha256.Sum256(content[at:min(at+hashStep, int64(len(content)))])
		if f.Falsified {
			sum[0]++
		}
		answer.Elems = append(answer.Elems, tg.FileHash{Offset: at, Limit: hashStep, Hash: sum[:]})
	}
	return answer, nil
}

// exportAuthorization gives what lets another data centre know who is signed in.
func (s *Server) exportAuthorization(_ *connection, r *tg.AuthExportAuthorizationRequest) (bin.Encoder, error) {
	if r.DCID != SecondDC {
		return nil, tgerr.New(400, "DC_ID_INVALID")
	}
	pass := random(32)
	s.passes[string(pass)] = r.DCID
	return &tg.AuthExportedAuthorization{ID: selfID, Bytes: pass}, nil
}

func (s *Server) importAuthorization(c *connection, r *tg.AuthImportAuthorizationRequest) (bin.Encoder, error) {
	if r.ID != selfID || s.passes[string(r.Bytes)] != c.dc {
		return nil, tgerr.New(400, "AUTH_BYTES_INVALID")
	}
	delete(s.passes, string(r.Bytes)) // good once
	c.key.signIn()
	return &tg.AuthAuthorization{User: s.self()}, nil
}
