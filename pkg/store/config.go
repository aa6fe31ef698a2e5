package store

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
)

// Config says which ClickHouse to speak to and under which names.
type Config struct {
	// URL of the HTTP interface: http://host:port or https://host:port.
	URL string
	// CAFile holds the certificates (PEM) that an https server's own is checked
	// against. Empty: those of the system.
	CAFile string
	// User and Password of the account. A researcher's account can do all that
	// reads; writing and migrating need the services' account.
	User, Password string
	// ReadOnly says that the account may only read the views: no settings are
	// sent with its statements, because it may not change any.
	ReadOnly bool
	// Tables and Research name the databases of tables and of views. Empty:
	// doxtrail and research. Only tests have reason to change them.
	Tables, Research string
	// Layout is what migrations are rendered for. Empty: LayoutEmbedded.
	Layout Layout
	// Cluster names the cluster of LayoutReplicas; unused otherwise.
	Cluster string
	// MaxConns limits connections to each database. Zero: 8.
	MaxConns int
}

// researcherRole is what researchers' accounts are given on a server.
const researcherRole = "doxtrail_researcher"

func (c Config) withDefaults() Config {
	if c.Tables == "" {
		c.Tables = "doxtrail"
	}
	if c.Research == "" {
		c.Research = "research"
	}
	if c.Layout == "" {
		c.Layout = LayoutEmbedded
	}
	if c.MaxConns == 0 {
		c.MaxConns = 8
	}
	return c
}

func (c Config) validate() (*url.URL, error) {
	var faults []error
	u, err := url.Parse(c.URL)
	switch {
	case err != nil:
		// The text of url.Parse repeats the address, password and all.
		faults = append(faults, errors.New("url: not an address"))
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		faults = append(faults, errors.New("url: want http://host:port or https://host:port"))
	}
	// These names are written into statements.
	name := regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	for key, value := range map[string]string{"tables": c.Tables, "research": c.Research} {
		if !name.MatchString(value) {
			faults = append(faults, fmt.Errorf("%s: want lower-case letters, digits and underscores", key))
		}
	}
	switch c.Layout {
	case LayoutEmbedded, LayoutServer:
	case LayoutReplicas:
		if !name.MatchString(c.Cluster) {
			faults = append(faults, errors.New("cluster: want lower-case letters, digits and underscores"))
		}
	default:
		faults = append(faults, fmt.Errorf("layout: want %s, %s or %s", LayoutEmbedded, LayoutServer, LayoutReplicas))
	}
	if c.MaxConns < 0 {
		faults = append(faults, errors.New("max_conns: want at least 1"))
	}
	return u, errors.Join(faults...)
}

func (c Config) names() names {
	return names{Tables: c.Tables, Research: c.Research, Role: researcherRole, layout: c.Layout, cluster: c.Cluster}
}
