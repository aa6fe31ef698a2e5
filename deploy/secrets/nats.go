package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/nats-io/nkeys"
)

// natsUsers are the users of deploy/nats/nats.conf, each the name under which a
// service or a command connects.
func natsUsers() []string {
	return []string{"provisioner", "collector-archive", "collector-telegram", "collector-twitter", "normaliser", "recorder", "command"}
}

// natsKeys makes the seeds that are missing, one file a user, and writes the
// public keys of all into keys.conf, which nats.conf includes.
func natsKeys(dir string) (made, kept int, err error) {
	var conf strings.Builder
	conf.WriteString("# Public keys, made from the seeds beside this file.\n")
	for _, user := range natsUsers() {
		seed, fresh, err := keep(filepath.Join(dir, "nats-"+user+".seed"), private, newSeed)
		if err != nil {
			return made, kept, err
		}
		if fresh {
			made++
		} else {
			kept++
		}
		public, err := publicKey(seed)
		if err != nil {
			return made, kept, fmt.Errorf("read the seed of %s: %w", user, err)
		}
		fmt.Fprintf(&conf, "%s: %s\n", variable(user), public)
	}
	return made, kept, write(filepath.Join(dir, "nats-keys.conf"), private, conf.String())
}

// variable is what nats.conf calls the key of a user.
func variable(user string) string {
	return strings.ToUpper(strings.ReplaceAll(user, "-", "_")) + "_NKEY"
}

func newSeed() string {
	pair, err := nkeys.CreateUser()
	if err != nil {
		panic(err) // no randomness: nothing can be made
	}
	defer pair.Wipe()
	seed, err := pair.Seed()
	if err != nil {
		panic(err)
	}
	return string(seed)
}

func publicKey(seed string) (string, error) {
	pair, err := nkeys.FromSeed([]byte(seed))
	if err != nil {
		return "", errors.New("it is damaged; remove the file and run this again")
	}
	defer pair.Wipe()
	return pair.PublicKey()
}
