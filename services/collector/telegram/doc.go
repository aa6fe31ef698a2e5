// Package telegram is the service that keeps watched public channels of Telegram
// complete and up to date, and puts what it sees on RAW, sealed. It is the only
// importer of gotd.
//
// One process follows one account. Each channel has three legs, which share the
// account's polite rates: the tail follows what happens now, the sweep reads the
// history by id, the re-poll asks again for posts that are known. Where each of
// them stopped is kept, sealed, in the bucket CURSORS; a leg moves on only when
// RAW has confirmed what it read, so a process that is killed reads a little
// twice and loses nothing.
//
// Login is a command of its own ([Login]); the service never asks for a code. It
// joins no channel, follows no invite, reads no members and no profiles, sends
// nothing, and downloads pictures only where the configuration says so, to hash
// and drop them.
//
// Limits: it sees what the account is shown. Posts that Telegram withholds in the
// account's country are missing, and what was posted and deleted between two
// looks at a channel that is not pushed was never there. Beyond ten channels a
// channel is looked at by turns.
package telegram
