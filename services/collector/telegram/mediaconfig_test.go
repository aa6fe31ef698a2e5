package telegram

import (
	"strings"
	"testing"
)

func TestMediaConfig(t *testing.T) {
	good := Defaults().Media
	if good.Download {
		t.Error("pictures are downloaded by default")
	}
	for name, tc := range map[string]struct {
		edit func(c *MediaConfig)
		want []string // the keys with faults
	}{
		"the defaults":            {func(*MediaConfig) {}, nil},
		"switched on":             {func(c *MediaConfig) { c.Download = true }, nil},
		"as large as may be":      {func(c *MediaConfig) { c.MaxBytes = maxPictureBytes }, nil},
		"one picture a day":       {func(c *MediaConfig) { c.MaxBytesPerDay = c.MaxBytes }, nil},
		"pictures of no bytes":    {func(c *MediaConfig) { c.MaxBytes = 0 }, []string{"max_bytes"}},
		"too large":               {func(c *MediaConfig) { c.MaxBytes = maxPictureBytes + 1 }, []string{"max_bytes"}},
		"a day less than a piece": {func(c *MediaConfig) { c.MaxBytesPerDay = c.MaxBytes - 1 }, []string{"max_bytes_per_day"}},
		"both":                    {func(c *MediaConfig) { c.MaxBytes, c.MaxBytesPerDay = -1, -2 }, []string{"max_bytes", "max_bytes_per_day"}},
	} {
		t.Run(name, func(t *testing.T) {
			c := good
			tc.edit(&c)
			err := c.Validate()
			if len(tc.want) == 0 {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || len(strings.Split(err.Error(), "\n")) != len(tc.want) {
				t.Fatalf("got %v, want faults of %v", err, tc.want)
			}
			for i, line := range strings.Split(err.Error(), "\n") {
				if !strings.HasPrefix(line, tc.want[i]+": ") {
					t.Errorf("got %q, want a fault of %s", line, tc.want[i])
				}
			}
		})
	}
}
