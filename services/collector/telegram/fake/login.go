package fake

import (
	"encoding/hex"
	"strings"

	"github.com/gotd/td/bin"
	"github.com/gotd/td/crypto"
	"github.com/gotd/td/tg"
	"github.com/gotd/td/tgerr"
)

// selfID is the one account's user id.
const selfID = 7_000_001

// authKey is a key a client made with the server, and how far its login is. It
// is what survives connections and processes: Telegram's session.
type authKey struct {
	crypto.AuthKey
	signedIn  bool
	end       *tgerr.Error // why a session that was good is not any more
	codeHash  string       // of the code that was sent
	codeGiven bool         // the right code was given, the password was not yet
	exam      *exam        // the password check at hand
}

func (k *authKey) id() string { return hex.EncodeToString(k.ID[:]) }

// refused says why a method for people who are signed in is not for this key.
func (k *authKey) refused() error {
	switch {
	case k.signedIn:
		return nil
	case k.codeGiven:
		return tgerr.New(401, "SESSION_PASSWORD_NEEDED")
	case k.end != nil:
		return k.end
	}
	return tgerr.New(401, "AUTH_KEY_UNREGISTERED")
}

func (k *authKey) signIn() {
	*k = authKey{AuthKey: k.AuthKey, signedIn: true}
}

func (s *Server) key(id [8]byte) *authKey {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keys[id]
}

func digits(phone string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, phone)
}

func (s *Server) self() *tg.User {
	return &tg.User{
		ID: selfID, AccessHash: s.accessHash(selfID), Self: true,
		FirstName: "Test", Phone: digits(s.opts.Phone),
	}
}

func (s *Server) sendCode(c *connection, r *tg.AuthSendCodeRequest) (bin.Encoder, error) {
	if digits(r.PhoneNumber) != digits(s.opts.Phone) {
		return nil, tgerr.New(400, "PHONE_NUMBER_INVALID")
	}
	c.key.codeHash = "code of " + c.key.id()
	return &tg.AuthSentCode{
		Type:          &tg.AuthSentCodeTypeApp{Length: len(s.opts.Code)},
		PhoneCodeHash: c.key.codeHash,
	}, nil
}

func (s *Server) signIn(c *connection, r *tg.AuthSignInRequest) (bin.Encoder, error) {
	switch {
	case digits(r.PhoneNumber) != digits(s.opts.Phone):
		return nil, tgerr.New(400, "PHONE_NUMBER_INVALID")
	case c.key.codeHash == "" || r.PhoneCodeHash != c.key.codeHash:
		return nil, tgerr.New(400, "PHONE_CODE_EXPIRED")
	case r.PhoneCode == "":
		return nil, tgerr.New(400, "PHONE_CODE_EMPTY")
	case r.PhoneCode != s.opts.Code:
		return nil, tgerr.New(400, "PHONE_CODE_INVALID")
	case s.opts.Password != "":
		c.key.codeGiven = true
		return nil, tgerr.New(401, "SESSION_PASSWORD_NEEDED")
	}
	c.key.signIn()
	return &tg.AuthAuthorization{User: s.self()}, nil
}

func (s *Server) getPassword(c *connection, _ *tg.AccountGetPasswordRequest) (bin.Encoder, error) {
	if !c.key.signedIn && !c.key.codeGiven {
		return nil, tgerr.New(401, "AUTH_KEY_UNREGISTERED")
	}
	answer := &tg.AccountPassword{
		HasPassword:   s.opts.Password != "",
		NewAlgo:       s.secret.algorithm(),
		NewSecureAlgo: &tg.SecurePasswordKdfAlgoUnknown{},
		SecureRandom:  random(256),
	}
	if answer.HasPassword {
		c.key.exam = s.secret.examine()
		answer.CurrentAlgo, answer.SRPB, answer.SRPID = s.secret.algorithm(), c.key.exam.shown, c.key.exam.id
	}
	answer.SetFlags()
	return answer, nil
}

func (s *Server) checkPassword(c *connection, r *tg.AuthCheckPasswordRequest) (bin.Encoder, error) {
	if !c.key.codeGiven {
		return nil, tgerr.New(401, "AUTH_KEY_UNREGISTERED")
	}
	given, ok := r.Password.(*tg.InputCheckPasswordSRP)
	exam := c.key.exam
	if !ok || exam == nil || given.SRPID != exam.id {
		return nil, tgerr.New(400, "SRP_ID_INVALID")
	}
	c.key.exam = nil // each is good for one attempt
	if !s.secret.passes(exam, given.A, given.M1) {
		return nil, tgerr.New(400, "PASSWORD_HASH_INVALID")
	}
	c.key.signIn()
	return &tg.AuthAuthorization{User: s.self()}, nil
}

func (s *Server) logOut(c *connection, _ *tg.AuthLogOutRequest) (bin.Encoder, error) {
	*c.key = authKey{AuthKey: c.key.AuthKey}
	return &tg.AuthLoggedOut{}, nil
}

func (s *Server) getUsers(_ *connection, r *tg.UsersGetUsersRequest) (bin.Encoder, error) {
	var users tg.UserClassVector
	for _, id := range r.ID {
		if _, ok := id.(*tg.InputUserSelf); ok {
			users.Elems = append(users.Elems, s.self())
		}
	}
	return &users, nil
}
