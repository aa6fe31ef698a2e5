package telegram

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/gotd/td/session"
	"github.com/gotd/td/telegram"
	"github.com/gotd/td/telegram/auth"
	"github.com/gotd/td/tg"
	"github.com/gotd/td/tgerr"

	"github.com/doxtrail/doxtrail/pkg/privacy"
)

// Ask puts a question to the person who logs in, and gives the answer. A secret
// one is not shown while it is typed.
type Ask func(question string, secret bool) (string, error)

// Login logs an account in and keeps its session, sealed with key. It asks for
// the number, the code that Telegram sends and, where the account has one, the
// password. A session that works already is left as it is: done is false then.
// Nobody is ever signed up.
func Login(ctx context.Context, cfg Config, key *privacy.StateKey, ask Ask) (done bool, err error) {
	file := &sessionFile{path: cfg.SessionFile, key: key}
	_, release, err := file.hold()
	if errors.Is(err, errSessionHeld) {
		return false, errors.New("log in: the session is in use; stop `doxtrail up` (or the collector) first, or log in with another session_file")
	}
	if err != nil {
		return false, err
	}
	defer release()
	if works, err := sessionWorks(ctx, cfg, file); err != nil || works {
		return false, err
	}
	return true, logIn(ctx, cfg, file, ask)
}

// sessionWorks says whether there is a session, and somebody is logged in with it.
func sessionWorks(ctx context.Context, cfg Config, file *sessionFile) (works bool, err error) {
	if file.login() == "" {
		return false, nil
	}
	client, err := newClient(cfg, file, func(o *telegram.Options) { o.NoUpdates = true })
	if err != nil {
		return false, err
	}
	err = client.Run(ctx, func(ctx context.Context) (err error) {
		works, err = loggedIn(ctx, client)
		return err
	})
	if err != nil && faultOf(err) == faultSession {
		return false, nil // it is no more, which is why somebody logs in
	}
	return works, sayLogin(err)
}

// logIn logs in, and keeps the session only when that is done.
func logIn(ctx context.Context, cfg Config, file *sessionFile, ask Ask) error {
	memory := &session.StorageMemory{}
	client, err := newClient(cfg, memory, func(o *telegram.Options) { o.NoUpdates = true })
	if err != nil {
		return err
	}
	err = client.Run(ctx, func(ctx context.Context) error {
		return auth.NewFlow(person{ask}, auth.SendCodeOptions{}).Run(ctx, client.Auth())
	})
	if err != nil {
		return sayLogin(err)
	}
	plain, err := memory.Bytes(nil)
	if err != nil {
		return errors.New("log in: the client kept no session")
	}
	return file.begin(plain)
}

// sayLogin turns what Telegram says into what to do. Its own texts may hold what
// was typed.
func sayLogin(err error) error {
	if err == nil {
		return nil
	}
	for _, known := range []struct{ class, sentence string }{
		{"PHONE_NUMBER_INVALID", "Telegram knows no such number; write it with its country code"},
		{"PHONE_NUMBER_BANNED", "this number is banned from Telegram"},
		{"PHONE_NUMBER_FLOOD", "too many logins with this number; wait a day"},
		{"PHONE_PASSWORD_FLOOD", "too many wrong passwords; wait a day"},
		{"PHONE_CODE_INVALID", "that was not the code; run the command again"},
		{"PHONE_CODE_EXPIRED", "the code has expired; run the command again"},
		{"API_ID_INVALID", "api_id and the hash in api_hash_file do not belong together"},
		{"API_ID_PUBLISHED_FLOOD", "this api_id is public, and blocked for it; make one of your own at my.telegram.org"},
	} {
		if tgerr.Is(err, known.class) {
			return fmt.Errorf("log in: %s", known.sentence)
		}
	}
	if errors.Is(err, auth.ErrPasswordInvalid) {
		return errors.New("log in: that was not the password; run the command again")
	}
	if wait, ok := tgerr.AsFloodWait(err); ok {
		return fmt.Errorf("log in: Telegram wants %s to pass before the next try", wait)
	}
	var up *auth.SignUpRequired
	if errors.As(err, &up) || errors.Is(err, errSignUp) {
		return errSignUp
	}
	var answer *answerError
	if errors.As(err, &answer) {
		return answer
	}
	for _, end := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, end) {
			return fmt.Errorf("log in: %w", end)
		}
	}
	var rpc *tgerr.Error
	if errors.As(err, &rpc) {
		return fmt.Errorf("log in: Telegram answers %s", wordOf(rpc.Type))
	}
	return errors.New("log in: there is no connection to Telegram, or it broke off")
}

// errSignUp says that a number has no account.
var errSignUp = errors.New("log in: this number has no account; make one with Telegram's own app, and use it for a while first: fresh accounts are banned quickly")

// answerError is a question that was not answered.
type answerError struct{ cause error }

func (e *answerError) Error() string { return "log in: no answer: " + e.cause.Error() }

func (e *answerError) Unwrap() error { return e.cause }

// person implements auth.UserAuthenticator by asking.
type person struct{ ask Ask }

func (p person) put(question string, secret bool) (string, error) {
	answer, err := p.ask(question, secret)
	if err != nil {
		return "", &answerError{err}
	}
	return strings.TrimSpace(answer), nil
}

func (p person) Phone(context.Context) (string, error) {
	return p.put("Phone number of the account, with country code: ", false)
}

func (p person) Password(context.Context) (string, error) {
	return p.put("Password of the account (two-step verification): ", true)
}

func (p person) Code(context.Context, *tg.AuthSentCode) (string, error) {
	return p.put("Code that Telegram sent: ", false)
}

func (person) AcceptTermsOfService(context.Context, tg.HelpTermsOfService) error { return errSignUp }

func (person) SignUp(context.Context) (auth.UserInfo, error) { return auth.UserInfo{}, errSignUp }
