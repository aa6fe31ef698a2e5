package telegram

import (
	"strings"
	"testing"
	"time"
)

func TestPreviewConfig(t *testing.T) {
	good := PreviewConfig{URL: "https://t.me", Every: 3 * time.Second, Poll: 10 * time.Minute}
	for name, tc := range map[string]struct {
		edit func(c *PreviewConfig)
		want string // "" is no fault
	}{
		"as a user writes it": {func(*PreviewConfig) {}, ""},
		"off":                 {func(c *PreviewConfig) { *c = PreviewConfig{} }, ""},
		"with a slash":        {func(c *PreviewConfig) { c.URL += "/" }, ""},
		"on this machine":     {func(c *PreviewConfig) { c.URL, c.Every, c.Poll = "http://127.0.0.1:80", time.Millisecond, time.Second }, ""},
		"of another protocol": {func(c *PreviewConfig) { c.URL = "ftp://t.me" }, "url"},
		"without a protocol":  {func(c *PreviewConfig) { c.URL = "t.me" }, "url"},
		"with a path":         {func(c *PreviewConfig) { c.URL += "/s" }, "url"},
		"with a user":         {func(c *PreviewConfig) { c.URL = "https://u@t.me" }, "url"},
		"with a query":        {func(c *PreviewConfig) { c.URL += "?a=1" }, "url"},
		"too often":           {func(c *PreviewConfig) { c.Every = time.Second / 2 }, "every"},
		"polled too often":    {func(c *PreviewConfig) { c.Poll = time.Second }, "poll"},
		"not a loopback name": {func(c *PreviewConfig) { c.URL, c.Every = "https://localhost.example", time.Millisecond }, "every"},
	} {
		t.Run(name, func(t *testing.T) {
			c := good
			tc.edit(&c)
			switch err := c.Validate(); {
			case tc.want == "" && err != nil:
				t.Error(err)
			case tc.want != "" && (err == nil || !strings.HasPrefix(err.Error(), tc.want+": ") || strings.Contains(err.Error(), "\n")):
				t.Errorf("got %v, want one fault of %s", err, tc.want)
			}
		})
	}
}
