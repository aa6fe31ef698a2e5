// Package campaign invents a doxxing campaign, writes it as archives in two
// real formats, and says what the truth about it is.
//
// The campaign is one family of cards on mirror sites under .example, posted,
// forwarded, retweeted and quoted for two years on Telegram channels and
// Twitter accounts, amid many posts that have nothing to do with it. New makes
// it from a seed, (*Campaign).WriteArchives writes the files a researcher
// would have, (*Campaign).Truth counts what a tool must find in them, and
// (*Campaign).Canaries lists every value that must never be readable after an
// import. Load streams any number of posts for load tests.
//
// The same seed and Size give the same bytes. The truth is counted in the
// plainest way from the campaign in memory, by code that shares nothing with
// the code it is there to check: this package imports no other package of
// doxtrail.
//
// # What counts as what
//
// A record is a post object (a message; an object in data, includes.tweets or
// referenced_tweets with content), a non-post (a service message, an
// unsupported message, any message of a chat that is no public channel, a line
// that holds only an error) or a rejected record (a broken line). A record of a
// post that stood in the same file before is a duplicate, a conflict as well
// where its text differs.
//
// The links of a post are the distinct (host, path, role) of: its text,
// marked or not, its hidden links and its buttons, with t.co replaced by
// unwound_url, else expanded_url. A retweet has the links of the retweeted
// post, or, where that is missing, those of its own entities. A quote has, in
// the role "quoted", also the links of the quoted post. A reply has only its
// own. Links to t.me, twitter.com and x.com count like all others; mail
// addresses, handles, links of media and of profiles do not occur as links.
// Hosts are without www. and m., paths without tracking keys and fragment.
//
// A sighting is a distinct (post, card): a link whose host is one of the
// listed sites and whose path is none of the family's pages. An edit that
// drops a link retracts nothing: the figures over all files are those of all
// revisions together, at the time the post was posted.
//
// # Limits
//
// Everything is invented: the persons have surnames nobody bears, the hosts
// end in .example, the numbers of channels and accounts lie far above those in
// use. Disguised links, previews, groups and messages.html do not occur. To
// keep the truth free of ties, no two posts share a second.
package campaign
