package main

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"strings"
)

// clickhouseAccounts are the accounts of deploy/clickhouse/users.d.
var clickhouseAccounts = []string{"provisioner", "recorder", "researcher", "operator"}

// clickhousePasswords makes the passwords that are missing, one file an account,
// and writes the hashes of all into a file that the server merges into its
// users. The passwords have 130 random bits, so the hashes tell nothing.
func clickhousePasswords(dir string) (made int, err error) {
	var xml strings.Builder
	xml.WriteString("<!-- Hashes, made from the passwords beside this file. -->\n<clickhouse>\n  <users>\n")
	for _, account := range clickhouseAccounts {
		password, fresh, err := keep(filepath.Join(dir, "clickhouse-"+account+".password"), private, rand.Text)
		if err != nil {
			return made, err
		}
		if fresh {
			made++
		}
		fmt.Fprintf(&xml, "    <%s><password_sha256_hex>%x</password_sha256_hex></%[1]s>\n", account, sha256.Sum256([]byte(password)))
	}
	xml.WriteString("  </users>\n</clickhouse>\n")
	return made, write(filepath.Join(dir, "clickhouse-passwords.xml"), public, xml.String())
}
