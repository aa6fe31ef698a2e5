package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/doxtrail/doxtrail/pkg/config"
	archivecollector "github.com/doxtrail/doxtrail/services/collector/archive"
	telegramcollector "github.com/doxtrail/doxtrail/services/collector/telegram"
	twittercollector "github.com/doxtrail/doxtrail/services/collector/twitter"
	"github.com/doxtrail/doxtrail/services/normaliser"
	"github.com/doxtrail/doxtrail/services/provisioner"
	"github.com/doxtrail/doxtrail/services/recorder"
)

// Config is the configuration file, doxtrail.yaml. Every key has a default, so
// an empty file, or none, is a working configuration for one machine.
type Config struct {
	// Data is the folder of the embedded servers; one folder is one study.
	// Default ./data. The flag --data wins.
	Data string `yaml:"data"`
	// Keys is the folder of the key ring. It must not lie inside the data
	// folder. Default: doxtrail/keys in the user's config folder. The flag
	// --keys wins.
	Keys string `yaml:"keys"`
	// Watchlist is the file with families, sites and channels that are watched
	// (see pkg/watchlist). Without one every link is studied. Relative paths
	// in this file start at the file's own folder. Default none.
	Watchlist string `yaml:"watchlist"`
	// Listen is the address of /livez, /readyz and /metrics of `up` and `run`.
	// Default 127.0.0.1:0, a free port that is logged. It has no password:
	// keep it on a loopback or private address.
	Listen string `yaml:"listen"`
	// LogLevel is debug, info, warn or error. Default info for `up` and `run`,
	// warn for other commands.
	LogLevel string `yaml:"log_level"`
	// MinDiskFree is how many bytes must stay free where the data folder lies:
	// under that nothing more is taken in, so that the servers can finish what
	// they have and merge. Default 2 GiB or a twentieth of the file system,
	// whichever is less. It means nothing beside real servers.
	MinDiskFree int64 `yaml:"min_disk_free"`
	// StopWait bounds how long services may finish what they have in hand.
	// Default 30s.
	StopWait time.Duration `yaml:"stop_wait"`

	Embedded   EmbeddedConfig   `yaml:"embedded"`
	NATS       NATSConfig       `yaml:"nats"`
	ClickHouse ClickHouseConfig `yaml:"clickhouse"`

	// LegalBasis is needed for everything that collects live.
	LegalBasis config.LegalBasis `yaml:"legal_basis"`

	Provisioner       provisioner.Config       `yaml:"provisioner"`
	CollectorArchive  archivecollector.Config  `yaml:"collector_archive"`
	CollectorTelegram telegramcollector.Config `yaml:"collector_telegram"`
	CollectorTwitter  twittercollector.Config  `yaml:"collector_twitter"`
	Normaliser        normaliser.Config        `yaml:"normaliser"`
	Recorder          recorder.Config          `yaml:"recorder"`
}

// EmbeddedConfig is about the servers inside the process.
type EmbeddedConfig struct {
	// Libchdb is the path of libchdb.so. Default: where `make deps` puts it,
	// or the environment variable DOXTRAIL_LIBCHDB.
	Libchdb string `yaml:"libchdb"`
}

// NATSConfig names NATS servers. Empty means the embedded one.
type NATSConfig struct {
	// URL is one address or several with commas, nats:// or tls://.
	URL string `yaml:"url"`
	// TokenFile holds the token, if the servers want one.
	TokenFile string `yaml:"token_file"`
	// SeedFile holds the nkey seed of the service or command that runs with
	// this configuration, if the servers know each by a key of its own.
	SeedFile string `yaml:"seed_file"`
	// CAFile holds the certificates (PEM) that the servers' own are checked
	// against. Default: those of the system.
	CAFile string `yaml:"ca_file"`
	// MonitorURL is the address of the servers' monitoring pages, or several
	// with commas, http://host:8222. Only `doctor` asks there, whether every
	// message is synced.
	MonitorURL string `yaml:"monitor_url"`
}

// ClickHouseConfig names a ClickHouse server. Empty means the embedded one.
type ClickHouseConfig struct {
	// URL of the server's HTTP interface, http:// or https://.
	URL string `yaml:"url"`
	// CAFile holds the certificates (PEM) that the server's own is checked
	// against. Default: those of the system.
	CAFile string `yaml:"ca_file"`
	// User and PasswordFile are the services' account.
	User         string `yaml:"user"`
	PasswordFile string `yaml:"password_file"`
	// Layout is server (default), replicas (one shard with replicas; Cluster
	// then names the cluster) or embedded (an engine without users, such as
	// that of another doxtrail).
	Layout  string `yaml:"layout"`
	Cluster string `yaml:"cluster"`
	// ResearcherUser and ResearcherPasswordFile are the read-only account that
	// `sql` and `query` use.
	ResearcherUser         string `yaml:"researcher_user"`
	ResearcherPasswordFile string `yaml:"researcher_password_file"`
	// OperatorUser and OperatorPasswordFile are the account of `sql
	// --operator`: it reads the tables too and writes nothing.
	OperatorUser         string `yaml:"operator_user"`
	OperatorPasswordFile string `yaml:"operator_password_file"`
}

func defaults() Config {
	return Config{
		Listen:   "127.0.0.1:0",
		StopWait: 30 * time.Second,

		Provisioner:       provisioner.Defaults(),
		CollectorArchive:  archivecollector.Defaults(),
		CollectorTelegram: telegramcollector.Defaults(),
		CollectorTwitter:  twittercollector.Defaults(),
		Normaliser:        normaliser.Defaults(),
		Recorder:          recorder.Defaults(),
	}
}

// embedded says whether the servers run inside the process.
func (c *Config) embedded() bool { return c.NATS.URL == "" }

// Validate returns every fault of c, each under its key path.
func (c *Config) Validate() error {
	var f config.Faults
	f.Check((c.NATS.URL == "") == (c.ClickHouse.URL == ""), "nats.url", "set both nats.url and clickhouse.url, or neither for the embedded servers")
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		f.Check(false, "listen", "must be host:port")
	}
	if _, err := c.level(slog.LevelInfo); err != nil {
		f.Check(false, "log_level", "must be debug, info, warn or error")
	}
	for _, at := range []struct{ key, url, instead string }{
		{"nats.url", c.NATS.URL, "nats.token_file or nats.seed_file"},
		{"nats.monitor_url", c.NATS.MonitorURL, "a monitor without a password, on a private address"},
		{"clickhouse.url", c.ClickHouse.URL, "clickhouse.user and clickhouse.password_file"},
	} {
		// doctor prints addresses, and so do other programs.
		f.Check(!strings.ContainsAny(at.url, "@?"), at.key, "must be an address alone, without user, password and parameters; use "+at.instead)
	}
	f.Check(c.NATS.TokenFile == "" || c.NATS.SeedFile == "", "nats.seed_file", "set nats.token_file or nats.seed_file, not both")
	f.Check(slices.Contains([]string{"", "server", "replicas", "embedded"}, c.ClickHouse.Layout), "clickhouse.layout", "must be server, replicas or embedded")
	f.Check(c.MinDiskFree >= 0, "min_disk_free", "must be a number of bytes, 0 for the default")
	f.Check(c.StopWait >= time.Second && c.StopWait <= 10*time.Minute, "stop_wait", "must lie between 1s and 10m")
	f.Add("legal_basis", c.LegalBasis.Validate())
	f.Add("provisioner", c.Provisioner.Validate())
	f.Add("collector_archive", c.CollectorArchive.Validate())
	f.Add("collector_telegram", c.CollectorTelegram.Validate())
	f.Add("collector_twitter", c.CollectorTwitter.Validate())
	f.Add("normaliser", c.Normaliser.Validate())
	f.Add("recorder", c.Recorder.Validate())
	return f.Err()
}

// level returns the log level, or fallback where the file is silent.
func (c *Config) level(fallback slog.Level) (slog.Level, error) {
	if c.LogLevel == "" {
		return fallback, nil
	}
	var level slog.Level
	err := level.UnmarshalText([]byte(c.LogLevel))
	return level, err
}

// options are the flags that every command has.
type options struct {
	config, data, keys string
}

func (o *options) bind(flags *pflag.FlagSet) {
	flags.StringVar(&o.config, "config", "", "configuration `FILE` (default ./doxtrail.yaml if it is there)")
	flags.StringVar(&o.data, "data", "", "data folder `DIR` of the embedded servers (default ./data)")
	flags.StringVar(&o.keys, "keys", "", "key ring folder `DIR`, outside the data folder (default in the user's config folder)")
}

// load reads the configuration file, applies flags and checks everything.
func (o *options) load() (*Config, error) {
	cfg := defaults()
	path, err := o.path()
	if err != nil {
		return nil, wrongUse(err)
	}
	if path != "" {
		if err := config.Load(path, &cfg); err != nil {
			return nil, wrongUse(err)
		}
		cfg.resolve(filepath.Dir(path))
	}
	if o.data != "" {
		cfg.Data = o.data
	}
	if cfg.Data == "" {
		cfg.Data = "data"
	}
	if o.keys != "" {
		cfg.Keys = o.keys
	}
	if cfg.Keys == "" {
		dir, err := os.UserConfigDir()
		if err != nil {
			return nil, wrongUse(errors.New("find the key ring: no config folder for this user; name one with --keys"))
		}
		cfg.Keys = filepath.Join(dir, "doxtrail", "keys")
	}
	if cfg.CollectorTelegram.SessionFile == "" {
		cfg.CollectorTelegram.SessionFile = filepath.Join(cfg.Data, "telegram.session")
	}
	if err := cfg.Validate(); err != nil {
		return nil, wrongUse(fmt.Errorf("check config:\n%w", err))
	}
	return &cfg, nil
}

// path returns the file to read, or "" for none.
func (o *options) path() (string, error) {
	if o.config != "" {
		return o.config, nil
	}
	_, err := os.Stat(config.DefaultPath)
	switch {
	case err == nil:
		return config.DefaultPath, nil
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	default:
		return "", fmt.Errorf("look for config: %w", err)
	}
}

// resolve makes relative paths in the file start at the file's own folder, so
// that a command does the same from wherever it is called.
func (c *Config) resolve(dir string) {
	for _, p := range []*string{
		&c.Data, &c.Keys, &c.Embedded.Libchdb, &c.NATS.TokenFile, &c.NATS.SeedFile, &c.NATS.CAFile,
		&c.ClickHouse.CAFile, &c.ClickHouse.PasswordFile, &c.ClickHouse.ResearcherPasswordFile, &c.ClickHouse.OperatorPasswordFile,
		&c.Watchlist, &c.CollectorArchive.Inbox,
		&c.CollectorTelegram.APIHashFile, &c.CollectorTelegram.SessionFile, &c.CollectorTelegram.Server.PublicKeyFile,
		&c.CollectorTwitter.BearerTokenFile,
	} {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(dir, *p)
		}
	}
}

func newCheckConfig(opts *options) *cobra.Command {
	return &cobra.Command{
		Use:   "check-config",
		Short: "Check the configuration file and the watch list; name every fault",
		Args:  args(noArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := opts.load()
			if err != nil {
				return err
			}
			list, err := provisioner.ReadWatchlist(cfg.Watchlist)
			if err != nil {
				return wrongUse(err)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "ok: %s, %s\n", plurals(len(list.Families), "family", "families"), plural(len(list.Channels), "watched channel"))
			return err
		},
	}
}
