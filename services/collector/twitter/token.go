package twitter

import (
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"strings"
)

// tokenFile is where the bearer token lies. It is read for each call, so a new token
// counts from the next call on.
type tokenFile string

// tokenBytes bounds the file; a token has a few hundred characters.
const tokenBytes = 4 << 10

var (
	errTokenAbsent = errors.New("bearer_token_file cannot be read: put the bearer token of the app into it, readable for this process")
	errTokenOpen   = errors.New("bearer_token_file may be read by others: chmod 600")
	errTokenForm   = errors.New("bearer_token_file does not hold a bearer token alone: one line, without the word Bearer")
)

// read gives the token. The errors hold neither the path nor the content.
func (f tokenFile) read() (string, error) {
	file, err := os.Open(string(f))
	if err != nil {
		return "", errTokenAbsent
	}
	defer file.Close() //nolint:errcheck // only read
	info, err := file.Stat()
	switch {
	case err != nil || !info.Mode().IsRegular():
		return "", errTokenAbsent
	case info.Mode().Perm()&0o077 != 0:
		return "", errTokenOpen
	}
	content, err := io.ReadAll(io.LimitReader(file, tokenBytes+1))
	if err != nil {
		return "", errTokenAbsent
	}
	token := strings.TrimSpace(string(content))
	outside := func(r rune) bool { return r <= ' ' || r > '~' }
	if token == "" || len(content) > tokenBytes || strings.ContainsFunc(token, outside) {
		return "", errTokenForm
	}
	return token, nil
}

// which tells one token from another without keeping it.
func (f tokenFile) which() (sum [sha256.Size]byte) {
	token, err := f.read()
	if err != nil {
		return sum
	}
	return sha256.Sum256([]byte(token))
}
