package bus_test

import (
	"testing"

	"github.com/doxtrail/doxtrail/pkg/bus"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

func TestSubjectsReadAndWrite(t *testing.T) {
	want := bus.Subject{Stage: bus.StageRaw, Lane: bus.LaneArchive, Kind: bus.KindPosts, Platform: telegram}
	if got := want.String(); got != "doxtrail.v1.raw.archive.posts.telegram" {
		t.Errorf("subject is %s", got)
	}
	if got, err := bus.ParseSubject(want.String()); err != nil || got != want {
		t.Errorf("read back as %v: %v", got, err)
	}
	failed := bus.FailedSubject{Service: "normaliser", Class: "too-long", Of: want}
	if got := failed.String(); got != "doxtrail.v1.failed.normaliser.telegram.raw.archive.posts.too-long" {
		t.Errorf("failed subject is %s", got)
	}
	if got, err := bus.ParseFailedSubject(failed.String()); err != nil || got != failed {
		t.Errorf("read back as %v: %v", got, err)
	}
}

func TestSubjectsThatAreRefused(t *testing.T) {
	for name, s := range map[string]bus.Subject{
		"no stage":                   {Lane: bus.LaneLive, Kind: bus.KindPosts, Platform: telegram},
		"no lane":                    {Stage: bus.StageRaw, Kind: bus.KindPosts, Platform: telegram},
		"no platform":                {Stage: bus.StageRaw, Lane: bus.LaneLive, Kind: bus.KindPosts},
		"a kind RAW does not carry":  {Stage: bus.StageRaw, Lane: bus.LaneLive, Kind: bus.KindLocators, Platform: telegram},
		"a platform that is unknown": {Stage: bus.StageRaw, Lane: bus.LaneLive, Kind: bus.KindPosts, Platform: 99},
	} {
		t.Run(name, func(t *testing.T) {
			if s.Validate() == nil {
				t.Errorf("%v is allowed", s)
			}
			if _, err := bus.ParseSubject(s.String()); err == nil {
				t.Errorf("%v is read", s)
			}
		})
	}
	for _, class := range []bus.Class{"", "a.b", "Upper", "with space", ">", "*"} {
		if class.Validate() == nil {
			t.Errorf("class %q is allowed", class)
		}
	}
}

func TestEveryPlatformHasAWord(t *testing.T) {
	for n := range doxtrailv1.Platform_name {
		p := doxtrailv1.Platform(n)
		if p == doxtrailv1.Platform_PLATFORM_UNSPECIFIED {
			continue
		}
		if got := bus.PlatformOf(bus.PlatformToken(p)); got != p {
			t.Errorf("platform %v reads back as %v", p, got)
		}
	}
}

func FuzzParseSubject(f *testing.F) {
	f.Add("doxtrail.v1.raw.archive.posts.telegram")
	f.Add("doxtrail.v1.failed.normaliser.web.records.live.sites.class")
	f.Add("doxtrail.v1.raw.>")
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := bus.ParseSubject(text); err == nil && s.String() != text {
			t.Errorf("%q is read as %q", text, s)
		}
		if s, err := bus.ParseFailedSubject(text); err == nil && s.String() != text {
			t.Errorf("%q is read as %q", text, s)
		}
	})
}
