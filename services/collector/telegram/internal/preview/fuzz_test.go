package preview

import (
	"errors"
	"html"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
)

// FuzzParse asserts what must hold whatever a page says: no panic, one of the
// named errors, posts in order that fit a message, and no address that the page
// has not.
func FuzzParse(f *testing.F) {
	content, err := os.ReadFile("testdata/harbour.html")
	if err != nil {
		f.Fatal(err)
	}
	for message := range strings.SplitSeq(string(content), "\n\n") {
		f.Add([]byte(message))
	}
	f.Add([]byte(emptyPage))
	f.Fuzz(func(t *testing.T, content []byte) {
		page, err := Parse(strings.NewReader(string(content)), "harbourwatch", readAt)
		if err != nil {
			if !errors.Is(err, ErrNoPreview) && !errors.Is(err, ErrChallenge) && !errors.Is(err, ErrOtherName) && !errors.Is(err, ErrTooLarge) {
				t.Fatal("an error without a name")
			}
			return
		}
		before := 0
		for _, post := range page.Posts {
			id, err := strconv.Atoi(post.GetPostId())
			if err != nil || id <= before || !page.Lists(id) || page.Post(id) == nil {
				t.Fatalf("number %q after %d", post.GetPostId(), before)
			}
			before = id
			b, err := proto.Marshal(post)
			if err != nil || len(b) > 256<<10 {
				t.Errorf("a post of %d bytes, %v", len(b), err)
			}
			if post.GetPostedAt() <= 0 || !strings.EqualFold(post.GetChannelName(), "harbourwatch") || !post.HasKind() || !post.HasChannelKind() {
				t.Error("a post without its identity")
			}
			for _, link := range post.GetLinks() {
				checkHost(t, link.GetUrl(), string(content))
			}
		}
		if len(page.listed) > 0 && page.Before > page.listed[0] || page.Before < 0 || page.Before == 1 {
			t.Errorf("before %d", page.Before)
		}
	})
}

var escape = regexp.MustCompile("%[0-9A-Fa-f]{2}")

// checkHost fails if the host of an address is not in the page, in any of the
// spellings a page has.
func checkHost(t *testing.T, address, content string) {
	t.Helper()
	host, _, _ := strings.Cut(withoutScheme(address), "/")
	content = strings.ToValidUTF8(content, "\uFFFD")
	content = strings.NewReplacer("\x00", "\uFFFD", "\r\n", "\n", "\r", "\n").Replace(content)
	plain := html.UnescapeString(content)
	unescaped := escape.ReplaceAllStringFunc(plain, func(code string) string {
		c, _ := url.PathUnescape(code)
		return c
	})
	if !strings.Contains(plain, host) && !strings.Contains(unescaped, host) && !strings.Contains(content, host) {
		t.Errorf("the host %q is not in the page", host)
	}
}
