package preview

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/services/collector/telegram/internal/preview/previewtest"
)

func TestState(t *testing.T) {
	const name = "harbourwatch"
	web := previewtest.New(t)
	var posts []previewtest.Post
	for id := 1; id <= 100; id++ {
		posts = append(posts, previewtest.Post{ID: id, Text: "x", Views: "31"})
	}
	posts[59] = previewtest.Post{ID: 60, Items: []int{61, 62}}
	posts[69].Service = true
	posts = slices.DeleteFunc(posts, func(p previewtest.Post) bool { return p.ID == 61 || p.ID == 62 })
	web.SetPosts(name, posts)
	for _, id := range []int{1, 50, 100} {
		web.Remove(name, id)
	}
	c := NewClient(ClientConfig{BaseURL: web.URL})
	for _, tc := range []struct {
		what string
		id   int
		want State
	}{
		{"in the middle", 40, StateUp},
		{"the oldest", 2, StateUp},
		{"the newest", 99, StateUp},
		{"first item of an album", 60, StateUp},
		{"last item of an album", 62, StateUp},
		{"service message", 70, StateUp},
		{"deleted", 50, StateAbsent},
		{"deleted before all others", 1, StateAbsent},
		{"deleted behind all others", 100, StateAbsent},
	} {
		t.Run(tc.what, func(t *testing.T) {
			got, page, err := c.State(t.Context(), name, tc.id)
			if err != nil || got != tc.want {
				t.Fatalf("got %v, %v", got, err)
			}
			post := page.Post(tc.id)
			if (post != nil) != (got == StateUp && tc.id != 70) {
				t.Errorf("the page has the post: %v", post != nil)
			}
			if got == StateUp && tc.id < 60 && post.GetCounters().GetViewCount() != 31 {
				t.Errorf("counters %v", post.GetCounters())
			}
		})
	}
	for _, tc := range []struct {
		what   string
		change func()
		want   error
	}{
		{"busy", func() { web.Fail(http.StatusTooManyRequests, 5*time.Second) }, RateLimited{After: 5 * time.Second}},
		{"captcha", func() { web.Fail(http.StatusOK, 0) }, ErrChallenge},
		{"restricted", func() { web.Fail(0, 0); web.NoPreview(name) }, ErrNoPreview},
		{"empty", func() { web.SetPosts(name, nil) }, nil},
	} {
		tc.change()
		if got, _, err := c.State(t.Context(), name, 40); got != StateUnknown || !errors.Is(err, tc.want) {
			t.Errorf("%s: got %v, %v", tc.what, got, err)
		}
	}
}

func TestStateOfOddPages(t *testing.T) {
	for _, tc := range []struct {
		what string
		page Page
		want State
	}{
		{"another page than asked for", Page{listed: []int{200, 201}, Before: 200, whole: true}, StateUnknown},
		{"only newer posts, though there are older ones", Page{listed: []int{101, 102}, Before: 101, whole: true}, StateUnknown},
		{"only newer posts, and nothing before", Page{listed: []int{101, 102}, whole: true}, StateAbsent},
		{"cut off before the post", Page{listed: []int{98, 99}, Before: 98}, StateUnknown},
		{"cut off behind the post", Page{listed: []int{99, 100}, Before: 99}, StateUp},
		{"nothing", Page{whole: true}, StateUnknown},
	} {
		if got := tc.page.state(100); got != tc.want {
			t.Errorf("%s: got %v", tc.what, got)
		}
	}
	if StateUp.String()+StateAbsent.String()+StateUnknown.String() != "upabsentunknown" {
		t.Error("the words for states changed")
	}
}

// A page that was cut off lists older posts and lacks the newer ones, which is
// no sign of a deletion.
func TestACutPageIsNotWhole(t *testing.T) {
	whole, err := Parse(strings.NewReader(emptyPage), "harbourwatch", time.Time{})
	if err != nil || !whole.whole {
		t.Errorf("got %+v, %v", whole, err)
	}
	cut, err := Parse(strings.NewReader(strings.TrimSuffix(emptyPage, "</html>")), "harbourwatch", time.Time{})
	if err != nil || cut.whole {
		t.Errorf("got %+v, %v", cut, err)
	}
}
