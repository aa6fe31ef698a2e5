package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// content says what of the rows about a post has to go once its platform shows
// the post to nobody any more, and what stays.
//
// Of X's posts only: its terms ask for it. What stays is what the post's having
// been there rests on: keys, channel, times and kind of the post, its shares, the
// links that show a card, and every look at it. What goes is what its content
// said and how much it was seen.
type content struct {
	kind Kind
	// key is the column with the key of a post.
	key string
	// nulls and arrays are the columns that are emptied: to NULL, which is
	// unknown and not 0, and to []. A kind with neither loses whole rows.
	nulls, arrays []string
	// only narrows the rows; "" for all.
	only string
}

// contents is what goes, table by table.
func (s *Store) contents() []content {
	return []content{
		{kind: KindLocators, key: "target_key", only: "kind = 'post'"},
		{kind: KindLinks, key: "post_key", only: fmt.Sprintf(notOfASite, s.cfg.Tables)},
		{kind: KindObservations, key: "post_key", nulls: []string{"view_count", "forward_count", "reply_count", "reaction_count", "audience"}},
		{
			kind: KindPosts, key: "post_key",
			nulls: []string{
				"language", "script", "length", "view_count", "forward_count", "reply_count", "quote_count", "reaction_count", "bookmark_count", "audience",
				"text_fingerprint",
			},
			arrays: []string{"media_keys", "media_kinds", "media_sizes", "media_picture_hashes", "personal_data_kinds", "personal_data_counts", "flags"},
		},
	}
}

// notOfASite is true for a link that shows no card. A site that is listed no more
// still keeps its links, because a slip in the watch list must not cost what
// nobody can read again; and where none is listed every link shows a card of a
// family of its own, as in the view sightings, and stays.
const notOfASite = `(SELECT count() > 0 FROM %[1]s.sites FINAL WHERE listed) AND host_key NOT IN
(
    SELECT host_key FROM %[1]s.links
    WHERE host_key IN (SELECT match_key FROM %[1]s.sites WHERE match = 'host') OR site_key IN (SELECT match_key FROM %[1]s.sites WHERE match = 'site')
)`

// filled is the condition for rows that still have what is to go.
func (c content) filled() string {
	var filled []string
	for _, column := range c.nulls {
		filled = append(filled, "isNotNull("+column+")")
	}
	for _, column := range c.arrays {
		filled = append(filled, "notEmpty("+column+")")
	}
	if len(filled) == 0 {
		return c.only
	}
	return anyOf(filled...)
}

// goes is the mutation that takes it away. Rows are emptied where they lie: their
// version, which a mutation cannot change, stays, and no merge can come between.
func (c content) goes() string {
	var emptied []string
	for _, column := range c.nulls {
		emptied = append(emptied, column+" = NULL")
	}
	for _, column := range c.arrays {
		emptied = append(emptied, column+" = []")
	}
	if len(emptied) == 0 {
		return "DELETE"
	}
	return "UPDATE " + strings.Join(emptied, ", ")
}

// Stripped counts the rows that [Store.StripWithdrawn] emptied or took away.
type Stripped map[Kind]uint64

// Rows is how many it is over all kinds.
func (n Stripped) Rows() (sum uint64) {
	for _, rows := range n {
		sum += rows
	}
	return sum
}

// StripWithdrawn takes from the tables what must not be kept of a post that X
// shows to nobody any more, and returns when it is gone from the disk's tables:
// such a post is `withdrawn` in the view post_states. It may be called at any time
// and again, by any number of processes, while others insert: a row goes by its
// own key and version. What a replay, a repeated import or a restore brings back,
// the next call takes away again. It writes nothing where nothing is to go.
//
// A post that came back gets its content from readings after that. As any reading
// of the same revision under the same rules, one stands in the row's place if its
// hash is the higher: each of them has an even chance, an edit or a newer
// generation is certain.
//
// Limits: a post goes by the key that the look at it has, as everything that
// joins does. A link to a site that is listed after this does not become a
// sighting any more where its post was withdrawn. The address of a card stays:
// it is the card's, and others may show it.
func (s *Store) StripWithdrawn(ctx context.Context) (Stripped, error) {
	const doing = "strip withdrawn posts"
	done := Stripped{}
	n, err := s.count(ctx, fmt.Sprintf("SELECT count() AS n FROM %s.observations WHERE %s", s.cfg.Tables, mayWithdraw))
	if err != nil {
		return done, wrap(doing, err)
	}
	if n == 0 {
		return done, nil
	}
	for {
		before := done.Rows()
		keys, err := s.withdrawn(ctx)
		if err == nil && len(keys) > 0 {
			err = s.strip(ctx, keys, done)
		}
		if err != nil {
			return done, wrap(doing, err)
		}
		if done.Rows() == before {
			return done, nil
		}
	}
}

// stripPosts and stripRows bound a statement, which names the posts and the rows
// that it is about: under 3 MB.
const stripPosts, stripRows = 10_000, 50_000

// mayWithdraw is true for looks that a post may be withdrawn by.
const mayWithdraw = "platform = 'twitter' AND state IN ('gone', 'private', 'restricted')"

// withdrawn gives the keys of withdrawn posts that still have what is to go, up to
// stripPosts. The view is asked about those alone that a look may have withdrawn
// and that have something left: few, at most times.
func (s *Store) withdrawn(ctx context.Context) ([]string, error) {
	looked := fmt.Sprintf("SELECT post_key FROM %s.observations WHERE %s AND post_key != %s", s.cfg.Tables, mayWithdraw, noKey)
	accounts := s.withdrawnAccounts()
	var left []string
	for _, c := range s.contents() {
		of := in("channel_key", accounts)
		if c.kind == KindLocators { // which say nothing of channels
			of = in(c.key, fmt.Sprintf("SELECT post_key FROM %s.posts WHERE %s", s.cfg.Tables, of))
		}
		left = append(left, fmt.Sprintf("SELECT %s AS left_key FROM %s.%s WHERE %s AND %s", c.key, s.cfg.Tables, c.kind, anyOf(in(c.key, looked), of), c.filled()))
	}
	var found []struct {
		Key string `ch:"key"`
	}
	err := s.server.Select(ctx, &found, fmt.Sprintf("SELECT toString(post_key) AS key FROM %s.post_states WHERE withdrawn AND post_key IN (%s) LIMIT %d",
		s.cfg.Research, strings.Join(left, " UNION ALL "), stripPosts))
	keys := make([]string, len(found))
	for i, row := range found {
		keys[i] = row.Key
	}
	return keys, err
}

// withdrawnAccounts are the channels that a look may have withdrawn whole, under
// all their names.
func (s *Store) withdrawnAccounts() string {
	looked := fmt.Sprintf("SELECT channel_key FROM %s.observations WHERE %s AND post_key = %s", s.cfg.Tables, mayWithdraw, noKey)
	counting := fmt.Sprintf("%s UNION ALL SELECT channel_key FROM %s.channel_aliases WHERE alias_key IN (%s)", looked, s.cfg.Tables, looked)
	return fmt.Sprintf("%s UNION ALL SELECT alias_key FROM %s.channel_aliases WHERE channel_key IN (%s)", counting, s.cfg.Tables, counting)
}

// strip takes from every table what is to go of the posts. Rows are named by key
// and version, so that neither a row that comes meanwhile nor another replica's
// view of things changes what goes.
func (s *Store) strip(ctx context.Context, posts []string, done Stripped) error {
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"mutations_sync": 2, "max_query_size": 4 << 20}))
	for _, c := range s.contents() {
		table, named := s.cfg.Tables+"."+string(c.kind), fmt.Sprintf("%s IN (%s)", c.key, literals(posts))
		var found []struct {
			Version string `ch:"version_text"`
		}
		if err := s.server.Select(ctx, &found, fmt.Sprintf("SELECT toString(version) AS version_text FROM %s WHERE %s AND %s LIMIT %d", table, named, c.filled(), stripRows)); err != nil {
			return err
		}
		if len(found) == 0 {
			continue
		}
		versions := make([]string, len(found))
		for i, row := range found {
			versions[i] = row.Version
		}
		// Replicas pass a mutation on by themselves, and all are waited for.
		if err := s.server.Exec(ctx, fmt.Sprintf("ALTER TABLE %s %s WHERE %s AND toString(version) IN (%s)", table, c.goes(), named, literals(versions))); err != nil {
			return err
		}
		done[c.kind] += uint64(len(found))
	}
	return nil
}

// literals writes keys and numbers, which need no escaping, as a list.
func literals(values []string) string { return "'" + strings.Join(values, "', '") + "'" }
