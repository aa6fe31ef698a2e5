package fake

import (
	"errors"
	"testing"
	"time"
)

func TestQueriesMatch(t *testing.T) {
	s := start(t, Options{})
	s.Account(AccountSpec{Username: "Invented_A"})
	first := s.Post("Invented_A", "Look: CARDS dot org, a disguised place. 香港人的卡片 #canary https://sub.cards.example/People/7?x=1", Lang("zh"),
		Leads("https://sub.cards.example/People/7?x=1", "https://mirror.test/end", "A Card Index", "who is who"), Photo("1", "a card"))
	quote := s.Quote("invented_b", first, "see this", Lang("en"))
	repost := s.Repost("invented_c", first)
	for _, tc := range []struct {
		query                string
		first, quote, repost bool // as the stream matches
		search               bool // whether search has the quote
	}{
		{`cards`, true, true, true, false},
		{`"cards dot org"`, true, true, true, false},
		{`"cards[.]org"`, false, false, false, false},
		{`"dot cards"`, false, false, false, false},
		{`card`, false, false, false, false},
		{`香港`, true, true, true, false},
		{`港香`, false, false, false, false},
		{`#canary`, true, true, true, false},
		{`url:"cards.example"`, true, true, true, false},
		{`url:people`, true, true, true, false},
		{`url:"cards.test"`, false, false, false, false},
		{`url:"mirror.test"`, true, true, true, false},
		{`url_contains:ards.exam`, true, true, true, false},
		{`url_contains:"people/7"`, true, true, true, false},
		{`url_title:"card index"`, true, true, true, false},
		{`from:invented_a`, true, false, false, false},
		{`from:Invented_B`, false, true, false, true},
		{`retweets_of:invented_a`, false, false, true, false},
		{`see OR canary`, true, true, true, true},
		{`see dot`, false, true, false, false},
		{`cards -see`, true, false, true, false},
		{`cards -"dot org"`, false, false, false, false},
		{`see absent OR cards`, true, true, true, false},
		{`(see OR cards) (absent OR dot)`, true, true, true, false},
		{`cards lang:zh`, true, false, true, false},
		{`cards is:retweet`, false, false, true, false},
		{`cards -is:retweet`, true, true, false, false},
		{`see is:quote`, false, true, false, true},
		{`cards has:links -is:quote`, true, false, true, false},
		{`cards has:media`, true, false, false, false},
	} {
		e, err := readQuery(tc.query)
		if err != nil {
			t.Errorf("%s: %v", tc.query, err)
			continue
		}
		matches := func(id string, quotes bool) bool { return e.matches(newSubject(s.must(id), quotes)) }
		if matches(first, true) != tc.first || matches(quote, true) != tc.quote || matches(repost, true) != tc.repost {
			t.Errorf("%s: post %t, quote %t, repost %t", tc.query, matches(first, true), matches(quote, true), matches(repost, true))
		}
		if matches(quote, false) != tc.search {
			t.Errorf("%s: search has the quote: %t", tc.query, !tc.search)
		}
	}
}

func TestQueriesThatAreRefused(t *testing.T) {
	for query, want := range map[string]error{
		`"no end`: errQuote, `(a OR b`: errParenthesis, `a)`: errParenthesis, `a OR`: errEmpty, `OR a`: errEmpty, `()`: errEmpty,
		`sample:10`: errOperator, `is:dog x`: errValue, `-(a b) c`: errGroup, `-a`: errAlone, `lang:zh has:links`: errAlone,
		`a OR is:quote`: errAlone, `"..."`: errEmpty, `"a b"~2`: errValue,
	} {
		if _, err := readQuery(query); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", query, err, want)
		}
	}
	s := start(t, Options{})
	r := get(t, s, "/2/tweets/search/recent", "query", `"no end`)
	if r.status != 400 || r.Title != "Invalid Request" || len(r.Errors) != 1 || r.Errors[0]["parameters"] == nil || r.Errors[0]["message"] == "" {
		t.Errorf("got %d %s", r.status, r.text)
	}
}

func TestIDsRiseWithTime(t *testing.T) {
	var ids snowflakes
	at := time.Date(2026, 8, 7, 12, 0, 0, 0, time.UTC)
	last := int64(0)
	for i := range 10_000 {
		if i%1000 == 0 {
			at = at.Add(time.Millisecond)
		}
		id := ids.now(at)
		if id <= last {
			t.Fatalf("id %d after %d", id, last)
		}
		if got := timeOf(id); !got.Equal(at) {
			t.Fatalf("time %v, want %v", got, at)
		}
		last = id
	}
	then := at.Add(-time.Hour)
	a, b := ids.then(then), ids.then(then)
	if a >= b || !timeOf(a).Equal(then) || !timeOf(b).Equal(then) {
		t.Errorf("dated back: %d, %d", a, b)
	}
}
