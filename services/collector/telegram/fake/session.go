package fake

import (
	"context"
	"fmt"

	"github.com/gotd/td/crypto"
	"github.com/gotd/td/session"
	"github.com/gotd/td/tg"
)

// Session makes a session that is signed in, as a login would have left it, and
// saves the second and a half a real one takes. It has a key of its own; Clone
// it to start a client twice with the same.
func (s *Server) Session(ctx context.Context) (*session.StorageMemory, error) {
	var value crypto.Key
	copy(value[:], random(len(value)))
	key := &authKey{AuthKey: value.WithID(), signedIn: true}
	s.mu.Lock()
	s.keys[key.ID] = key
	s.mu.Unlock()
	storage := &session.StorageMemory{}
	err := (&session.Loader{Storage: storage}).Save(ctx, &session.Data{
		Config: session.ConfigFromTG(tg.Config{ThisDC: dc, DCOptions: s.dcOptions()}),
		DC:     dc, Addr: s.Address(), AuthKey: key.Value[:], AuthKeyID: key.ID[:],
	})
	if err != nil {
		return nil, fmt.Errorf("save the session: %w", err)
	}
	return storage, nil
}
