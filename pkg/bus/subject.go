package bus

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// subjectRoot starts every subject. A change of a record that old readers
// cannot take becomes a new root beside this one.
const subjectRoot = "doxtrail.v1"

// Stage is how far a record has come, and with it which stream it is on.
type Stage string

// The stages.
const (
	StageRaw     Stage = "raw"
	StageRecords Stage = "records"
	StageFailed  Stage = "failed"
)

// Lane keeps what is happening now apart from what is read from archives, so
// that the first never waits for the second.
type Lane string

// The lanes.
const (
	LaneLive    Lane = "live"
	LaneArchive Lane = "archive"
)

// Kind names the record type of a batch.
type Kind string

// The kinds of records.
const (
	KindPosts          Kind = "posts"
	KindChannels       Kind = "channels"
	KindChannelAliases Kind = "channel_aliases"
	KindLinks          Kind = "links"
	KindShares         Kind = "shares"
	KindObservations   Kind = "observations"
	KindCoverage       Kind = "coverage"
	KindProbes         Kind = "probes"
	KindTakedowns      Kind = "takedowns"
	KindImports        Kind = "imports"
	KindLocators       Kind = "locators"
	KindLocatorKeys    Kind = "locator_keys"
	KindDecisions      Kind = "decisions"
	KindSites          Kind = "sites"
)

// Subject says what a batch holds: every record of a message has the same
// stage, lane, kind and platform.
type Subject struct {
	Stage    Stage
	Lane     Lane
	Kind     Kind
	Platform doxtrailv1.Platform
}

var errSubject = errors.New("read subject: not one of doxtrail's")

// ErrSubject says that a subject is not complete or that its stage does not
// carry its kind.
var ErrSubject = errors.New("check subject: stage, lane, kind and platform do not fit together")

// kindsOf lists the kinds of a stage.
func kindsOf(s Stage) []Kind {
	switch s {
	case StageRaw:
		return []Kind{KindPosts, KindChannels, KindObservations, KindCoverage, KindProbes, KindImports}
	case StageRecords:
		return []Kind{
			KindPosts, KindChannels, KindChannelAliases, KindLinks, KindShares, KindObservations, KindCoverage,
			KindProbes, KindTakedowns, KindImports, KindLocators, KindLocatorKeys, KindDecisions, KindSites,
		}
	default:
		return nil
	}
}

// Validate reports whether the subject may be published on.
func (s Subject) Validate() error {
	if s.Lane != LaneLive && s.Lane != LaneArchive {
		return ErrSubject
	}
	if PlatformToken(s.Platform) == "" || !slices.Contains(kindsOf(s.Stage), s.Kind) {
		return ErrSubject
	}
	return nil
}

// String gives the subject as NATS knows it, for example
// doxtrail.v1.raw.archive.posts.telegram.
func (s Subject) String() string {
	return strings.Join([]string{subjectRoot, string(s.Stage), string(s.Lane), string(s.Kind), PlatformToken(s.Platform)}, ".")
}

// ParseSubject reads what [Subject.String] gives.
func ParseSubject(text string) (Subject, error) {
	rest, ok := strings.CutPrefix(text, subjectRoot+".")
	if !ok {
		return Subject{}, errSubject
	}
	t := strings.Split(rest, ".")
	if len(t) != 4 {
		return Subject{}, errSubject
	}
	s := Subject{Stage: Stage(t[0]), Lane: Lane(t[1]), Kind: Kind(t[2]), Platform: PlatformOf(t[3])}
	if s.Validate() != nil {
		return Subject{}, errSubject
	}
	return s, nil
}

// PlatformToken is a platform's word in subjects, labels and tables; empty for
// a platform that is not known.
func PlatformToken(p doxtrailv1.Platform) string {
	switch p {
	case doxtrailv1.Platform_PLATFORM_TELEGRAM:
		return "telegram"
	case doxtrailv1.Platform_PLATFORM_TWITTER:
		return "twitter"
	case doxtrailv1.Platform_PLATFORM_WECHAT:
		return "wechat"
	case doxtrailv1.Platform_PLATFORM_FACEBOOK:
		return "facebook"
	case doxtrailv1.Platform_PLATFORM_INSTAGRAM:
		return "instagram"
	case doxtrailv1.Platform_PLATFORM_WEB:
		return "web"
	default:
		return ""
	}
}

// PlatformOf reads a platform's word; PLATFORM_UNSPECIFIED if it is none.
func PlatformOf(token string) doxtrailv1.Platform {
	for n := range doxtrailv1.Platform_name {
		if p := doxtrailv1.Platform(n); token != "" && PlatformToken(p) == token {
			return p
		}
	}
	return doxtrailv1.Platform_PLATFORM_UNSPECIFIED
}

// Class is a short word for why a record failed: lower-case letters, digits,
// hyphen and underscore. It stands in a subject and in a metric's label, so it
// never holds anything of the record.
type Class string

// Classes that the bus itself gives; services add their own.
const (
	// ClassUnopenable is a batch whose key is gone or whose bytes are damaged.
	ClassUnopenable Class = "unopenable"
	// ClassPoison is a record that was in hand each time a process died.
	ClassPoison Class = "poison"
)

// Validate reports whether the class is one word of the allowed characters.
func (c Class) Validate() error {
	if !isToken(string(c)) {
		return errors.New("check class: not one word of lower-case letters, digits, hyphen or underscore")
	}
	return nil
}

func isToken(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_'
	})
}

// FailedSubject says where a record failed, why, and where it came from. All of
// it can be read without opening the record.
type FailedSubject struct {
	Service string
	Class   Class
	// Of is the subject the record was delivered on.
	Of Subject
}

// String gives doxtrail.v1.failed.SERVICE.PLATFORM.STAGE.LANE.KIND.CLASS.
func (f FailedSubject) String() string {
	return strings.Join([]string{
		subjectRoot, string(StageFailed), f.Service, PlatformToken(f.Of.Platform),
		string(f.Of.Stage), string(f.Of.Lane), string(f.Of.Kind), string(f.Class),
	}, ".")
}

// Validate reports whether the parts make a subject.
func (f FailedSubject) Validate() error {
	if !isToken(f.Service) {
		return fmt.Errorf("check failed subject: %w", ErrSubject)
	}
	return errors.Join(f.Class.Validate(), f.Of.Validate())
}

// ParseFailedSubject reads what [FailedSubject.String] gives.
func ParseFailedSubject(text string) (FailedSubject, error) {
	rest, ok := strings.CutPrefix(text, subjectRoot+"."+string(StageFailed)+".")
	if !ok {
		return FailedSubject{}, errSubject
	}
	t := strings.Split(rest, ".")
	if len(t) != 6 {
		return FailedSubject{}, errSubject
	}
	f := FailedSubject{
		Service: t[0], Class: Class(t[5]),
		Of: Subject{Stage: Stage(t[2]), Lane: Lane(t[3]), Kind: Kind(t[4]), Platform: PlatformOf(t[1])},
	}
	if f.Validate() != nil {
		return FailedSubject{}, errSubject
	}
	return f, nil
}
