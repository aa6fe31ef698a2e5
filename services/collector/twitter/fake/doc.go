// Package fake is an X inside this process: a plain HTTP server on loopback that
// answers the endpoints of the API v2 a reader of public posts needs. Tests and
// the demo use it; the collector never imports it.
//
// Start it, open accounts, post, edit, delete, and point any client at it: the
// API is at Server.URL, files of compliance jobs are at Server.StorageURL, which
// is another host:port as at X. Both stay the same while the server lives, so a
// client that was killed comes back to the world as it is by then. Faults are
// switched on by methods (Fail, TooMany, CutStream, ...). Server.Truth is
// everything that happened and how it was served, Server.Calls every request,
// Server.Reads what X would charge for, CheckRates and CheckTokens judge the log.
//
//	s := fake.New(fake.Options{Spelling: fake.Post})
//	defer s.Close()
//	id := s.Post("canary_news", "seen at https://cards.example/a", fake.Lang("en"))
//	s.Repost("invented_a", id)
//	edited := s.Edit(id, "seen again at https://cards.example/b")
//	s.Delete(edited)
//
// A post exists as of now and is sent on the stream, unless At dates it back.
// Ids are snowflakes of the post's time: their order is that of time, whatever
// the number of posts in a millisecond. An edit is a post with a new id; search,
// timelines and lists of shares have the last version only, lookups have all.
//
// Queries may have words, "phrases", #tags, url:, url_contains:, url_title:,
// url_description:, from:, retweets_of:, lang:, is:, has:, OR, parentheses and a
// minus before anything but a group; a clause that narrows (is:, has:, lang:) is
// none alone. The stream matches the content of a quoted post too, search does
// not. Search returns no reposts. A repost is matched by what it repeats.
//
// What a real X does and this does not, as far as a collector could tell:
//
//   - one app, no users' tokens, no polls, places, lists, direct messages;
//   - words are compared in small letters, accents are not folded;
//   - sentences in details and messages and the order of fields are the fake's
//     own; types, titles and shapes are X's where they are known;
//   - entities are urls only: no mentions, no hashtags, no annotations;
//   - bio:, sample:, "a b"~N and other operators not named above are refused;
//   - answers are never compressed, and a page of search costs what it holds,
//     includes too (what X charges for includes is not verified);
//   - a suspended app, a job that is in the way of another, and too many rules
//     answer as it seemed likely (not verified); so do names in the new spelling
//     that X has not shown yet: includes.posts, post_count, the type reposted;
//   - what has no place in the world is constant: likes, places, verification;
//   - there is no delay before search and rules see a change, but by Options.
package fake
