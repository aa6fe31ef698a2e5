package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// tables is one connection to the study's ClickHouse, as any client of it has: a
// process a question would take longer than what is measured here.
type tables struct {
	url, user, password string
}

// open asks doctor where ClickHouse listens, and who may read.
func (s study) open(ctx context.Context) (*tables, error) {
	out, err := s.call(ctx, "", "doctor", "--json")
	if err != nil {
		return nil, err
	}
	var found struct {
		ClickHouse struct {
			URL          string `json:"url"`
			User         string `json:"user"`
			PasswordFile string `json:"password_file"`
		} `json:"clickhouse"`
	}
	if err := json.Unmarshal(out, &found); err != nil {
		return nil, fmt.Errorf("read what doctor says: %w", err)
	}
	secret, err := os.ReadFile(found.ClickHouse.PasswordFile)
	if err != nil {
		return nil, fmt.Errorf("read the password of the tables: %w", err)
	}
	return &tables{found.ClickHouse.URL, found.ClickHouse.User, strings.TrimSpace(string(secret))}, nil
}

// answerLimit bounds one answer.
const answerLimit = 16 << 20

// ask runs one statement and gives the answer, a line of JSON each row.
func (t *tables) ask(ctx context.Context, statement string, params map[string]string) ([]byte, error) {
	query := url.Values{"default_format": {"JSONEachRow"}}
	for name, value := range params {
		query.Set("param_"+name, value)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url+"/?"+query.Encode(), strings.NewReader(statement))
	if err != nil {
		return nil, fmt.Errorf("ask the tables: %w", err)
	}
	request.Header.Set("X-ClickHouse-User", t.user)
	request.Header.Set("X-ClickHouse-Key", t.password)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("ask the tables: %w", err)
	}
	defer response.Body.Close() //nolint:errcheck // it was read
	body, err := io.ReadAll(io.LimitReader(response.Body, answerLimit))
	if err != nil {
		return nil, fmt.Errorf("read the answer of the tables: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the tables refuse: %s", bytes.TrimSpace(body))
	}
	return body, nil
}

// rows runs one statement whose answer fits into a list.
func rows[T any](ctx context.Context, t *tables, statement string, params map[string]string) ([]T, error) {
	body, err := t.ask(ctx, statement, params)
	if err != nil {
		return nil, err
	}
	var out []T
	for decoder := json.NewDecoder(bytes.NewReader(body)); ; {
		var row T
		err := decoder.Decode(&row)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read the answer of the tables: %w", err)
		}
		out = append(out, row)
	}
}

// all are all rows of all views that the demo fills.
func (t *tables) all(ctx context.Context) (all []byte, err error) {
	for _, view := range []string{"posts", "links", "shares", "sightings", "channels", "channel_aliases", "observations", "coverage", "sites", "decisions"} {
		content, err := t.ask(ctx, "SELECT * FROM "+view, nil)
		if err != nil {
			return nil, err
		}
		all = append(all, content...)
	}
	return all, nil
}

// labels are the labels of the watched channels, by key.
func (t *tables) labels(ctx context.Context) (map[string]string, error) {
	type row struct{ Key, Label string }
	list, err := rows[row](ctx, t, "SELECT toString(channel_key) AS Key, assumeNotNull(label) AS Label FROM channels WHERE label != ''", nil)
	labels := map[string]string{}
	for _, r := range list {
		labels[r.Key] = r.Label
	}
	return labels, err
}

// posts counts the posts.
func (t *tables) posts(ctx context.Context) (int, error) {
	type row struct{ N int }
	list, err := rows[row](ctx, t, "SELECT toUInt32(count()) AS N FROM posts", nil)
	if err != nil || len(list) != 1 {
		return 0, err
	}
	return list[0].N, nil
}

// found is a post as the tables have it.
type found struct {
	Key, Channel string
	At           int64 // seconds
}

// since are the posts from a time on.
func (t *tables) since(ctx context.Context, from int64) ([]found, error) {
	return rows[found](ctx, t, `SELECT toString(post_key) AS Key, toString(channel_key) AS Channel, toUInt32(toUnixTimestamp(posted_at)) AS At
		FROM posts WHERE posted_at >= toDateTime({from:UInt32}, 'UTC')`, map[string]string{"from": fmt.Sprint(from)})
}

// card gives the card of a post; "" if there is none yet.
func (t *tables) card(ctx context.Context, post string) (string, error) {
	type row struct{ Card string }
	list, err := rows[row](ctx, t, "SELECT toString(card_key) AS Card FROM sightings WHERE post_key = {post:UUID} AND isNotNull(card_key) ORDER BY Card LIMIT 1", map[string]string{"post": post})
	if err != nil || len(list) == 0 {
		return "", err
	}
	return list[0].Card, nil
}

// source gives the channel that a post was forwarded from, or repeats; "" if none.
func (t *tables) source(ctx context.Context, post string) (string, error) {
	type row struct{ Channel string }
	list, err := rows[row](ctx, t, "SELECT toString(source_channel_key) AS Channel FROM shares WHERE post_key = {post:UUID} AND kind IN ('forward', 'repost') AND isNotNull(source_channel_key) LIMIT 1", map[string]string{"post": post})
	if err != nil || len(list) == 0 {
		return "", err
	}
	return list[0].Channel, nil
}

// tweets are the posts of X.
func (t *tables) tweets(ctx context.Context) ([]found, error) {
	return rows[found](ctx, t, `SELECT toString(post_key) AS Key, toString(channel_key) AS Channel, toUInt32(toUnixTimestamp(posted_at)) AS At
		FROM posts WHERE platform = 'twitter' ORDER BY posted_at`, nil)
}

// emptied says whether nothing that came of a post's content is in its row, and the
// sighting of its card is there.
func (t *tables) emptied(ctx context.Context, post string) (bool, error) {
	type row struct{ N int }
	list, err := rows[row](ctx, t, `SELECT toUInt32(count()) AS N FROM posts WHERE post_key = {post:UUID} AND isNull(language) AND isNull(length) AND isNull(audience)
		AND post_key IN (SELECT post_key FROM sightings WHERE isNotNull(card_key))`, map[string]string{"post": post})
	return err == nil && len(list) == 1 && list[0].N > 0, err
}

// looked says whether a post was observed in a state.
func (t *tables) looked(ctx context.Context, post, state string) (bool, error) {
	type row struct{ N int }
	list, err := rows[row](ctx, t, "SELECT toUInt32(count()) AS N FROM observations WHERE post_key = {post:UUID} AND state = {state:String}", map[string]string{"post": post, "state": state})
	return err == nil && len(list) == 1 && list[0].N > 0, err
}
