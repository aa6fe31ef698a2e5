package main

import (
	"bytes"
	"os"
	"testing"
)

// A program that calls methods by name, as text/template does, keeps every method
// of every type, and the generated code of gotd has thousands: the binary would be
// twice as large. Names of functions stand in it, stripped or not.
func TestMethodsThatNobodyCallsAreLeftOut(t *testing.T) {
	b, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(b, []byte("github.com/gotd/td/tg.(*Client).UpdatesGetChannelDifference")) {
		t.Fatal("a method that is called is not found: the test looks in vain")
	}
	if bytes.Contains(b, []byte("github.com/gotd/td/tg.(*Client).PaymentsSendStarsForm")) {
		t.Error("a method that nobody calls is in the binary: something reaches text/template or reflect's MethodByName (go build -ldflags=-dumpdep shows what)")
	}
}
