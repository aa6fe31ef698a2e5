package previewtest

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// answer is what a test looks at.
type answer struct {
	status            int
	location, waitFor string
	body              string
}

func get(t *testing.T, address string) answer {
	t.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header.Get("Location"), response.Header.Get("Retry-After"), string(body)}
}

func TestServer(t *testing.T) {
	s := New(t)
	if got := get(t, s.URL+"/s/harbourwatch"); got.status != http.StatusFound || got.location != "https://t.me/harbourwatch" {
		t.Errorf("a name that is not set: %v", got)
	}
	var posts []Post
	for id := 30; id > 0; id-- {
		posts = append(posts, Post{ID: id, Text: "a <b>\nc"})
	}
	s.SetPosts("harbourwatch", posts)
	s.SetSubscribers("harbourwatch", "7.5K")
	s.Remove("harbourwatch", 29)
	last := get(t, s.URL+"/s/HarbourWatch").body
	if n := strings.Count(last, "data-post="); n != 20 || !strings.Contains(last, `before=10"`) || !strings.Contains(last, "7.5K") || !strings.Contains(last, "a &lt;b&gt;<br/>c") {
		t.Errorf("the last page has %d posts:\n%s", n, last)
	}
	first := get(t, s.URL+"/s/harbourwatch?before=10").body
	if n := strings.Count(first, "data-post="); n != 9 || strings.Contains(first, `rel="prev"`) {
		t.Errorf("the first page has %d posts:\n%s", n, first)
	}
	if end := get(t, s.URL+"/s/harbourwatch?before=99").body; !strings.Contains(end, `harbourwatch/30"`) || strings.Contains(end, `data-post="harbourwatch/29"`) {
		t.Error("the page before a number to come is not the last")
	}
	if !slices.IsSortedFunc(s.channels["harbourwatch"].posts, func(a, b Post) int { return a.ID - b.ID }) || s.Requests() != 4 {
		t.Errorf("%d requests", s.Requests())
	}
	s.Fail(http.StatusTooManyRequests, 9*time.Second)
	if got := get(t, s.URL+"/s/harbourwatch"); got.status != http.StatusTooManyRequests || got.waitFor != "9" {
		t.Errorf("got %v", got)
	}
	s.Fail(0, 0)
	s.NoPreview("harbourwatch")
	if got := get(t, s.URL+"/s/harbourwatch"); got.status != http.StatusFound {
		t.Errorf("got %v", got)
	}
}
