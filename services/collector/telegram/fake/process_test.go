package fake

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/gotd/td/crypto"
	"github.com/gotd/td/session"
	"github.com/gotd/td/telegram"
	"github.com/gotd/td/telegram/dcs"
	"github.com/gotd/td/tg"
	"go.uber.org/goleak"
)

// asClient is set where this test binary runs as a client in a process of its
// own: the folder with the key and the session, and the server's address.
const (
	asClient  = "DOXTRAIL_FAKE_CLIENT"
	atAddress = "DOXTRAIL_FAKE_ADDRESS"
)

func TestMain(m *testing.M) {
	if folder := os.Getenv(asClient); folder != "" {
		fmt.Fprintln(os.Stderr, "client ended:", beClient(folder, os.Getenv(atAddress)))
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}

// beClient knows of the server what a configuration says, and calls until it is killed.
func beClient(folder, address string) error {
	file, err := os.ReadFile(filepath.Join(folder, "telegram.pem"))
	if err != nil {
		return err
	}
	key, err := crypto.ParseRSAPublicKeys(file)
	if err != nil {
		return err
	}
	host, number, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	port, err := strconv.Atoi(number)
	if err != nil {
		return err
	}
	saved, err := os.ReadFile(filepath.Join(folder, "session"))
	if err != nil {
		return err
	}
	// Kept in memory: gotd stores the session at every start, and a file that is
	// killed while it is written is empty.
	storage := &session.StorageMemory{}
	if err := storage.StoreSession(context.Background(), saved); err != nil {
		return err
	}
	c := telegram.NewClient(1, "hash", telegram.Options{
		DC: 2, DCList: dcs.List{Options: []tg.DCOption{{ID: 2, IPAddress: host, Port: port}}},
		PublicKeys:     []telegram.PublicKey{{RSA: key[0]}},
		Resolver:       dcs.Plain(dcs.PlainOptions{}),
		SessionStorage: storage,
	})
	return c.Run(context.Background(), func(ctx context.Context) error {
		for {
			if _, err := c.API().UpdatesGetState(ctx); err != nil {
				return err
			}
		}
	})
}

// A client in another process is killed, one of them with a call unanswered; the
// next one goes on with its session, at the same place.
func TestKilledClientComesBack(t *testing.T) {
	s := start(t, Options{})
	folder := t.TempDir()
	if _, err := s.WriteFiles(folder); err != nil {
		t.Fatalf("WriteFiles: %v", err)
	}
	saved, err := signedIn(t, s).Bytes(nil)
	if err != nil {
		t.Fatalf("read the session: %v", err)
	}
	if err := os.WriteFile(filepath.Join(folder, "session"), saved, 0o600); err != nil {
		t.Fatalf("write the session: %v", err)
	}
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	calls := 0
	for round := range 3 {
		command := exec.CommandContext(ctx, os.Args[0])
		command.Env = append(os.Environ(), asClient+"="+folder, atAddress+"="+s.Address())
		command.Stderr = os.Stderr
		if err := command.Start(); err != nil {
			t.Fatalf("start a client: %v", err)
		}
		calls += 5
		if err := s.WaitCalls(ctx, "updates.getState", calls); err != nil {
			t.Fatal(err)
		}
		release := func() {}
		if round == 1 {
			release = s.Hold("updates.getState")
		}
		if err := command.Process.Kill(); err != nil {
			t.Fatalf("kill the client: %v", err)
		}
		_ = command.Wait() // it was killed
		release()
		calls, _ = s.count("updates.getState")
	}
	key := ""
	for _, call := range s.Calls() {
		if key == "" {
			key = call.Key
		}
		if call.Key != key || call.Error != "" {
			t.Errorf("call %+v; want the key %s and no error", call, key)
		}
	}
	if n := s.Simultaneous(); n != 0 {
		t.Errorf("the session was used twice at once %d times", n)
	}
}
