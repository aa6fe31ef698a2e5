package watchlist

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/doxtrail/doxtrail/pkg/cardlink"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// maxBytes bounds a watch list file; ten thousand sites have half a megabyte.
const maxBytes = 4 << 20

// maxLabel is the length of the longest label.
const maxLabel = 64

// List is a watch list as a person wrote it.
type List struct {
	Families []Family  `yaml:"families"`
	Channels []Channel `yaml:"channels"`
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
	Label string `yaml:"label"`
	// Platform is the platform's word: telegram, twitter, wechat ...
	Platform string `yaml:"platform"`
	// ID is the platform's own id; Name the handle, where no id is known.
	ID   string `yaml:"id"`
	Name string `yaml:"name"`
	// Reason says why it is watched. It stays in the file and the sealed list.
	Reason string `yaml:"reason"`
}

// Load reads the watch list file at path. The error holds no path.
func Load(path string) (*List, error) {
	f, err := os.Open(path)
	if err != nil {
		var pe *os.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return nil, fmt.Errorf("open watch list: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read
	return Parse(f)
}

// Parse reads a watch list and checks it. The error names every fault.
func Parse(r io.Reader) (*List, error) {
	limited := &io.LimitedReader{R: r, N: maxBytes + 1}
	dec := yaml.NewDecoder(limited)
	dec.KnownFields(true)
	var list List
	err := dec.Decode(&list)
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

// readable keeps of yaml's error only lines and keys: values may name persons.
func readable(err error) error {
	var te *yaml.TypeError
	if !errors.As(err, &te) {
		return errors.New("not valid YAML")
	}
	var faults []error
	for _, e := range te.Errors {
		line, rest, _ := strings.Cut(e, ": ")
		what := "wrong type of value"
		if key, ok := strings.CutPrefix(rest, "field "); ok {
			key, _, _ = strings.Cut(key, " ")
			what = "unknown key " + key
		}
		faults = append(faults, fmt.Errorf("%s: %s", line, what))
	}
	return errors.Join(faults...)
}

// Validate returns all faults of the list joined, each under its key path.
func (l *List) Validate() error {
	var faults []error
	fault := func(path, text string) { faults = append(faults, fmt.Errorf("%s: %s", path, text)) }
	labels := map[string]bool{}
	owner := map[string]string{}
	for i, f := range l.Families {
		path := fmt.Sprintf("families[%d]", i)
		checkLabel(path, f.Label, labels, fault)
		if len(f.Sites) == 0 {
			fault(path+".sites", "names no site")
		}
		for k, s := range f.Sites {
			at := fmt.Sprintf("%s.sites[%d]", path, k)
			host, _, err := canonicalSite(s)
			switch {
			case err != nil:
				fault(at, "is no host; write it like harbour-leaks.example, without scheme and path")
			case owner[host] != "":
				fault(at, "stands at "+owner[host]+" already")
			default:
				owner[host] = at
			}
		}
		for k, p := range f.Pages {
			if _, err := canonicalPage(p); err != nil {
				fault(fmt.Sprintf("%s.pages[%d]", path, k), "is no path; it starts with /")
			}
		}
	}
	l.validateChannels(fault)
	return errors.Join(faults...)
}

func (l *List) validateChannels(fault func(path, text string)) {
	labels := map[string]bool{}
	seen := map[string]string{}
	for i, c := range l.Channels {
		path := fmt.Sprintf("channels[%d]", i)
		checkLabel(path, c.Label, labels, fault)
		if platformOf(c.Platform) == doxtrailv1.Platform_PLATFORM_UNSPECIFIED {
			fault(path+".platform", "is none of "+strings.Join(platforms(), ", "))
		}
		switch {
		case c.ID == "" && c.Name == "":
			fault(path, "needs an id or a name")
		case c.ID != "" && c.Name != "":
			fault(path, "has both id and name; keep the id")
		}
		identity := c.Platform + "\x00" + c.ID + "\x00" + strings.ToLower(c.Name)
		if seen[identity] != "" {
			fault(path, "stands at "+seen[identity]+" already")
		}
		seen[identity] = path
	}
}

// checkLabel reports a label that is missing, malformed or taken.
func checkLabel(path, label string, taken map[string]bool, fault func(path, text string)) {
	switch {
	case !validLabel(label):
		fault(path+".label", "must be 1 to 64 letters, digits and hyphens")
	case taken[label]:
		fault(path+".label", "is used twice")
	}
	taken[label] = true
}

func validLabel(s string) bool {
	return s != "" && len(s) <= maxLabel && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-'
	})
}

// canonicalSite gives the canonical host of a site and whether it is the whole
// registrable domain.
func canonicalSite(s string) (host string, whole bool, err error) {
	if strings.ContainsAny(s, "/:?#@ ") {
		return "", false, cardlink.ErrNoLink
	}
	link, err := cardlink.Canonicalise("http://" + s)
	if err != nil {
		return "", false, err
	}
	return link.Host, link.Host == link.Site, nil
}

// canonicalPage gives the canonical form of a path.
func canonicalPage(p string) (string, error) {
	if !strings.HasPrefix(p, "/") {
		return "", cardlink.ErrNoLink
	}
	link, err := cardlink.Canonicalise("http://page.invalid" + p)
	if err != nil {
		return "", err
	}
	return link.Path, nil
}

// platformOf reads a platform's word.
func platformOf(word string) doxtrailv1.Platform {
	return doxtrailv1.Platform(doxtrailv1.Platform_value["PLATFORM_"+strings.ToUpper(word)])
}

// platforms lists the words of all platforms.
func platforms() []string {
	var words []string
	for n, name := range doxtrailv1.Platform_name {
		if n != 0 {
			words = append(words, strings.ToLower(strings.TrimPrefix(name, "PLATFORM_")))
		}
	}
	slices.Sort(words)
	return words
}
