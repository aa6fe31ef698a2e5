// Package fake is a Telegram inside this process: a server that speaks real
// MTProto on a loopback port and answers the few methods a reader of public
// channels needs. Tests and the demo use it; the collector never imports it.
//
// Start it, make channels, post, edit and delete in them, and point any gotd
// client at it: in the same process with Server.Options, from another one with
// Server.DC, Server.Address and the key file of Server.WriteFiles. The port and
// the key stay the same while the server lives, so a client that was killed
// comes back with the session it saved. Faults (flood waits, revoked sessions,
// a network that is away) are switched on by methods. Server.Calls is every
// call that was made, Server.Truth everything that happened in the channels:
// what a collector wrote is judged against these two.
//
//	s, err := fake.Start(ctx, fake.Options{})
//	news := s.Channel(fake.ChannelSpec{ID: 1001, Username: "canary_news"})
//	id := news.Post(fake.Text("seen at https://cards.example/a"))
//	news.EditText(id, "gone")
//	opts := s.Options()                       // for telegram.NewClient
//	opts.SessionStorage, err = s.Session(ctx) // signed in already
//
// It is built on gotd's key exchange, cipher and transports instead of gotd's
// own test server. That one reads its table of keys under another lock than it
// writes it, and ends for good when a client dies between connecting and its
// first byte, which is what a kill -9 does.
//
// What a real Telegram does and this does not, as far as a collector could tell:
//
//   - one account, whose data centre has everything, and a second one with files
//     alone; no temporary keys (PFS), no QR login, no salts that expire; an
//     acknowledgement is read and forgotten;
//   - of files only photos, in two forms; a file in another data centre answers
//     FILE_MIGRATE before anything else is looked at (not verified), and every
//     reference expires by ExpireReferences only; there is no CDN;
//   - requests of one connection are answered one after another, at once;
//   - sessions get pushes for the channels they asked getFullChannel or
//     getChannelDifference for on this connection; there are no subscriptions
//     and no limit of ten channels, and updateChannelTooLong comes by TooLong only;
//   - getDifference is always empty: nothing happens outside channels;
//   - channel difference shows posts as they are now, not as they were at their
//     pts. What was posted and deleted in between comes as a deletion only;
//   - a pts of the future answers PERSISTENT_TIMESTAMP_OUTDATED (not verified
//     against Telegram);
//   - a page of history is chosen among all posts and withheld ones are then
//     left out, so that a page of nothing but withheld posts is empty;
//   - min_id and max_id narrow the history before a page is chosen (not verified);
//   - more than 100 ids in channels.getMessages answer LIMIT_INVALID (not verified);
//   - a username without its owner is free at once; who took it last has it;
//   - counters change by SetViews only, restrictions come without a push.
package fake
