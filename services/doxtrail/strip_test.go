package main

import "testing"

// withdrawnPosts is what is held of the posts that X shows to nobody any more.
type withdrawnPosts struct {
	Posts, Filled, Counted, Sightings, Gone uint64
	Generation                              uint32
}

func (s *testStudy) withdrawnPosts() withdrawnPosts {
	s.t.Helper()
	var rows []withdrawnPosts
	s.sql(&rows, `WITH withdrawn AS (SELECT post_key FROM post_states WHERE withdrawn)
		SELECT count() AS posts, countIf(isNotNull(length) OR isNotNull(language) OR notEmpty(flags)) AS filled,
			countIf(isNotNull(view_count) OR isNotNull(forward_count) OR isNotNull(reaction_count) OR isNotNull(audience)) AS counted,
			(SELECT count() FROM sightings WHERE post_key IN withdrawn) AS sightings,
			(SELECT countIf(state = 'gone') FROM post_states) AS gone, min(generation) AS generation
		FROM posts WHERE post_key IN withdrawn`)
	return rows[0]
}

// What is gone from X is stripped by the process that runs next, and stripped again
// whatever brings it back: the same archives under a newer watch list, or a backup
// from before.
func TestWhatIsGoneFromXStaysStripped(t *testing.T) {
	t.Parallel()
	c := smallCampaign(75)
	s := newStudy(t, c, c.Sites())
	s.write("doxtrail.yaml", string(s.read("doxtrail.yaml"))+"recorder: {strip_wait: 10ms}\n")
	stop := s.up()
	s.importAll("archives")
	older := s.backUp("older")
	s.clickhouse(`INSERT INTO doxtrail.observations (channel_key, post_key, platform, state, observed_at, source, generation, version)
		SELECT DISTINCT channel_key, post_key, 'twitter', 'gone', now64(3), 'compliance', 1, 1 FROM research.sightings WHERE platform = 'twitter' ORDER BY post_key LIMIT 20`)
	whole := s.withdrawnPosts()
	if whole.Posts != 20 || whole.Filled == 0 || whole.Counted == 0 || whole.Sightings < 20 || whole.Gone != 20 {
		t.Fatalf("before they are stripped: %+v", whole)
	}
	if r := stop(); r.code != 0 {
		t.Fatalf("up ended with %d:\n%s", r.code, r.stderr)
	}

	defer s.up()()
	stripped := whole
	stripped.Filled, stripped.Counted = 0, 0
	s.eventually("they are stripped", func() bool { return s.withdrawnPosts() == stripped })

	s.watch(c, c.Sites()[:1])
	s.importAll("archives")
	s.eventually("they came again and were stripped again", func() bool {
		got := s.withdrawnPosts()
		return got.Generation > whole.Generation && got.Posts == 20 && got.Filled == 0 && got.Counted == 0
	})

	s.must(append([]string{"restore"}, older[:2]...)...)
	if got := s.withdrawnPosts(); got.Posts != 20 || got.Filled != 0 || got.Counted != 0 {
		t.Errorf("after an older backup was restored: %+v", got)
	}
}
