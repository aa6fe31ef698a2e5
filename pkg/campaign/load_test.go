package campaign

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLoadIsWhatItSays(t *testing.T) {
	for _, format := range []Format{TelegramDesktop, Twarc2} {
		for _, n := range []int{1, 39, 2345} {
			var out bytes.Buffer
			figures, err := Load(&out, format, n, 9)
			if err != nil {
				t.Fatal(err)
			}
			r := &readBack{sites: set(mirrorHosts()), texts: make(map[string]string)}
			if format == TelegramDesktop {
				r.telegram(t, out.Bytes())
			} else {
				r.twarc(out.Bytes())
			}
			want := Figures{Records: n, Posts: n, Links: figures.CardPosts, Sightings: figures.CardPosts}
			if diff := cmp.Diff(want, r.Figures); diff != "" {
				t.Errorf("%s of %d (-want +got):\n%s", format, n, diff)
			}
			if figures.Posts != n || figures.Bytes != int64(out.Len()) {
				t.Errorf("%s of %d: %+v for %d bytes", format, n, figures, out.Len())
			}
		}
	}
}

func TestLoadHasKilobytePostsAndFivePercentCards(t *testing.T) {
	for _, format := range []Format{TelegramDesktop, Twarc2} {
		var one, two bytes.Buffer
		figures, err := Load(&one, format, 20_000, 9)
		if err != nil {
			t.Fatal(err)
		}
		if size := figures.Bytes / 20_000; size < 900 || size > 1100 {
			t.Errorf("%s: %d bytes a post", format, size)
		}
		if figures.CardPosts < 900 || figures.CardPosts > 1100 {
			t.Errorf("%s: %d card posts", format, figures.CardPosts)
		}
		if _, err := Load(&two, format, 20_000, 9); err != nil || !bytes.Equal(one.Bytes(), two.Bytes()) {
			t.Errorf("%s: a second load of one seed differs (%v)", format, err)
		}
	}
}

func TestLoadReportsWhatItCannotWrite(t *testing.T) {
	if _, err := Load(full{}, Twarc2, 5000, 1); !errors.Is(err, errFull) {
		t.Errorf("got %v", err)
	}
	if _, err := Load(full{}, "csv", 1, 1); err == nil {
		t.Error("an unknown format was written")
	}
}

var errFull = errors.New("disk full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func BenchmarkLoad(b *testing.B) {
	for _, format := range []Format{TelegramDesktop, Twarc2} {
		b.Run(string(format), func(b *testing.B) {
			b.ReportAllocs()
			if _, err := Load(discard{}, format, b.N, 1); err != nil {
				b.Fatal(err)
			}
		})
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
