//go:build torture

package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/doxtrail/doxtrail/pkg/embedded"
	"github.com/doxtrail/doxtrail/pkg/store"
)

// endpoint is where a run's ClickHouse and NATS answer, and with what secrets.
type endpoint struct {
	url, user, password string
	nats, token         string
}

// endpoint finds the servers of the moment: those of the helper processes, or
// those of whoever holds the data folder.
func (r *tortured) endpoint() (endpoint, error) {
	if r.apart != nil {
		return r.apart.direct, nil
	}
	info, err := embedded.ReadRun(r.path("data"))
	if err != nil {
		return endpoint{}, err
	}
	e := endpoint{url: info.ClickHouse.URL, user: info.ClickHouse.User, nats: info.NATS.URL}
	for file, value := range map[string]*string{info.ClickHouse.PasswordFile: &e.password, info.NATS.TokenFile: &e.token} {
		b, err := os.ReadFile(file)
		if err != nil {
			return e, err
		}
		*value = strings.TrimSpace(string(b))
	}
	return e, nil
}

// asking is a client that keeps no connection: servers come and go.
var asking = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 20 * time.Second}

// ask runs a statement with the services' account.
func (e endpoint) ask(ctx context.Context, sql string, params map[string]string) (string, error) {
	values := url.Values{}
	for name, value := range params {
		values.Set("param_"+name, value)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url+"/?"+values.Encode(), strings.NewReader(sql))
	if err != nil {
		return "", err
	}
	req.SetBasicAuth(e.user, e.password)
	resp, err := asking.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("clickhouse answers %s: %.300s", resp.Status, body)
	}
	return string(body), err
}

// answers is all that can be asked of a study.
type answers struct {
	// posts is one line for each post: how often it is there, a hash of its row
	// and of each of its links.
	posts map[string]postState
	// named holds the answer of each named question, and of each view the
	// number of rows and the sum of their hashes.
	named map[string]string
	// counted is what coverage adds up to.
	counted string
}

// postState is what a study has of one post.
type postState struct{ rows, content, links, linkHash string }

// answers asks everything.
func (r *tortured) answers() (answers, error) {
	e, err := r.endpoint()
	if err != nil {
		return answers{}, err
	}
	a := answers{named: make(map[string]string)}
	if a.posts, err = e.posts(r.ctx); err != nil {
		return a, err
	}
	queries, err := store.Queries()
	if err != nil {
		return a, err
	}
	for _, q := range queries {
		params, err := q.Bind(nil)
		if err != nil {
			return a, err
		}
		if a.named["query "+q.Name], err = e.ask(r.ctx, q.SQL+"\nFORMAT TSVWithNames", params); err != nil {
			return a, fmt.Errorf("query %s: %w", q.Name, err)
		}
	}
	views, err := e.ask(r.ctx, "SELECT name FROM system.tables WHERE database = 'research' ORDER BY name", nil)
	if err != nil {
		return a, err
	}
	for _, view := range strings.Fields(views) {
		sql := "SELECT count(), sum(sipHash64(line)) FROM (SELECT formatRowNoNewline('TSV', " + columnsOf(view) + ") AS line FROM " + rowsOf(view) + ")"
		if a.named["view "+view], err = e.ask(r.ctx, sql, nil); err != nil {
			return a, fmt.Errorf("view %s: %w", view, err)
		}
	}
	a.counted, err = e.ask(r.ctx, "SELECT sum(post_count), sum(link_count), sum(sighting_count) FROM research.coverage", nil)
	return a, err
}

// columnsOf are the columns of a view that every undisturbed import gives alike.
func columnsOf(view string) string {
	if view == "imports" {
		return "* EXCEPT (file_ordinal)" // a file's place in the call, which is another in another call
	}
	return "*"
}

// rowsOf is a view as it is compared. A batch that was taken apart after a crash
// is covered in parts: other rows that add up to the same.
func rowsOf(view string) string {
	switch view {
	case "coverage":
	case "covered_records":
		return `(SELECT import_id, generation, uniqExact(arrayJoin(range(first_record, first_record + record_count)))
			FROM research.covered_records GROUP BY import_id, generation)`
	default:
		return "research." + view
	}
	return `(SELECT channel_key, query_key, import_id, platform, leg, selection, state, generation,
		min(from_at), max(to_at), min(from_no), max(to_no), max(looked_at), sum(post_count), sum(link_count), sum(sighting_count)
		FROM research.coverage GROUP BY channel_key, query_key, import_id, platform, leg, selection, state, generation)`
}

func (e endpoint) posts(ctx context.Context) (map[string]postState, error) {
	const sql = `SELECT post_key, p.rows, p.content, l.links, l.content FROM
	(SELECT post_key, count() AS rows, sum(sipHash64(formatRowNoNewline('TSV', *))) AS content FROM research.posts GROUP BY post_key) AS p
	FULL JOIN
	(SELECT post_key, count() AS links, sum(sipHash64(formatRowNoNewline('TSV', *))) AS content FROM research.links GROUP BY post_key) AS l
	USING (post_key)`
	out, err := e.ask(ctx, sql, nil)
	if err != nil {
		return nil, fmt.Errorf("ask for posts: %w", err)
	}
	posts := make(map[string]postState)
	for line := range strings.Lines(out) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != 5 {
			return nil, fmt.Errorf("ask for posts: a line of %d fields", len(f))
		}
		posts[f[0]] = postState{f[1], f[2], f[3], f[4]}
	}
	return posts, nil
}

// fileHash is the SHA-256 of a file, or of a zip's one member, as the import
// ledger has it.
func fileHash(path string) (string, error) {
	read := os.ReadFile
	if strings.HasSuffix(path, ".zip") {
		read = onlyMember
	}
	b, err := read(path)
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), err
}
