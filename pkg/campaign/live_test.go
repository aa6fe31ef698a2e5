package campaign

import (
	"bytes"
	"strings"
	"testing"
)

func TestLivePostsAreTheTelegramPosts(t *testing.T) {
	c := New(4, small())
	var want []*Post
	for _, p := range c.posts {
		if p.Channel.Platform == Telegram {
			want = append(want, p)
		}
	}
	got := c.LivePosts()
	if len(got) != len(want) {
		t.Fatalf("%d posts, want %d", len(got), len(want))
	}
	forwards, cards := 0, 0
	for i, p := range got {
		var text strings.Builder
		for _, piece := range p.Pieces {
			text.WriteString(piece.Text)
		}
		if p.Channel != want[i].Channel || p.PostedAt != want[i].PostedAt || text.String() != want[i].body.text(Telegram) {
			t.Fatalf("post %d is another", i)
		}
		if p.Source >= i {
			t.Errorf("post %d points to %d, which came later", i, p.Source)
		}
		if p.Passes != nil {
			forwards++
			if p.Source >= 0 && got[p.Source].Channel != p.Passes {
				t.Errorf("forward %d points to a post of another channel than it names", i)
			}
		}
		if p.Card {
			cards++
		}
	}
	if forwards == 0 || cards == 0 {
		t.Errorf("%d forwards, %d posts with cards", forwards, cards)
	}
}

func TestTheLiveWatchlistNamesEveryChannelByItsHandle(t *testing.T) {
	c := New(4, small())
	var list bytes.Buffer
	if err := c.WriteLiveWatchlist(&list); err != nil {
		t.Fatal(err)
	}
	posting, _ := c.LiveChannels()
	for _, channel := range posting {
		want := "  - label: " + c.LiveLabels()[channel] + "\n    platform: telegram\n    name: " + channel.Name + "\n"
		if !strings.Contains(list.String(), want) {
			t.Errorf("the watch list lacks %q", want)
		}
	}
	if len(c.LiveLabels()) != len(posting) {
		t.Errorf("%d labels for %d channels", len(c.LiveLabels()), len(posting))
	}
}
