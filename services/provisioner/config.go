package provisioner

import (
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/config"
)

// Config is the section `provisioner` of the configuration file.
type Config struct {
	// WatchlistPoll is how often the watch list file is looked at for changes
	// while the service runs. Default 2s.
	WatchlistPoll time.Duration `yaml:"watchlist_poll"`
	// Replicas is how many servers of a NATS cluster keep each stream: 1 on
	// one machine, 3 on a cluster. Default 1.
	Replicas int `yaml:"replicas"`
	// RawMaxBytes and RecordsMaxBytes bound the two large streams. When RAW is
	// full, collectors wait; nothing is dropped. Defaults 2 GiB and 8 GiB.
	RawMaxBytes     int64 `yaml:"raw_max_bytes"`
	RecordsMaxBytes int64 `yaml:"records_max_bytes"`
	// BucketMaxBytes bounds each key-value bucket. CURSORS, where collectors note
	// how far they are, grows with the channels: about 100 KB for one with a
	// million posts. When it is full they wait; nothing is lost. Default 128 MiB.
	BucketMaxBytes int64 `yaml:"bucket_max_bytes"`
}

// Defaults returns the configuration that is used where the file is silent.
func Defaults() Config {
	return Config{WatchlistPoll: 2 * time.Second, Replicas: 1, RawMaxBytes: 2 << 30, RecordsMaxBytes: 8 << 30, BucketMaxBytes: 128 << 20}
}

// StoreBytes is what all streams and buckets together may take on disk, which
// a store must allow: the server reserves each limit when a stream is made.
func (c Config) StoreBytes() int64 {
	more := c.provision().TotalBytes() - Defaults().provision().TotalBytes()
	return Defaults().RawMaxBytes + Defaults().RecordsMaxBytes + storeRest + more
}

// storeRest is for the smaller streams and buckets, at bus's defaults.
const storeRest = 2 << 30

// provision is the part of the configuration that sizes streams.
func (c Config) provision() bus.ProvisionConfig {
	return bus.ProvisionConfig{RawBytes: c.RawMaxBytes, RecordsBytes: c.RecordsMaxBytes, BucketBytes: c.BucketMaxBytes, Replicas: c.Replicas}
}

// Validate returns every fault of c, each with its key.
func (c Config) Validate() error {
	var f config.Faults
	f.Check(c.WatchlistPoll >= 100*time.Millisecond && c.WatchlistPoll <= time.Hour, "watchlist_poll", "must lie between 100ms and 1h")
	f.Check(c.Replicas == 1 || c.Replicas == 3 || c.Replicas == 5, "replicas", "must be 1, 3 or 5")
	f.Check(c.RawMaxBytes >= 64<<20, "raw_max_bytes", "must be 67108864 (64 MiB) or more")
	f.Check(c.RecordsMaxBytes >= 64<<20, "records_max_bytes", "must be 67108864 (64 MiB) or more")
	f.Check(c.BucketMaxBytes >= 1<<20, "bucket_max_bytes", "must be 1048576 (1 MiB) or more")
	return f.Err()
}
