package fake

import (
	"context"
	"errors"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gotd/td/crypto"
	"github.com/gotd/td/session"
	"github.com/gotd/td/telegram"
	"github.com/gotd/td/telegram/auth"
	"github.com/gotd/td/tg"
)

func flow(s *Server, password string) auth.Flow {
	return auth.NewFlow(auth.Constant(s.opts.Phone, password, auth.CodeAuthenticatorFunc(
		func(context.Context, *tg.AuthSentCode) (string, error) { return s.opts.Code, nil },
	)), auth.SendCodeOptions{})
}

// A person logs in with code and password; the session then serves another
// process, and a wrong password or a foreign key file serves nobody.
func TestLoginWithPassword(t *testing.T) {
	s := start(t, Options{Phone: "+999 12 34567", Code: "24680", Password: "a long password"})
	storage := &session.StorageMemory{}
	c := connect(t, s, storage, nil)
	_, err := c.api.UsersGetUsers(t.Context(), []tg.InputUserClass{&tg.InputUserSelf{}})
	wantError(t, err, "AUTH_KEY_UNREGISTERED")
	err = c.Auth().IfNecessary(t.Context(), flow(s, "another password"))
	if !errors.Is(err, auth.ErrPasswordInvalid) {
		t.Fatalf("wrong password: got %v, want ErrPasswordInvalid", err)
	}
	_, err = c.api.UsersGetUsers(t.Context(), []tg.InputUserClass{&tg.InputUserSelf{}})
	wantError(t, err, "SESSION_PASSWORD_NEEDED")
	if err := c.Auth().IfNecessary(t.Context(), flow(s, "a long password")); err != nil {
		t.Fatalf("log in: %v", err)
	}
	c.stop()

	again := connect(t, s, storage, nil)
	status, err := again.Auth().Status(t.Context())
	if err != nil || !status.Authorized {
		t.Fatalf("status with the saved session: %+v, %v", status, err)
	}
	keys := map[string]bool{}
	for _, call := range s.Calls() {
		keys[call.Key] = true
	}
	if len(keys) != 1 {
		t.Errorf("calls were made with %d keys, want 1", len(keys))
	}
}

func TestLoginWithoutPassword(t *testing.T) {
	s := start(t, Options{})
	c := connect(t, s, &session.StorageMemory{}, nil)
	if err := c.Auth().IfNecessary(t.Context(), flow(s, "")); err != nil {
		t.Fatalf("log in: %v", err)
	}
	self, err := c.Self(t.Context())
	if err != nil || !self.Self {
		t.Fatalf("self: %+v, %v", self, err)
	}
	if _, err := c.api.AuthLogOut(t.Context()); err != nil {
		t.Fatalf("log out: %v", err)
	}
	_, err = c.Self(t.Context())
	wantError(t, err, "AUTH_KEY_UNREGISTERED")
}

// The files point another process at the server: key, number and address are
// all it has.
func TestWriteFiles(t *testing.T) {
	s := start(t, Options{})
	file, err := s.WriteFiles(t.TempDir())
	if err != nil {
		t.Fatalf("WriteFiles: %v", err)
	}
	written, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("read the key: %v", err)
	}
	keys, err := crypto.ParseRSAPublicKeys(written)
	if err != nil || len(keys) != 1 {
		t.Fatalf("ParseRSAPublicKeys: %d keys, %v", len(keys), err)
	}
	got, want := crypto.RSAFingerprint(keys[0]), s.Options().PublicKeys[0].Fingerprint()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fingerprint (-want +got):\n%s", diff)
	}
}

// A key of another server is turned down, and the client makes a new one: it is
// signed out, but not stuck.
func TestForeignSession(t *testing.T) {
	foreign := signedIn(t, start(t, Options{}))
	s := start(t, Options{})
	c := connect(t, s, foreign, func(o *telegram.Options) { o.RetryInterval = retry })
	status, err := c.Auth().Status(t.Context())
	if err != nil || status.Authorized {
		t.Fatalf("status: %+v, %v; want nobody signed in", status, err)
	}
}

func TestUnknownMethod(t *testing.T) {
	s := start(t, Options{})
	c := connect(t, s, signedIn(t, s), nil)
	_, err := c.api.MessagesGetDialogs(t.Context(), &tg.MessagesGetDialogsRequest{OffsetPeer: &tg.InputPeerEmpty{}})
	wantError(t, err, "INPUT_METHOD_INVALID")
	found := slices.ContainsFunc(s.Calls(), func(call Call) bool {
		return call.Method == "messages.getDialogs" && call.Error == "INPUT_METHOD_INVALID" && call.Connection == 1
	})
	if !found {
		t.Errorf("the call is not among %+v", s.Calls())
	}
}
