// Package redirect finds out where a short link leads, without going there.
//
//	client, err := redirect.New(redirect.Config{Watched: watched, Metrics: registry})
//	result, err := client.Expand(ctx, "https://t.co/x")
//
// It is for live collectors. An archive that carries the targets of its short links
// is believed, and nothing is asked for it.
//
// # What is requested
//
// Shorteners alone, those of [Config].Shorteners. A target on another host is the
// answer and is not requested, so that no landing page is ever fetched; it need not
// even exist. A target on a shortener is the next hop. A watched host is never
// requested, not even one that somebody put on the list of shorteners: nobody's card
// is visited by expanding a link. A request is a GET without cookies, referrer and
// proxy, over HTTP/1.1, one at a time for each host, on a connection of its own.
//
// A shortener sees a request for the link from this machine's address, and shows
// whoever made the link that it was followed. That is the reason that collectors
// leave this off until it is asked for.
//
// # What is refused
//
// A hop must be a shortener by its name, over http or https, at the scheme's own port, and
// without user information; an IP address is on no list. When its name is resolved,
// each address is judged as it is dialled, so that a name which means another address
// a moment later gains nothing: only what IANA's registries call global is dialled,
// and not this machine's own addresses. An answer must be the address of a public
// name or of a global IP address; its user information is dropped, and a port is
// kept, as in links that are posted whole.
//
// # How a target is told
//
// By Location of 301, 302, 303, 307 and 308, by Refresh, by a meta refresh, or by a
// script that sets location to a string, within the first 64 KiB of a page. t.co does
// the first for plain clients and the third and fourth for browsers. Pages that warn
// of a target instead are told from their addresses: that a platform blocks a link
// is a finding. [Result.State] is the word for it that stands with the link.
//
// # Secrets
//
// What a short link leads to can name a person. A [Result] belongs in memory. Errors,
// metrics and the fields of Result other than URL hold no part of any address.
//
// # Limits
//
// Interstitial pages that wait for a click, and scripts that put an address
// together, are not read: the link stays unresolved. A shortener that answers for a
// link it has no more with a redirect to a page of its own, on a host that is no
// shortener, has resolved it, as far as can be told. Of warning pages those of Twitter
// and Bitly are known; that of another shortener names no target, or is one. Compressed
// bodies are not opened. A hop over http is requested over http, so that whoever sits on the way
// can read it and forge its answer. Where the internet is behind a proxy, no
// shortener is reached.
package redirect
