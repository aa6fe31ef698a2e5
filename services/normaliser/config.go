package normaliser

import (
	"runtime"
	"time"

	"github.com/doxtrail/doxtrail/pkg/config"
)

// Config is the section `normaliser` of the configuration file.
type Config struct {
	// Workers is how many batches are normalised at once. More than there are
	// processors only costs memory. Default: the number of processors.
	Workers int `yaml:"workers"`
	// MaxLinks is how many links of one post are kept; the rest is dropped and
	// the post marked. A post with more is an attack or a list of everything.
	// Default 500.
	MaxLinks int `yaml:"max_links"`
	// RawMaxAge is how long a post may wait on RAW. What waited longer becomes a
	// gap in the coverage instead of rows, so that no text lies there for ever.
	// 0 means that nothing is ever too old. Default 72h.
	RawMaxAge time.Duration `yaml:"raw_max_age"`
	// LocatorDays is for how many days what finds a post, a channel or a card's page
	// again is kept, sealed to the custodian. Reading something again starts its days
	// anew. 0 keeps none: then nothing can be handed to a platform. Default 400.
	LocatorDays int `yaml:"locator_days"`
	// StopTimeout bounds the wait, when the service stops, until what was
	// published is confirmed. What is not is delivered again. Default 10s.
	StopTimeout time.Duration `yaml:"stop_timeout"`
}

// Defaults returns the configuration that is used where the file is silent.
func Defaults() Config {
	return Config{Workers: runtime.GOMAXPROCS(0), MaxLinks: 500, RawMaxAge: 72 * time.Hour, LocatorDays: 400, StopTimeout: 10 * time.Second}
}

// Validate returns every fault of c, each with its key.
func (c Config) Validate() error {
	var f config.Faults
	f.Check(c.Workers >= 1 && c.Workers <= 256, "workers", "must lie between 1 and 256")
	f.Check(c.MaxLinks >= 1 && c.MaxLinks <= 100_000, "max_links", "must lie between 1 and 100000")
	f.Check(c.RawMaxAge == 0 || (c.RawMaxAge >= time.Hour && c.RawMaxAge <= 366*24*time.Hour), "raw_max_age", "must be 0 or lie between 1h and 8784h")
	f.Check(c.LocatorDays >= 0 && c.LocatorDays <= 3660, "locator_days", "must lie between 0 and 3660")
	f.Check(c.StopTimeout >= time.Second && c.StopTimeout <= 10*time.Minute, "stop_timeout", "must lie between 1s and 10m")
	return f.Err()
}
