// Package watchlist holds what a study watches: families of cards with their
// sites, and channels.
//
// # The file
//
// A watch list is a YAML file that a person keeps:
//
//	families:
//	  - label: harbour-leaks          # neutral: letters, digits, hyphens
//	    sensitive: true               # its hosts must not be printed in reports
//	    sites:                        # hosts, without scheme and path
//	      - harbour-leaks.example
//	      - docs.hosting.test
//	    pages: [/, /list]             # paths that are no cards
//	    patterns: []                  # host forms to propose
//	    terms: []                     # words to search for
//	channels:
//	  - label: tg-news-1              # neutral
//	    platform: telegram
//	    id: "1234"                    # the platform's own id, which never changes
//	    name: harbour_news            # and the handle, or one of the two
//	    reason: carries cards since May
//
// [Parse] is strict: a key that it does not know is an error that names the key
// and its line, and [List.Validate] reports all faults at once, each with its
// key path. No error repeats a value.
//
// Labels are printed in tables, reports and logs. They MUST be neutral: no name
// of a person, no handle, no host. No program can tell a person's name from
// another word, so nothing checks this but the person who writes the file.
//
// A site that is a registrable domain, user domains of hosting services
// included, stands for every host below it; any other host stands for itself
// alone. One site belongs to one family.
//
// A channel is its id; where no id is known, its handle. A live collector gets to
// a channel by its handle only, unless it met the channel's id before, so with both
// the entry goes on to mean the same channel when the handle changes hands.
//
// # Decisions
//
// Channels that watched ones name are proposed, and a person approves or rejects
// each. [Decided] keeps that apart from the file, sealed, and [Merge] adds it to
// what the file says. The file wins: an entry of it takes the place of an approved
// channel, and lists a rejected one. NamesTarget says that the handle itself names
// somebody who was exposed, so that no report may ever print it.
//
// Sites are proposed too: [Candidates] are the forms under which a family may go on,
// found among links by their keys and named by trying them below every public suffix.
// An approved site is listed as long as the file names its family. A person decides
// about a site that nobody could name by its key.
//
// # The effective list
//
// [Next] compares such a list with the one in force. If anything changed, the
// result is of the next generation; what was taken off stays in it as not
// listed, so that a replay of older records cannot bring it back. The
// provisioner publishes the effective list, sealed with a key of the ring
// because it names channels, and every service reads it there.
// [Effective.SiteRecords] and [Effective.DecisionRecords] are what it becomes
// in tables; a [Matcher] says to which family a link belongs.
//
// # Levels
//
// [Levels] says how near a link is to a family: exact, lookalike, permutation or near,
// and by which rule. Of links that are stored keys are left: [Candidates] writes the
// forms of the labels out, looks for keys of them, and asks Levels what they are.
// [Effective.Labels] are the labels for which a finder reads spelled dots.
//
// # Limits
//
// No file at all, or one without families, means that every link is studied:
// the matcher is empty, and each site counts as a family of its own. Patterns
// and terms are kept for those who use them and match nothing here.
package watchlist
