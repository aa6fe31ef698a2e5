// Package api asks X: it is the only importer of go-twitter, and what it hands on
// are bodies as they came, for archive.TweetReader to decode.
//
//	client, err := api.New(api.Config{Token: token, Gate: gate})
//	body, err := client.SearchRecent(ctx, api.Search{Query: query})
//
// # What the library does and what it does not
//
// go-twitter builds the requests of every call that it knows, checks their
// options and authorises them. It also loses posts of the stream, spins after a
// disconnect, sends no token with compliance calls and knows the fields of 2022; it
// will not be mended. So all its requests pass one RoundTripper, which keeps the
// body before the library decodes it, puts in what the library leaves out and takes
// the stream away from it. Problems and limits are read from what is kept: the
// library's errors drop half of the former, and it knows no limit by day.
// bugs_test.go and streambugs_test.go have each bug beside what is done about it.
//
// # Two spellings
//
// X renamed tweet to post in its published API in August 2026. Requests are spelled
// the old way until the server refuses the names of the fields, then the new way,
// and back again if need be. Bodies may come in either.
//
// # What leaves and what is told
//
// The token goes to the API's own host and nowhere else, over TLS but for a
// loopback address; redirects are not followed and cookies not kept. A proxy of
// the environment is used if there is one: a token stays within TLS. Errors are
// *Fault, which hold a kind, a status and a method, never a query, an id, an
// address or a word of the answer.
//
// # Politeness
//
// Before each call the Gate gives a turn; of one method one call is under way at a
// time. After each answer the limits that X states are given to the Gate, and what
// came too early is asked for again when it says so.
package api
