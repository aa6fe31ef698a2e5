package privacy

import "testing"

func TestWhatIsSpelledIsCutOut(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"for name at mail dot example":          "for [redacted]",
		"for name.more+tag at mail dot example": "for [redacted]",
		"for name(at)mail.example":              "for [redacted]",
		"for name [AT] mail.example and others": "for [redacted] and others",
		"looked at two of 5 files":              "looked at two of 5 files",
		"it looked at hosts. Then it stopped":   "it looked at hosts. Then it stopped",
		"number 9 1 2 3 4 5 6 7":                "number [redacted]",
		"number 9,1,2,3,4,5,6,7":                "number [redacted]",
		"levels 1, 2, 3 and 4":                  "levels 1, 2, 3 and 4",
		"levels 1,2,3":                          "levels 1,2,3",
	} {
		if got := Scrub(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}
