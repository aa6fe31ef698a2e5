package main

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/bus"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// What failed waits on FAILED, sealed: what is erased is taken from there too, at
// whichever stage it failed, and the others stay.
func TestFailedRecordsAreErasedToo(t *testing.T) {
	t.Parallel()
	c := smallCampaign(97)
	s := newStudy(t, c, c.Sites())
	stop := s.up()
	defer stop()
	s.importAll("archives")
	channels := strings.Fields(s.must("sql", "--operator", "--format", "tsv",
		"SELECT toString(channel_key) AS key FROM doxtrail.posts WHERE platform = 'telegram' GROUP BY channel_key HAVING count() > 20 ORDER BY count(), key LIMIT 2"))[1:]
	s.clickhouse(fmt.Sprintf("ALTER TABLE doxtrail.posts ADD CONSTRAINT invented CHECK toString(channel_key) != '%s' AND toString(channel_key) != '%s'", channels[0], channels[1]))
	s.importAnew()
	refused := len(s.letters())

	// And four that the normaliser could not take: two about a channel that is erased,
	// which a post is of, and which another links to.
	conn := (&canaryWatch{testStudy: s}).attach()
	s.putUndated(conn, &doxtrailv1.RawPost{}, // nobody can tell whose it is
		doxtrailv1.RawPost_builder{ChannelId: proto.String("4242"), PostId: proto.String("1")}.Build(),
		doxtrailv1.RawPost_builder{ChannelId: proto.String("4343"), PostId: proto.String("1"), Text: proto.String("see t.me/c/4242/7")}.Build(),
		doxtrailv1.RawPost_builder{ChannelId: proto.String("4343"), PostId: proto.String("2"), Text: proto.String("nothing")}.Build())
	before := s.letters()
	if refused < 2 || len(before) != refused+4 {
		t.Fatalf("%d records failed, then %d", refused, len(before))
	}

	done := s.erases(channels[0]+"\ntelegram:4242\n", "--channel")
	left := s.letters()
	if n := len(before) - len(left); n < 3 || uint64(n) > done.Records[bus.StreamFailed] {
		t.Errorf("%d of %d failed records are gone, and the receipt counts %d", n, len(before), done.Records[bus.StreamFailed])
	}
	stages := map[string]int{}
	for _, d := range left {
		stages[d.Class]++
	}
	if stages["no_posted_at"] != 1 || stages["no_post_id"] != 1 || stages["refused"] == 0 {
		t.Errorf("left are %v", stages)
	}

	// The normaliser forgot nothing of it: what comes back by a retry of the others.
	s.clickhouse("ALTER TABLE doxtrail.posts DROP CONSTRAINT invented")
	if r := s.run("deadletters", "retry", "--all", "--class", "refused"); r.code != exitDone {
		t.Errorf("retry: exit %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	var posts []struct{ N int }
	s.sql(&posts, "SELECT count() AS n FROM posts WHERE channel_key = '"+channels[0]+"'")
	if posts[0].N != 0 {
		t.Errorf("%d posts of the erased channel are rows", posts[0].N)
	}
}

// putUndated puts posts on RAW that the normaliser cannot take, and waits until it
// has said so.
func (s *testStudy) putUndated(conn *bus.Conn, posts ...*doxtrailv1.RawPost) {
	s.t.Helper()
	keys, err := conn.PublicKeys(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	key, err := keys.Raw(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	b := bus.NewBuilder(bus.StageRaw)
	for _, post := range posts {
		if err := b.Add(post); err != nil {
			s.t.Fatal(err)
		}
	}
	telegram := doxtrailv1.Platform_PLATFORM_TELEGRAM
	m, err := b.Raw(bus.Subject{Stage: bus.StageRaw, Lane: bus.LaneArchive, Kind: bus.KindPosts, Platform: telegram}, nil, key)
	if err != nil {
		s.t.Fatal(err)
	}
	sequence := (&canaryWatch{testStudy: s}).publish(conn, bus.StageRaw, m)
	if err := conn.AwaitRows(s.t.Context(), bus.LaneArchive, sequence); err != nil && !strings.Contains(err.Error(), "wait") {
		s.t.Fatal(err)
	}
}
