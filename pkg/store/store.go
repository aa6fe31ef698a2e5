package store

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// Store is a ClickHouse with the tables and views of one study. It is safe for
// concurrent use.
type Store struct {
	cfg Config
	// One pool a database, because the database is part of a connection. The
	// first has the one that every ClickHouse has: it must work before any of
	// ours exists.
	server, tables, research clickhouse.Conn
	// What an insert that ended leaves to the next: a full batch is a block of
	// ten megabytes, and an import makes some hundred of them.
	blocks sync.Pool
}

// Open connects and asks for a sign of life. It neither needs nor makes the
// databases; see Migrate.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	cfg = cfg.withDefaults()
	u, err := cfg.validate()
	if err != nil {
		return nil, fmt.Errorf("check store config: %w", err)
	}
	s := &Store{cfg: cfg}
	if s.server, err = connect(cfg, u, "default", nil); err != nil {
		return nil, err
	}
	if s.tables, err = connect(cfg, u, cfg.Tables, readSettings()); err != nil {
		return nil, errors.Join(err, s.server.Close())
	}
	if s.research, err = connect(cfg, u, cfg.Research, readSettings()); err != nil {
		return nil, errors.Join(err, s.server.Close(), s.tables.Close())
	}
	if err := s.Ping(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func connect(cfg Config, u *url.URL, database string, settings clickhouse.Settings) (clickhouse.Conn, error) {
	if cfg.ReadOnly {
		settings = nil // such an account may not set anything
	}
	options := &clickhouse.Options{
		Protocol:     clickhouse.HTTP,
		Addr:         []string{u.Host},
		HttpUrlPath:  u.Path,
		Auth:         clickhouse.Auth{Database: database, Username: cfg.User, Password: cfg.Password},
		Settings:     settings,
		DialTimeout:  10 * time.Second,
		ReadTimeout:  10 * time.Minute,
		MaxOpenConns: cfg.MaxConns,
		MaxIdleConns: cfg.MaxConns,
	}
	if u.Scheme == "https" {
		roots, err := rootCAs(cfg.CAFile)
		if err != nil {
			return nil, err
		}
		options.TLS = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}
	}
	conn, err := clickhouse.Open(options)
	if err != nil {
		return nil, fmt.Errorf("open clickhouse: %w", err)
	}
	return conn, nil
}

// rootCAs reads the certificates that a server's own is checked against; nil
// stands for those of the system.
func rootCAs(path string) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil //nolint:nilnil // crypto/tls takes nil for the system's
	}
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, errors.New("open clickhouse: the file of certificates cannot be read")
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, errors.New("open clickhouse: the file of certificates holds no PEM certificate")
	}
	return roots, nil
}

// readSettings let a table be read as its views show it.
func readSettings() clickhouse.Settings {
	return clickhouse.Settings{"final": 1}
}

// Ping asks the server for a sign of life.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.server.Ping(ctx); err != nil {
		return wrap("ping clickhouse", err)
	}
	return nil
}

// Tables is the name of the database of tables, to qualify names with.
func (s *Store) Tables() string { return s.cfg.Tables }

// Research is the name of the database of views.
func (s *Store) Research() string { return s.cfg.Research }

// Close gives the connections back. Statements under way end with an error.
func (s *Store) Close() error {
	return errors.Join(s.server.Close(), s.tables.Close(), s.research.Close())
}
