package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/doxtrail/doxtrail/pkg/privacy"
)

// Erased counts rows about something that was erased, by kind. A row of which the
// table still has an older reading counts as two.
type Erased map[Kind]uint64

// Rows is how many it is over all kinds.
func (n Erased) Rows() (sum uint64) {
	for _, rows := range n {
		sum += rows
	}
	return sum
}

// largestStatement is room for a statement that lists keys, and listedAtOnce how many
// it lists.
const largestStatement, listedAtOnce = 4 << 20, 10_000

// EnforceErasures deletes whatever is left of what was erased, returns when it is
// gone from the disk's tables, and counts it. It may be called at any time and
// again; it writes nothing where nothing is to go.
func (s *Store) EnforceErasures(ctx context.Context) (Erased, error) {
	const doing = "enforce erasures"
	done := Erased{}
	rule := erasure{decisions: s.cfg.Tables, tables: []string{s.cfg.Tables}}
	n, err := s.count(ctx, "SELECT count() AS n FROM ("+rule.targets()+")")
	if err != nil {
		return done, wrap(doing, err)
	}
	if n == 0 {
		return done, nil
	}
	names := s.cfg.names()
	// Subqueries are the same on every replica: all see the same decisions.
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"mutations_sync": 2, "allow_nondeterministic_mutations": 1}))
	for _, kind := range erasedKinds() {
		table := s.cfg.Tables + "." + string(kind)
		for _, condition := range rule.steps(kind) {
			n, err := s.count(ctx, fmt.Sprintf("SELECT count() AS n FROM %s WHERE %s", table, condition))
			if err != nil {
				return done, wrap(doing, err)
			}
			if n == 0 {
				continue
			}
			if err := s.server.Exec(ctx, fmt.Sprintf("ALTER TABLE %s%s DELETE WHERE %s", table, names.OnCluster(), condition)); err != nil {
				return done, wrap(doing, err)
			}
			done[kind] += n
		}
	}
	return done, nil
}

// targetsAtOnce is how many keys a condition of erasure may list, which repeats them.
const targetsAtOnce = 1000

// WouldErase counts the rows that EnforceErasures would delete, were these keys
// erased. Of very many keys it may count a row twice.
func (s *Store) WouldErase(ctx context.Context, targets []privacy.Key) (Erased, error) {
	found := Erased{}
	for some := range slices.Chunk(targets, targetsAtOnce) {
		rule := erasure{only: literals(texts(some)), tables: []string{s.cfg.Tables}}
		for _, kind := range erasedKinds() {
			n, err := s.count(longStatements(ctx), fmt.Sprintf("SELECT count() AS n FROM %s.%s WHERE %s", s.cfg.Tables, kind, rule.condition(kind)))
			if err != nil {
				return found, wrap("count what would be erased", err)
			}
			if n > 0 {
				found[kind] += n
			}
		}
	}
	return found, nil
}

// Left counts the rows that hold one of the keys, or of a link or locator one of the
// pages, in any column of any table. It asks the tables for their columns and knows
// nothing of how EnforceErasures works, because it is to prove it. Kept are rows of
// the kinds that stay when something is erased: they name nobody.
func (s *Store) Left(ctx context.Context, keys []privacy.Key, pages []CardPage) (left, kept Erased, err error) {
	const doing = "look for what was erased"
	left, kept = Erased{}, Erased{}
	columns, err := s.keyColumns(ctx)
	if err != nil {
		return nil, nil, wrap(doing, err)
	}
	for _, kind := range erasedKinds() {
		left[kind] = 0
	}
	for kind, columns := range columns {
		for _, condition := range anyKey(kind, columns, keys, pages) {
			n, err := s.count(longStatements(ctx), fmt.Sprintf("SELECT count() AS n FROM %s.%s WHERE %s", s.cfg.Tables, kind, condition))
			switch {
			case err != nil:
				return nil, nil, wrap(doing, err)
			case n > 0 && slices.Contains(keptKinds(), kind):
				kept[kind] += n
			case n > 0: // also of a table that nobody thought of
				left[kind] += n
			}
		}
	}
	return left, kept, nil
}

// keptKinds lists what stays when something is erased, see erasure.
func keptKinds() []Kind {
	return []Kind{KindDecisions, KindChannelAliases, KindCoverage, KindImports, KindSites, KindProbes, KindTakedowns, KindLocatorKeys}
}

// keyColumn is a column that holds keyed ids.
type keyColumn struct {
	Table string `ch:"table"`
	Name  string `ch:"name"`
	Array bool   `ch:"is_array"`
}

func (s *Store) keyColumns(ctx context.Context) (map[Kind][]keyColumn, error) {
	var all []keyColumn
	sql := fmt.Sprintf(`SELECT table, name, toBool(startsWith(type, 'Array')) AS is_array FROM system.columns
WHERE database = '%s' AND type IN ('UUID', 'Nullable(UUID)', 'Array(UUID)', 'Array(Nullable(UUID))')`, s.cfg.Tables)
	if err := s.server.Select(ctx, &all, sql); err != nil {
		return nil, err
	}
	columns := map[Kind][]keyColumn{}
	for _, c := range all {
		columns[Kind(c.Table)] = append(columns[Kind(c.Table)], c)
	}
	return columns, nil
}

// anyKey are conditions for rows of a kind that hold a key or a page, each of a
// length that can be asked.
func anyKey(kind Kind, columns []keyColumn, keys []privacy.Key, pages []CardPage) (conditions []string) {
	for some := range slices.Chunk(keys, listedAtOnce) {
		list := literals(texts(some))
		var any []string
		for _, c := range columns {
			if c.Array {
				any = append(any, "hasAny("+c.Name+", arrayMap(k -> toUUID(k), ["+list+"]))")
				continue
			}
			any = append(any, in(c.Name, list))
		}
		if len(any) > 0 {
			conditions = append(conditions, anyOf(any...))
		}
	}
	for some := range slices.Chunk(pages, listedAtOnce) {
		var at, paths []string
		for _, p := range some {
			at = append(at, "('"+p.Path.String()+"', '"+p.Site.String()+"')")
			paths = append(paths, p.Path.String())
		}
		switch kind {
		case KindLinks:
			pairs := strings.Join(at, ", ")
			conditions = append(conditions, anyOf(in("(path_key, host_key)", pairs), in("(path_key, site_key)", pairs)))
		case KindLocators:
			conditions = append(conditions, in("target_key", literals(paths)))
		default:
		}
	}
	return conditions
}

// longStatements lets a statement list keys.
func longStatements(ctx context.Context) context.Context {
	return clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"max_query_size": largestStatement}))
}

// texts writes keys as literals takes them.
func texts(keys []privacy.Key) []string {
	list := make([]string, len(keys))
	for i, key := range keys {
		list[i] = key.String()
	}
	return list
}
