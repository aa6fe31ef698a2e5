// Command secrets makes what the servers of a deployment know each other by: an
// nkey for each user of NATS, a password for each account of ClickHouse and one
// for Grafana.
//
//	secrets DIR [LABEL...]
//
// Each LABEL is a researcher who brings an own client and gets an account of
// ClickHouse, researcher-LABEL. It stands in logs: no person's name. DIR is the folder of the study that docker-compose.yml calls DOXTRAIL_HOME.
// What is there is kept, so that a second run makes only what is missing: to
// replace a secret, remove its file, run this again and restart who uses it.
// Nothing secret is printed. It makes no key ring: that is `doxtrail keys init`.
package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	if len(os.Args) < 2 || strings.HasPrefix(os.Args[1], "-") {
		fmt.Fprintln(os.Stderr, "secrets: name the folder of the study: secrets DIR [LABEL...]")
		os.Exit(2)
	}
	if err := makeAll(os.Args[1], os.Args[2:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "secrets:", err)
		os.Exit(1)
	}
}

const (
	private = 0o600 // only the owner, as whom every container runs
)

// folders are what containers mount. Docker would make those that are missing,
// and they would belong to root.
func folders() []string {
	return []string{"keys", "inbox", "watchlist", "backup", "nats", "clickhouse", "prometheus", "grafana", "telegram", "telegram-keys", "twitter", "twitter-keys"}
}

// emptyList is the watch list to start with.
const emptyList = "# Which campaigns are followed: see \"The watch list\" in the README.\nfamilies: []\n"

// makeAll makes what is missing in the folder of a study.
func makeAll(dir string, researchers []string, out io.Writer) error {
	secrets := filepath.Join(dir, "secrets")
	for _, d := range append([]string{".", "secrets"}, folders()...) {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o700); err != nil {
			return fmt.Errorf("make folder: %w", err)
		}
	}
	if err := os.Chmod(secrets, 0o700); err != nil { //nolint:gosec // a folder, which needs the x
		return fmt.Errorf("close the folder of secrets: %w", err)
	}
	madeKeys, keptKeys, err := natsKeys(secrets)
	if err != nil {
		return err
	}
	madePasswords, keptPasswords, err := clickhousePasswords(secrets, researchers)
	if err != nil {
		return err
	}
	if _, _, err := keep(filepath.Join(secrets, "grafana.password"), private, rand.Text); err != nil {
		return err
	}
	if _, _, err := keep(filepath.Join(dir, "watchlist", "watchlist.yaml"), private, func() string { return emptyList }); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "keys of NATS: made %d, kept %d; passwords of ClickHouse: made %d, kept %d\n",
		madeKeys, keptKeys, madePasswords, keptPasswords)
	return err
}

// keep reads a file, or makes it with a new content if it is not there. The
// content comes back without the space around it.
func keep(path string, mode fs.FileMode, content func() string) (text string, made bool, err error) {
	b, err := os.ReadFile(path)
	if err == nil {
		return strings.TrimSpace(string(b)), false, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", false, fmt.Errorf("read what is there: %w", err)
	}
	text = content()
	return strings.TrimSpace(text), true, write(path, mode, strings.TrimSpace(text)+"\n")
}

// write replaces a file as a whole and sees it on the disk: half a secret would
// lock everyone out.
func write(path string, mode fs.FileMode, text string) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return fmt.Errorf("write secret: %w", err)
	}
	_, err = file.WriteString(text)
	err = errors.Join(err, file.Chmod(mode), file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write secret: %w", errors.Join(err, os.Remove(file.Name())))
	}
	return nil
}
