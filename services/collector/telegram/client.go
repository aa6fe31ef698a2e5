package telegram

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"

	"github.com/gotd/td/crypto"
	"github.com/gotd/td/session"
	"github.com/gotd/td/telegram"
	"github.com/gotd/td/telegram/dcs"
	"github.com/gotd/td/tg"
)

// errNoHash says that the file with the application's hash holds none.
var errNoHash = errors.New("read api_hash_file: it must hold the hash alone, 32 hexadecimal digits")

// newClient makes a client that is not connected yet. What edit leaves empty is
// as Telegram's own clients have it.
func newClient(cfg Config, storage session.Storage, edit func(*telegram.Options)) (*telegram.Client, error) {
	hash, err := os.ReadFile(cfg.APIHashFile)
	if err != nil {
		return nil, fmt.Errorf("read api_hash_file: %w", bare(err))
	}
	text := strings.TrimSpace(string(hash))
	if text == "" || strings.ContainsAny(text, " \n\t") {
		return nil, errNoHash
	}
	options := telegram.Options{SessionStorage: storage, Device: device()}
	if err := cfg.Server.apply(&options); err != nil {
		return nil, err
	}
	edit(&options)
	return telegram.NewClient(cfg.APIID, text, options), nil
}

// device is what the owner of the account sees in the list of sessions. It names
// no machine.
func device() telegram.DeviceConfig {
	return telegram.DeviceConfig{DeviceModel: "server", SystemVersion: "doxtrail", AppVersion: "1", SystemLangCode: "en", LangCode: "en"}
}

// apply points a client at the server, if one is named.
func (s ServerConfig) apply(options *telegram.Options) error {
	if s.Address == "" {
		return nil
	}
	host, port, err := net.SplitHostPort(s.Address)
	if err != nil {
		return errors.New("read server.address: it must be host:port")
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return errors.New("read server.address: its port must be a number")
	}
	pem, err := os.ReadFile(s.PublicKeyFile)
	if err != nil {
		return fmt.Errorf("read server.public_key_file: %w", bare(err))
	}
	keys, err := crypto.ParseRSAPublicKeys(pem)
	if err != nil || len(keys) == 0 {
		return errors.New("read server.public_key_file: it must hold an RSA public key (PEM)")
	}
	for _, key := range keys {
		options.PublicKeys = append(options.PublicKeys, telegram.PublicKey{RSA: key})
	}
	options.DC = s.DC
	options.DCList = dcs.List{Options: []tg.DCOption{{ID: s.DC, IPAddress: host, Port: number}}}
	options.Resolver = dcs.Plain(dcs.PlainOptions{})
	return nil
}

// loggedIn says whether the client's session is that of a user.
func loggedIn(ctx context.Context, client *telegram.Client) (bool, error) {
	status, err := client.Auth().Status(ctx)
	if err != nil {
		return false, fmt.Errorf("ask who is logged in: %w", err)
	}
	return status.Authorized, nil
}
