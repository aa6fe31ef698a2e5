package archive

import (
	"time"

	"github.com/doxtrail/doxtrail/pkg/config"
)

// Config is the section `collector_archive` of the configuration file.
type Config struct {
	// Inbox is a folder whose files are imported as they appear, for machines
	// on which nobody types `doxtrail import`. Files are left where they are.
	// Empty means no inbox. Relative paths start at the folder of the
	// configuration file.
	Inbox string `yaml:"inbox"`
	// InboxPoll is how often the inbox is looked at. A file is read once its
	// size has not changed between two looks. Default 5s.
	InboxPoll time.Duration `yaml:"inbox_poll"`
	// Groups also reads public groups of Telegram exports. Their members are
	// persons who did not choose to publish, so it is off by default.
	Groups bool `yaml:"groups"`
	// Zone is the time zone (such as Asia/Hong_Kong) of old Telegram exports,
	// which give local times only. Without it such posts are rejected.
	Zone string `yaml:"zone"`
}

// Defaults returns the configuration that is used where the file is silent.
func Defaults() Config { return Config{InboxPoll: 5 * time.Second} }

// Validate returns every fault of c, each with its key.
func (c Config) Validate() error {
	var f config.Faults
	f.Check(c.InboxPoll >= 100*time.Millisecond && c.InboxPoll <= time.Hour, "inbox_poll", "must lie between 100ms and 1h")
	if _, err := c.location(); err != nil {
		f.Check(false, "zone", "is no time zone; write it like Asia/Hong_Kong")
	}
	return f.Err()
}

// location returns the zone for local times, nil if none is set.
func (c Config) location() (*time.Location, error) {
	if c.Zone == "" {
		return nil, nil //nolint:nilnil // no zone is a valid answer
	}
	return time.LoadLocation(c.Zone)
}
