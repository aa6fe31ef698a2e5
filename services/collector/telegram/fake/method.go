package fake

import (
	"errors"
	"fmt"

	"github.com/gotd/td/bin"
	"github.com/gotd/td/mt"
	"github.com/gotd/td/proto"
	"github.com/gotd/td/tg"
	"github.com/gotd/td/tgerr"
)

// handler answers one method; the server's mu is held. Errors are *tgerr.Error
// and go to the client.
type handler func(*connection, *bin.Buffer) (bin.Encoder, error)

// on makes a handler of a function that takes the decoded request.
func on[R any, P interface {
	*R
	bin.Decoder
}](answer func(*connection, P) (bin.Encoder, error),
) handler {
	return func(c *connection, b *bin.Buffer) (bin.Encoder, error) {
		request := P(new(R))
		if err := request.Decode(b); err != nil {
			return nil, tgerr.New(400, "INPUT_FETCH_ERROR")
		}
		return answer(c, request)
	}
}

func (s *Server) handlers() map[string]handler {
	return map[string]handler{
		"help.getConfig":               on(s.getConfig),
		"help.getCdnConfig":            on(s.getCDNConfig),
		"auth.sendCode":                on(s.sendCode),
		"auth.signIn":                  on(s.signIn),
		"auth.checkPassword":           on(s.checkPassword),
		"auth.logOut":                  on(s.logOut),
		"auth.exportAuthorization":     on(s.exportAuthorization),
		"auth.importAuthorization":     on(s.importAuthorization),
		"upload.getFile":               on(s.getFile),
		"upload.getFileHashes":         on(s.getFileHashes),
		"account.getPassword":          on(s.getPassword),
		"users.getUsers":               on(s.getUsers),
		"updates.getState":             on(s.getState),
		"updates.getDifference":        on(s.getDifference),
		"updates.getChannelDifference": on(s.getChannelDifference),
		"channels.getFullChannel":      on(s.getFullChannel),
		"channels.getChannels":         on(s.getChannels),
		"channels.getMessages":         on(s.getMessages),
		"messages.getHistory":          on(s.getHistory),
		"contacts.resolveUsername":     on(s.resolveUsername),
	}
}

// beforeLogin are the methods that need no one to be signed in.
func beforeLogin(method string) bool {
	switch method {
	case "help.getConfig", "help.getCdnConfig", "auth.sendCode", "auth.signIn", "auth.checkPassword", "auth.importAuthorization", "account.getPassword":
		return true
	}
	return false
}

// whileFrozen are the methods a frozen account may still call.
func whileFrozen(method string) bool {
	return beforeLogin(method) || method == "users.getUsers" || method == "updates.getState"
}

// call answers one request of a client.
func (s *Server) call(c *connection, id int64, b *bin.Buffer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, again := c.seen[id]; again {
		return // the client was impatient; its answer is on the way
	}
	c.seen[id] = struct{}{}
	kind, mute, err := unwrap(b)
	if err != nil {
		c.push(proto.MessageServerResponse, true, refusal(id, tgerr.New(400, "INPUT_FETCH_ERROR")))
		return
	}
	name := s.names[kind]
	if name == "" {
		name = fmt.Sprintf("%#x", kind)
	}
	r := request{id: id, key: c.key, name: name, mute: mute, body: b}
	s.noteSession(c)
	gate, held := s.faults.held[name]
	if !held {
		s.finish(c, r)
		return
	}
	s.running.Go(func() {
		select {
		case <-gate:
		case <-c.done:
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.finish(c, r)
	})
}

// request is a call on its way to its answer.
type request struct {
	id   int64
	key  *authKey
	name string
	mute bool // it came in invokeWithoutUpdates
	body *bin.Buffer
}

// finish answers a request and notes it down; the server's mu is held.
func (s *Server) finish(c *connection, r request) {
	if c.key != r.key {
		return // held until the connection had another key
	}
	c.mute = r.mute
	result, err := s.answer(c, r.name, r.body)
	if err != nil {
		var known *tgerr.Error
		if !errors.As(err, &known) {
			known = tgerr.New(500, "INTERNAL_SERVER_ERROR")
		}
		s.record(c, r.name, known.Message)
		c.push(proto.MessageServerResponse, true, refusal(r.id, known))
		return
	}
	s.record(c, r.name, "")
	c.push(proto.MessageServerResponse, true, &proto.Result{RequestMessageID: r.id, Result: encode(result)})
}

func refusal(id int64, err *tgerr.Error) *proto.Result {
	return &proto.Result{RequestMessageID: id, Result: encode(&mt.RPCError{ErrorCode: err.Code, ErrorMessage: err.Message})}
}

// answer asks the session and the faults first whether the method may be called at all.
func (s *Server) answer(c *connection, name string, b *bin.Buffer) (bin.Encoder, error) {
	if !beforeLogin(name) {
		if err := c.key.refused(); err != nil {
			return nil, err
		}
	}
	if err := s.fault(name); err != nil {
		return nil, err
	}
	handle, known := s.methods[name]
	if !known {
		s.opts.Log.Debug("unknown method", "method", name)
		return nil, tgerr.New(400, "INPUT_METHOD_INVALID")
	}
	return handle(c, b)
}

// unwrap takes off what clients put around a request and returns the request's
// type, and whether the client wants no updates on this connection.
func unwrap(b *bin.Buffer) (kind uint32, mute bool, err error) {
	for {
		kind, err = b.PeekID()
		if err != nil {
			return 0, false, err
		}
		var around bin.Decoder
		switch kind {
		case tg.InvokeWithLayerRequestTypeID:
			around = &tg.InvokeWithLayerRequest{Query: inner{}}
		case tg.InitConnectionRequestTypeID:
			around = &tg.InitConnectionRequest{Query: inner{}}
		case tg.InvokeWithoutUpdatesRequestTypeID:
			mute = true
			around = &tg.InvokeWithoutUpdatesRequest{Query: inner{}}
		default:
			return kind, mute, nil
		}
		if err := around.Decode(b); err != nil {
			return 0, false, err
		}
	}
}

// inner leaves the request inside a wrapper where it is.
type inner struct{}

func (inner) Decode(*bin.Buffer) error { return nil }

func (inner) Encode(*bin.Buffer) error { return errors.New("a wrapped request is only read") }

func (s *Server) getConfig(c *connection, _ *tg.HelpGetConfigRequest) (bin.Encoder, error) {
	return &tg.Config{
		Date: s.unix(), Expires: s.unix() + 3600, ThisDC: c.dc, DCOptions: s.dcOptions(),
		CaptionLengthMax: 1024, MessageLengthMax: 4096, MeURLPrefix: "https://t.me/",
	}, nil
}

func (s *Server) getCDNConfig(*connection, *tg.HelpGetCDNConfigRequest) (bin.Encoder, error) {
	return &tg.CDNConfig{}, nil
}
