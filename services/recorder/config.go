package recorder

import (
	"time"

	"github.com/doxtrail/doxtrail/pkg/config"
)

// Config is the section `recorder` of the configuration file.
type Config struct {
	// BatchRows is how many rows are collected before they are inserted.
	// Batches of 5,000 rows cost twice the CPU a row of batches of 50,000; from
	// some 30,000 on it hardly falls, and memory grows. Default 32000.
	BatchRows int `yaml:"batch_rows"`
	// BatchWait is the least time between two batches that are not full, and
	// so the longest that rows wait for more before they are inserted. A part
	// of a table is made each time. Default 250ms.
	BatchWait time.Duration `yaml:"batch_wait"`
	// InsertTimeout bounds one attempt to insert a batch, and with it how long
	// a stop can take: an attempt that is under way is not cut off. The stream
	// waits as long as it takes. Default 60s.
	InsertTimeout time.Duration `yaml:"insert_timeout"`
	// StripWait is the least time between two looks for what must not be kept
	// of posts that are gone from X, after rows of X came. Default 1m.
	StripWait time.Duration `yaml:"strip_wait"`
}

// Defaults returns the configuration that is used where the file is silent.
func Defaults() Config {
	return Config{BatchRows: 32_000, BatchWait: 250 * time.Millisecond, InsertTimeout: time.Minute, StripWait: time.Minute}
}

// Validate returns every fault of c, each with its key.
func (c Config) Validate() error {
	var f config.Faults
	f.Check(c.BatchRows >= 1 && c.BatchRows <= 1_000_000, "batch_rows", "must lie between 1 and 1000000")
	f.Check(c.BatchWait >= 10*time.Millisecond && c.BatchWait <= 10*time.Second, "batch_wait", "must lie between 10ms and 10s")
	f.Check(c.InsertTimeout >= time.Second && c.InsertTimeout <= 10*time.Minute, "insert_timeout", "must lie between 1s and 10m")
	f.Check(c.StripWait >= 10*time.Millisecond && c.StripWait <= stripEvery, "strip_wait", "must lie between 10ms and 1h")
	return f.Err()
}
