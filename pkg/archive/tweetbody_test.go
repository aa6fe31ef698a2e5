package archive

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
)

func TestTweetReaderBadBodies(t *testing.T) {
	good := `{"data":` + simpleTweet(idA, "1", "x") + `}`
	deep := strings.Repeat("[", 10001)
	for _, tc := range []struct {
		name, body string
		want       Class
		posts      int
	}{
		{"nothing", "", ClassEmptyBody, 0},
		{"blanks", " \r\n", ClassEmptyBody, 0},
		{"a web page", "<!DOCTYPE html><title>over capacity</title>", ClassHTML, 0},
		{"a list", "[" + good + "]", ClassWrongType, 0},
		{"a word", `"Invented Person"`, ClassWrongType, 0},
		{"no json", "upstream connect error", ClassBrokenJSON, 0},
		{"cut in a string", good[:len(good)-4], ClassTruncated, 0},
		{"cut at the end", good[:len(good)-1], ClassTruncated, 0},
		{"half an object with another in it", `{"data":{"id":"12","te{"data":{"id":"13"}}`, ClassBrokenJSON, 0},
		{"two objects", good + good, ClassGlued, 2},
		{"an object and half of one", good + `{"data":`, ClassGlued, 1},
		{"an object and a word", good + `x`, ClassGlued, 1},
		{"nested arrays", deep + strings.Repeat("]", 10001), ClassBrokenJSON, 0},
		{"nested arrays in a post", strings.Replace(good, `"text"`, `"x":`+deep+strings.Repeat("]", 10001)+`,"text"`, 1), ClassBrokenJSON, 0},
		{"entries without end", `{"data":[` + strings.Repeat("{},", maxObjects) + `{}]}`, ClassTooManyEntries, 0},
		{"numbers without end", `{"data":[` + strings.Repeat("1,", maxMembers+1) + `1]}`, ClassTooManyEntries, 0},
		{"too long", good + strings.Repeat(" ", maxBody) + "x", ClassTooLong, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p, err := NewTweetReader().Read([]byte(tc.body), time.UnixMilli(1))
			e, ok := errors.AsType[*BodyError](err)
			if !ok || e.Class != tc.want || len(p.Posts) != tc.posts {
				t.Fatalf("got %v, %d posts", err, len(p.Posts))
			}
			diff(t, "text", err.Error(), "read body: "+string(tc.want))
		})
	}
}

func TestTweetReaderOddPosts(t *testing.T) {
	for _, tc := range []struct {
		name, body string
		ids        []string
		faults     []Class
		rejected   int
	}{
		{"byte order mark and line end", "\xef\xbb\xbf" + `{"data":` + simpleTweet(idA, "1", "x") + "}\r\n", []string{idA}, nil, 0},
		{"ids as numbers", `{"data":{"id":1256194900000000001,"author_id":1256194900000000003,"text":"x"}}`, []string{"1256194900000000001"}, nil, 0},
		{"id as a float", `{"data":{"id":1.2561949e18,"author_id":"1","text":"x"}}`, nil, []Class{ClassWrongType}, 1},
		{"a member twice", `{"data":{"id":"12","id":"13","author_id":"1","created_at":"2020-05-01T12:00:00Z"}}`, []string{"13"}, nil, 0},
		{"data twice", `{"data":` + simpleTweet(idA, "1", "x") + `,"data":` + simpleTweet(idB, "1", "x") + `}`, []string{idA, idB}, nil, 0},
		{"text that is not UTF-8", `{"data":` + simpleTweet(idA, "1", "x") + `}`, []string{idA}, []Class{ClassMendedText}, 0},
		{"no author", `{"data":[{"id":"5","text":"x"},` + simpleTweet(idB, "1", "x") + `]}`, []string{idB}, []Class{ClassMissingField}, 1},
		{"no time", `{"data":{"id":"5","author_id":"1","text":"x"}}`, nil, []Class{ClassBadTime}, 1},
		{"words", `{"data":["a",` + simpleTweet(idB, "1", "x") + `]}`, []string{idB}, []Class{ClassWrongType}, 1},
		{"a history that is none", `{"data":{"id":"12","author_id":"1","created_at":"2020-05-01T12:00:00Z","edit_history_tweet_ids":["Invented Person"]}}`, []string{"12"}, nil, 0},
		{"a history without the version at hand", `{"data":{"id":"13","author_id":"1","created_at":"2020-05-01T12:00:00Z","edit_history_tweet_ids":["x","12",null]}}`, []string{"12"}, nil, 0},
		{"one post with its history and without", `{"data":[{"id":"13","author_id":"1","created_at":"2020-05-01T12:00:00Z"},{"id":"13","author_id":"1","created_at":"2020-05-01T12:00:00Z","edit_history_tweet_ids":["12","13"]}]}`, []string{"13", "12"}, nil, 0},
		{"one post twice", `{"data":[` + simpleTweet(idB, "1", "x") + `,` + simpleTweet(idB, "1", "x") + `]}`, []string{idB}, nil, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			body := tc.body
			if tc.name == "text that is not UTF-8" {
				body = strings.Replace(body, `"x"`, "\"\xff\xfe\"", 1)
			}
			p := page(t, body)
			var ids []string
			for _, post := range p.Posts {
				ids = append(ids, post.Raw.GetPostId())
				if post.VersionIDs[0] != post.Raw.GetPostId() || !slices.Contains(post.VersionIDs, post.ID) {
					t.Errorf("versions %v of %s", post.VersionIDs, post.ID)
				}
				if _, err := proto.Marshal(post.Raw); err != nil {
					t.Error(err)
				}
			}
			diff(t, "ids", ids, tc.ids)
			diff(t, "faults", p.Faults, tc.faults)
			diff(t, "rejected", p.Rejected, tc.rejected)
		})
	}
}

func TestTweetReaderDropsTheMemoryOfALargeBody(t *testing.T) {
	one := simpleTweet("12", "7", "x")
	r := NewTweetReader()
	p, err := r.Read([]byte(`{"data":[`+strings.Repeat(one+",", largeSheet)+one+`]}`), time.UnixMilli(1))
	if err != nil || len(p.Posts) != 1 {
		t.Fatal(err, len(p.Posts))
	}
	if n := len(r.sheet.pool); n != 0 {
		t.Errorf("room for %d posts is kept", n)
	}
}
