package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"regexp"
)

// keyedID is how keys are written.
var keyedID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-`)

// checkReceipt sees that a receipt is signed by the key of `keys show`, by a way of
// its own, and gives it.
func (s *testStudy) checkReceipt(text, signature []byte) (r receipt) {
	s.t.Helper()
	if err := json.Unmarshal(text, &r); err != nil {
		s.t.Fatalf("%v in %s", err, text)
	}
	if keyedID.Match(text) || bytes.Contains(text, []byte("example")) {
		s.t.Errorf("the receipt says what was erased: %s", text)
	}
	var shown shownRing
	if err := json.Unmarshal([]byte(s.must("keys", "show", "--json")), &shown); err != nil || shown.ReceiptKey != r.PublicKey {
		s.t.Errorf("keys show has another key than the receipt, %v", err)
	}
	block, _ := pem.Decode([]byte(shown.ReceiptKey))
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		s.t.Fatal(err)
	}
	if !ed25519.Verify(key.(ed25519.PublicKey), text, signature) {
		s.t.Error("the signature does not fit")
	}
	if text[20] ^= 1; ed25519.Verify(key.(ed25519.PublicKey), text, signature) {
		s.t.Error("the signature fits another receipt too")
	}
	return r
}

// erases runs erase and gives its receipt, which has to say that nothing is left.
func (s *testStudy) erases(lines string, args ...string) receipt {
	s.t.Helper()
	r := s.answer(lines, append([]string{"erase", "--reason", "a request"}, args...)...)
	var signed signedReceipt
	if err := json.Unmarshal([]byte(r.stdout), &signed); r.code != exitDone || err != nil {
		s.t.Fatalf("erase: exit %d, %v\n%s%s", r.code, err, r.stdout, r.stderr)
	}
	signature, err := base64.StdEncoding.DecodeString(signed.Signature)
	if err != nil {
		s.t.Fatal(err)
	}
	done := s.checkReceipt(signed.Receipt, signature)
	if done.Scan.Total != 0 || len(done.Scan.Left) < 8 || len(done.Unread) != 0 {
		s.t.Errorf("the receipt says that there is left: %+v, %v", done.Scan, done.Unread)
	}
	return done
}
