package telegram

import "github.com/doxtrail/doxtrail/pkg/config"

// MediaConfig is about the pictures of posts. By default none is downloaded: what
// is known of a picture is Telegram's own id of it, and a hash of the thumbnail of
// some 40 pixels that comes with the post.
type MediaConfig struct {
	// Download has the pictures of new, edited and old posts fetched, one at a time,
	// hashed in memory and dropped. It makes a hash where a thumbnail gives none, and
	// a better one elsewhere; no byte of a picture is written anywhere. Off by
	// default, for two reasons: pictures of victims then pass through the memory of
	// this process; and it takes calls, two to six a picture, and for each data
	// centre and each start one by which the account is made known there, which
	// Telegram lets some accounts wait a quarter of an hour for.
	Download bool `yaml:"download"`
	// MaxBytes bounds one picture: what Telegram says is larger is left alone.
	// Default 10485760 (10 MiB), at most 67108864 (64 MiB).
	MaxBytes int64 `yaml:"max_bytes"`
	// MaxBytesPerDay bounds all pictures of one day in UTC, across restarts; what
	// comes after is left alone. Default 1073741824 (1 GiB).
	MaxBytesPerDay int64 `yaml:"max_bytes_per_day"`
}

// maxPictureBytes is the most that MaxBytes may be: a picture is held in memory.
const maxPictureBytes = 64 << 20

// Validate returns every fault of c.
func (c MediaConfig) Validate() error {
	var f config.Faults
	f.Check(c.MaxBytes >= 1 && c.MaxBytes <= maxPictureBytes, "max_bytes", "must lie between 1 and 67108864 (64 MiB)")
	f.Check(c.MaxBytesPerDay >= c.MaxBytes, "max_bytes_per_day", "must be at least max_bytes")
	return f.Err()
}
