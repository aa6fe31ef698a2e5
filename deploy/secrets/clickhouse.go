package main

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// clickhouseAccounts are the accounts of deploy/clickhouse/users.d.
func clickhouseAccounts() []string {
	return []string{"provisioner", "recorder", "researcher", "operator"}
}

const (
	passwordPrefix = "clickhouse-"
	passwordSuffix = ".password"
	// personPrefix starts the account of a person who brings an own client.
	personPrefix = "researcher-"
)

// neutral is what an account may be called: it stands in logs, so it is not to
// be the name of a person.
var neutral = regexp.MustCompile(`^[a-z][a-z0-9]{0,15}$`)

// clickhousePasswords makes the passwords that are missing, one file an account,
// and writes the hashes of all into a file that the server merges into its
// users. The passwords have 130 random bits, so the hashes tell nothing.
// Researchers have accounts as long as there are files with their passwords.
func clickhousePasswords(dir string, researchers []string) (made, kept int, err error) {
	accounts := clickhouseAccounts()
	for _, r := range researchers {
		if !neutral.MatchString(r) {
			return 0, 0, errors.New("an account's label is 1 to 16 lower-case letters and digits, and no person's name")
		}
		accounts = append(accounts, personPrefix+r)
	}
	there, err := filepath.Glob(filepath.Join(dir, passwordPrefix+personPrefix+"*"+passwordSuffix))
	if err != nil {
		return 0, 0, fmt.Errorf("look for researchers: %w", err)
	}
	for _, path := range there {
		accounts = append(accounts, strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), passwordPrefix), passwordSuffix))
	}
	slices.Sort(accounts)
	var xml strings.Builder
	xml.WriteString("<!-- Hashes, made from the passwords beside this file. -->\n<clickhouse>\n  <users>\n")
	for _, account := range slices.Compact(accounts) {
		password, fresh, err := keep(filepath.Join(dir, passwordPrefix+account+passwordSuffix), private, rand.Text)
		if err != nil {
			return made, kept, err
		}
		if fresh {
			made++
		} else {
			kept++
		}
		fmt.Fprintf(&xml, "    <%s><password_sha256_hex>%x</password_sha256_hex>", account, sha256.Sum256([]byte(password)))
		if strings.HasPrefix(account, personPrefix) {
			xml.WriteString(personRights)
		}
		fmt.Fprintf(&xml, "</%s>\n", account)
	}
	xml.WriteString("  </users>\n</clickhouse>\n")
	return made, kept, write(filepath.Join(dir, "clickhouse-passwords.xml"), private, xml.String())
}

// personRights are those of the account researcher in deploy/clickhouse/users.d.
const personRights = "<profile>reader</profile><quota>reader</quota><networks><ip>::/0</ip></networks>" +
	"<grants><query>GRANT SELECT ON research.*</query></grants>"
