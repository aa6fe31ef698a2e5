package telegram

import "github.com/doxtrail/doxtrail/pkg/redirect"

// RedirectsConfig is about short links in new and edited posts. By default none is
// expanded: a card behind one is then seen as its short link only.
type RedirectsConfig struct {
	// On has the shorteners asked where their links lead. No landing page and no
	// watched site is requested. Off by default, for a shortener sees this machine's
	// address, and shows whoever made a link that it was followed.
	On bool `yaml:"on"`
	// Shorteners are the only hosts that are asked. Default: a list of well-known
	// ones, redirect.Shorteners.
	Shorteners []string `yaml:"shorteners"`
}

// hosts are the shorteners that are asked; none where that is off.
func (c RedirectsConfig) hosts() []string {
	switch {
	case !c.On:
		return nil
	case len(c.Shorteners) == 0:
		return redirect.Shorteners()
	}
	return c.Shorteners
}

// Validate returns every fault of c.
func (c RedirectsConfig) Validate() error {
	return redirect.Config{Shorteners: c.Shorteners}.Validate()
}
