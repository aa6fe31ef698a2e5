package main

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestKindsOfLines(t *testing.T) {
	t.Parallel()
	s := &testStudy{t: t, dir: t.TempDir()}
	lines := []struct{ text, want string }{
		{"電話 +852 9123 4567，身份證A123456(3)", `{"line":1,"kinds":[{"kind":"phone","start":7,"end":21,"confidence":"sure"},{"kind":"hkid","start":33,"end":43,"confidence":"sure"}]}`},
		{"昨天在旺角再次見面", `{"line":2,"kinds":[]}`},
		{"", `{"line":3,"kinds":[]}`},
		{"โทร 91234567", `{"line":4,"error":"recognise personal data: a script that the rules do not know"}`},
		{"電話 91234567\xff", `{"line":5,"error":"recognise personal data: not UTF-8"}`},
		{"tai@mail.example", `{"line":6,"kinds":[{"kind":"email","start":0,"end":16,"confidence":"sure"}]}`},
	}
	var in, want strings.Builder
	for _, l := range lines {
		in.WriteString(l.text + "\n")
		want.WriteString(l.want + "\n")
	}
	r := s.answer(in.String(), "kinds")
	if diff := cmp.Diff(want.String(), r.stdout); diff != "" || r.code != exitDone || r.stderr != "" {
		t.Errorf("exit %d, %q (-want +got):\n%s", r.code, r.stderr, diff)
	}
	if left, err := os.ReadDir(s.dir); err != nil || len(left) > 0 {
		t.Errorf("%d entries were made in the folder, %v", len(left), err)
	}
}

// A text is never an argument, and what is wrong is said without it.
func TestKindsRefusesWithoutRepeating(t *testing.T) {
	t.Parallel()
	s := &testStudy{t: t, dir: t.TempDir()}
	const secret = "A123456(3)"
	for name, r := range map[string]result{
		"argument":  s.answer("", "kinds", secret),
		"long line": s.answer(strings.Repeat(secret, maxKindsLine/len(secret)+1)+"\n", "kinds"),
	} {
		if r.code == exitDone || r.stderr == "" || r.stdout != "" || strings.Contains(r.stderr, "A123456") {
			t.Errorf("%s: exit %d, %q, %q", name, r.code, r.stdout, r.stderr)
		}
	}
}
