package config_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/config"
)

type section struct {
	Rows int           `yaml:"rows"`
	Wait time.Duration `yaml:"wait"`
}

type file struct {
	Name     string  `yaml:"name"`
	Recorder section `yaml:"recorder"`
}

func TestParse(t *testing.T) {
	defaults := file{Name: "d", Recorder: section{Rows: 50, Wait: time.Second}}
	tests := map[string]struct {
		in   string
		want file
		err  []string
	}{
		"an empty file keeps the defaults": {in: "", want: defaults},
		"a value replaces a default": {
			in:   "recorder: {wait: 250ms}\n",
			want: file{Name: "d", Recorder: section{Rows: 50, Wait: 250 * time.Millisecond}},
		},
		"unknown keys are all named with their lines": {
			in:  "nam: x\nrecorder:\n  row: 3\n",
			err: []string{"line 1: unknown key nam", "line 3: unknown key row"},
		},
		"a wrong type is named with its line": {
			in:  "recorder:\n  rows: many\n",
			err: []string{"line 2: wrong type of value, want a whole number"},
		},
		"a key that stands twice is named as such": {
			in:  "name: a\nname: b\n",
			err: []string{"line 2: key stands twice"},
		},
		"a value is never repeated": {
			in:  "recorder:\n  wait: [secret, into secret]\nname: {a: secret}\n",
			err: []string{"read config: line 2: wrong type of value, want a time such as 30s\nline 3: wrong type of value, want a text"},
		},
		"what is no YAML is named with its line": {in: "name: a\n\tb: [\n", err: []string{"line 2: found a tab character"}},
		"what is no YAML is not repeated":        {in: "name: *s3cret\n", err: []string{"read config: not valid YAML"}},
		"a second document is refused":           {in: "name: a\n---\nname: b\n", err: []string{"more than one"}},
		"a huge file is refused":                 {in: "name: " + strings.Repeat("x", 2<<20), err: []string{"longer than"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got := defaults
			err := config.Parse(strings.NewReader(tc.in), &got)
			if len(tc.err) == 0 {
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(got, tc.want); diff != "" {
					t.Errorf("config (-got +want)\n%s", diff)
				}
				return
			}
			if err == nil {
				t.Fatal("no error")
			}
			if strings.Contains(err.Error(), "s3cret") {
				t.Errorf("error %q repeats a value", err)
			}
			for _, want := range tc.err {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q lacks %q", err, want)
				}
			}
		})
	}
}

func TestFaultsNameEveryKeyPath(t *testing.T) {
	var inner config.Faults
	inner.Check(false, "rows", "must be 1 or more")
	inner.Check(true, "wait", "fine")
	inner.Add("file", errors.New("is missing"))

	var outer config.Faults
	outer.Add("recorder", inner.Err())
	outer.Add("data", nil)
	outer.Check(false, "listen", "must be a loopback address")

	want := "recorder.rows: must be 1 or more\nrecorder.file: is missing\nlisten: must be a loopback address"
	if got := outer.Err().Error(); got != want {
		t.Errorf("faults\n got %q\nwant %q", got, want)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("name: x\nrecorder: {rows: 1}")
	f.Add("a: [")
	f.Fuzz(func(_ *testing.T, in string) {
		var dst file
		_ = config.Parse(strings.NewReader(in), &dst) // must not panic
	})
}
