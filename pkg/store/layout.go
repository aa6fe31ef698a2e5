package store

// Layout is the kind of ClickHouse that migrations are rendered for.
type Layout string

// The layouts.
const (
	// LayoutEmbedded is the engine inside the process: no users, no grants.
	LayoutEmbedded Layout = "embedded"
	// LayoutServer is one server with users.
	LayoutServer Layout = "server"
	// LayoutReplicas is one shard with replicas, addressed as a cluster.
	LayoutReplicas Layout = "replicas"
)

// noKey is an absent key in a column that cannot be NULL.
const noKey = "toUUID('00000000-0000-0000-0000-000000000000')"

// names fills the templates of migrations.
type names struct {
	// Tables and Research are the two databases.
	Tables, Research string
	// Role is what researchers' accounts are given on a server.
	Role    string
	layout  Layout
	cluster string
}

// Server reports whether there are users and grants.
func (n names) Server() bool { return n.layout != LayoutEmbedded }

// OnCluster is the clause that runs a statement on every replica.
func (n names) OnCluster() string {
	if n.layout != LayoutReplicas {
		return ""
	}
	return " ON CLUSTER '" + n.cluster + "'"
}

// Security lets a view read tables that its reader may not read.
func (n names) Security() string {
	if !n.Server() {
		return ""
	}
	return " DEFINER = CURRENT_USER SQL SECURITY DEFINER"
}

// Engine gives a table engine its replicated form where there are replicas.
func (n names) Engine(engine string) string {
	if n.layout == LayoutReplicas {
		return "Replicated" + engine
	}
	return engine
}

// Settings are those of every table. A confirmed insert is on the disk: the
// recorder acknowledges a message after it. Blocks are not deduplicated: keys
// absorb repeats, and a block that was erased must be insertable again. A part
// of one insert is one file, not one a column, because each file is synced.
func (n names) Settings() string {
	window := "non_replicated_deduplication_window = 0"
	if n.layout == LayoutReplicas {
		window = "replicated_deduplication_window = 0"
	}
	return "fsync_after_insert = 1, fsync_part_directory = 1, " + window + ", min_bytes_for_wide_part = 134217728"
}
