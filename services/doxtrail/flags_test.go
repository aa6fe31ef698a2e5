package main

import (
	"bytes"
	"strings"
	"testing"
)

// What is typed where it does not belong is not repeated: an address on the command line
// is a mistake that is easily made.
func TestAFlagsValueIsNotRepeated(t *testing.T) {
	const address = "https://invented.example/p/chan-tai-man"
	for _, tc := range []struct {
		args []string
		says string
	}{
		{[]string{"erase", "--card=" + address}, "--card takes no value"},
		{[]string{"erase", "--card", address, "--reason", "x"}, "nothing but flags may follow"},
		{[]string{"erase", "--wait", address, "--card"}, "--wait has another value than it takes (duration)"},
		{[]string{"lookup", "--" + address}, "unknown flag;"},
		{[]string{"lookup", "--=" + address}, "unknown flag;"},
		{[]string{"lookup", "--chan-tai-man"}, "unknown flag;"},
		{[]string{"lookup", "--raeson", address}, "unknown flag;"},
		{[]string{"locate", "--print=" + address}, "--print takes no value"},
		{[]string{"lookup", address}, "nothing but flags may follow"},
		{[]string{"explain", address}, "that is no post_key"},
	} {
		var stdout, stderr bytes.Buffer
		code := execute(t.Context(), tc.args, strings.NewReader(""), &stdout, &stderr)
		if code != exitUsage || !strings.Contains(stderr.String(), tc.says) || strings.Contains(stdout.String()+stderr.String(), "chan-tai") {
			t.Errorf("%q: exit %d, %q%q", tc.args, code, stdout.String(), stderr.String())
		}
	}
}
