// Package cardlink finds the links in a post, undoes their disguises and
// brings them into one canonical form, from which the keyed ids of a link are
// made.
//
// # Use
//
// A [Finder] holds scratch memory and serves one goroutine:
//
//	finder := cardlink.New()
//	links = finder.Text(links[:0], post.Text)
//	links = finder.Marked(links, href, doxtrailv1.LinkSource_LINK_SOURCE_BUTTON, doxtrailv1.LinkExpansion_LINK_EXPANSION_NONE)
//
// [NewWatching] makes one that knows the labels that are watched at the moment,
// see Watched labels. [Finder.Text] reads what a person typed. [Finder.Marked] takes one address
// that the platform itself marked as a link; it trusts the platform about
// where the address ends and that it is one. [Canonicalise] takes one address
// and says why there is no link in it. [Link.Post] reads the links that lead
// to a channel or post of Telegram or Twitter.
//
// # Pipeline
//
//  1. One scan over the text for bytes that can belong to a link's dot or
//     scheme. Nearly all of them are refused by looking at their neighbours.
//  2. Around one that is not refused, the run: the stretch up to the next
//     space, quotation mark, CJK character or CJK punctuation mark. Cyrillic,
//     Greek and accented Latin letters do not end a run, because a host cut at
//     a look-alike letter is the host of somebody else.
//  3. Disguises are undone in a copy of the run, step by step, and only if it
//     shows signs of one: invisible characters, characters that stand for
//     ASCII ones (NFKC, ideographic full stops), bracketed and half bracketed
//     dots, backslashes before dots, bracketed slashes, spelled dots, changed
//     schemes. A step leaves a tag on the places it changed, and a link has
//     the tags of its own places ([Link.Disguises]).
//  4. Links are read from the run. With a scheme any well-formed host will do.
//     Without one the host must be ASCII and end in a public suffix, so that
//     file names, version numbers and sentences without spaces are no links;
//     nor are mail addresses, hashtags, handles and bare IPv4 addresses.
//  5. The address is parsed as the WHATWG URL standard says; a plain ASCII
//     http address takes a short cut with the same result.
//  6. The canonical form is built, and a link inside the link (an archive, a
//     translator, a redirector) becomes a second [Link].
//
// The top-level names of RFC 2606 (example, test, invalid, localhost) and
// onion count as public suffixes: invented data behaves like real data.
//
// # Watched labels
//
// Some disguises look like ordinary text: "mirror dot org", "mirror. org". They
// are read only where the [Skeleton] of the label in front of the dot is that
// of a watched label, and what follows is a public suffix:
//
//   - the words dot, 點 and 点, the English one between spaces, the Chinese ones
//     with or without, whatever their type face and whatever is hidden in them;
//   - middle dots (· • ‧ ∙ ⋅ ・ ･);
//   - a full stop with spaces before or behind it (. ． ﹒ ․ 。 ｡). With a space
//     behind it, it is also the end of a sentence: then the suffix must not be
//     typed like the first word of one, and if another word follows it must be
//     none that reads like a word (is, in, me, news). The ideographic ones end
//     sentences without a space too, so the same holds for them wherever it
//     stands, and a Chinese word glued to the suffix counts as another word;
//   - a host without scheme that is not ASCII and looks like a watched one.
//
// Where a suffix has several labels, as com.hk, the longest one counts; its first
// dot may be of any kind (mirror.com dot hk), if the second is no full stop that
// may end a sentence. Of labels in front of the watched one only www and those
// with plain dots are read: the site is the same. A path may follow. Letters with
// a space between each two are never read: the words of a sentence would have to
// be joined, and tried at every place, to find one label that somebody spelled
// so. Nor is a Chinese word or a middle dot in front of letters in circles, for
// which the scan would have to stop too often.
//
// What is found so depends on the labels, so a text that was read before a
// label was watched has to be read again.
//
// # Canonical form
//
// [Link.URL] is the host in lower case as an A-label, without trailing dot,
// without user information and default port; then the path, its case kept,
// with repeated and trailing slashes, index.* and default.* removed; then the
// query, sorted by key, without tracking keys; then the fragment, if it is
// the route of a page that lives in the browser ("#/..." or "#!..."). Escapes
// are upper-case, and escaped letters, digits and -._~ are read. The scheme is
// dropped, and stands in [Link.Scheme]. Ports 80 and 443 are both dropped
// whatever the scheme was, since without the scheme nobody could tell which of
// the two is the default.
//
// The form is idempotent: the canonical form of a canonical form is itself.
// [Link.Label] is not part of it, since it is computed before letters are
// lower-cased.
//
// # Versions
//
// [CanonVersion] goes up whenever an address can get another canonical form or
// another label, since keys made from both must never be mixed silently. A
// newer public suffix list can change Site and Registrable too.
//
// # Limits
//
// Text is read up to 256 KiB and an address up to 8 KiB; what is longer is cut
// there. Paths typed with CJK characters are cut at the first one, unless the
// platform marked the link; so are hosts below a public suffix in Chinese
// characters. Half a bracket is square and without its other half nearby, and
// is left alone in paths. The package never resolves or visits anything.
package cardlink
