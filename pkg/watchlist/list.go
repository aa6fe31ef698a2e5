package watchlist

import (
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxBytes bounds a watch list file; ten thousand sites have half a megabyte.
const maxBytes = 4 << 20

// List is a watch list as a person wrote it.
type List struct {
	Families []Family  `yaml:"families"`
	Channels []Channel `yaml:"channels"`
	// Signals are terms that mark a post that they stand in.
	Signals Signals `yaml:"signals"`
	// Rejected are channels that a person decided not to watch. No file names
	// them; see [Merge].
	Rejected []Channel `yaml:"-"`
	// ApprovedSites and RejectedSites are sites that a person decided about, of
	// families of this list. No file names them; see [Merge].
	ApprovedSites []DecidedSite `yaml:"-"`
	RejectedSites []DecidedSite `yaml:"-"`
}

// Signals are terms for what a post wants of its readers. No text is kept: a post
// that holds one has a flag.
type Signals struct {
	// Bounty marks posts that offer a reward for what is found out about somebody.
	Bounty []string `json:"bounty,omitempty" yaml:"bounty"`
	// CallToAction marks posts that call upon others to act against somebody.
	CallToAction []string `json:"call_to_action,omitempty" yaml:"call_to_action"`
}

// Family is the cards and mirrors of one campaign.
type Family struct {
	// Label is the family's neutral name: letters, digits and hyphens.
	Label string `yaml:"label"`
	// Sensitive says that the family's hosts must not be printed in reports.
	Sensitive bool `yaml:"sensitive"`
	// Sites are hosts, without scheme and path.
	Sites []string `yaml:"sites"`
	// Pages are the paths of pages that are no cards: lists, start pages.
	Pages []string `yaml:"pages"`
	// Patterns and Terms are read and kept for services that propose sites and
	// search for posts.
	Patterns []string `yaml:"patterns"`
	Terms    []string `yaml:"terms"`
}

// Channel is a channel that is watched.
type Channel struct {
	// Label is what the channel is called wherever it is shown.
	Label string `json:"label" yaml:"label"`
	// Platform is the platform's word: telegram, twitter, wechat, facebook,
	// instagram or web.
	Platform string `json:"platform" yaml:"platform"`
	// ID is the platform's own id, Name the handle. One of them may be empty.
	// With both, the id says which channel it is, and the handle how a collector
	// gets there.
	ID   string `json:"id,omitempty" yaml:"id"`
	Name string `json:"name,omitempty" yaml:"name"`
	// Reason says why it is watched. It stays in the file and the sealed list.
	Reason string `json:"reason,omitempty" yaml:"reason"`
	// Decided says that it is watched because a person approved it when it was
	// proposed, and not because the file names it.
	Decided bool `json:"decided,omitempty" yaml:"-"`
}

// Load reads the watch list file at path. The error does not hold the path.
func Load(path string) (*List, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open watch list: %w", errors.Unwrap(err))
	}
	defer func() { _ = file.Close() }()
	return Parse(file)
}

// Parse reads a watch list and checks it. The error names every fault; a file
// with nothing in it is an empty list.
func Parse(r io.Reader) (*List, error) {
	limited := &io.LimitedReader{R: r, N: maxBytes + 1}
	decoder := yaml.NewDecoder(limited)
	decoder.KnownFields(true)
	var list List
	err := decoder.Decode(&list)
	if err == nil {
		var second yaml.Node
		if more := decoder.Decode(&second); !errors.Is(more, io.EOF) {
			err = errors.New("more than one document: take out the line ---")
		}
	}
	switch {
	case limited.N <= 0:
		return nil, fmt.Errorf("read watch list: longer than %d bytes", maxBytes)
	case err != nil && !errors.Is(err, io.EOF):
		return nil, fmt.Errorf("read watch list: %w", readable(err))
	}
	if err := list.Validate(); err != nil {
		return nil, fmt.Errorf("check watch list:\n%w", err)
	}
	return &list, nil
}

// readable keeps of yaml's errors the lines only: their texts quote values, and
// a value may name a person. So may an unknown key, where a name stands before a
// colon; what would have been known is said instead.
func readable(err error) error {
	var typeError *yaml.TypeError
	if !errors.As(err, &typeError) {
		text, ok := strings.CutPrefix(err.Error(), "yaml: line ")
		if line, _, found := strings.Cut(text, ":"); ok && found {
			return fmt.Errorf("line %s: not valid YAML", line)
		}
		if strings.HasPrefix(err.Error(), "yaml: ") {
			return errors.New("not valid YAML")
		}
		return err
	}
	faults := make([]error, 0, len(typeError.Errors))
	for _, text := range typeError.Errors {
		line, rest, _ := strings.Cut(text, ": ")
		what := "wrong type of value"
		if strings.HasPrefix(rest, "field ") {
			what = "unknown key" + knownKeys(rest[strings.LastIndexByte(rest, '.')+1:])
		} else if strings.HasPrefix(rest, "mapping key ") {
			what = "key stands twice"
		}
		faults = append(faults, fmt.Errorf("%s: %s", line, what))
	}
	return errors.Join(faults...)
}

// knownKeys lists what may stand at a place that has the form of one of these.
func knownKeys(form string) string {
	for _, t := range []reflect.Type{reflect.TypeFor[List](), reflect.TypeFor[Signals](), reflect.TypeFor[Family](), reflect.TypeFor[Channel]()} {
		if t.Name() == form {
			keys := make([]string, 0, t.NumField())
			for field := range t.Fields() {
				if key := field.Tag.Get("yaml"); key != "-" {
					keys = append(keys, key)
				}
			}
			return "; known are " + strings.Join(keys, ", ")
		}
	}
	return ""
}
