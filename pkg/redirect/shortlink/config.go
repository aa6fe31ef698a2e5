package shortlink

import (
	"time"

	"github.com/doxtrail/doxtrail/pkg/redirect"
	"github.com/doxtrail/doxtrail/pkg/throttle"
)

// Config is the section `redirects` of a live collector: short links in new and edited
// posts. By default none is expanded, and a card behind one is seen as its short link
// only.
type Config struct {
	// On has the shorteners asked where their links lead. No landing page and no
	// watched site is requested. Off by default, for a shortener sees this machine's
	// address, and shows whoever made a link that it was followed.
	On bool `yaml:"on"`
	// Shorteners are the only hosts that are asked. Default: a list of well-known
	// ones, redirect.Shorteners.
	Shorteners []string `yaml:"shorteners"`
}

// Validate returns every fault of c.
func (c Config) Validate() error {
	return redirect.Config{Shorteners: c.Shorteners}.Validate()
}

// hosts are the shorteners that are asked; none where that is off.
func (c Config) hosts() []string {
	switch {
	case !c.On:
		return nil
	case len(c.Shorteners) == 0:
		return redirect.Shorteners()
	}
	return c.Shorteners
}

// Methods are what requests to the shorteners are called in the collector's Gate; none
// where that is off.
func (c Config) Methods() (methods []string) {
	for _, host := range c.hosts() {
		methods = append(methods, redirect.Method(host))
	}
	return methods
}

// Rule is the pace at which each shortener is asked.
func Rule() throttle.Rule { return throttle.Rule{Every: time.Second, Burst: 1} }
