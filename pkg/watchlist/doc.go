// Package watchlist holds what a study watches: families of cards with their
// sites, and channels.
//
// # The file
//
// A watch list is a YAML file that a person keeps:
//
//	families:
//	  - label: harbour-leaks          # neutral: letters, digits, hyphens
//	    sensitive: true               # never print its hosts in reports
//	    sites:                        # hosts, without scheme and path
//	      - harbour-leaks.example
//	      - cards.hosting.test
//	    pages: [/, /list]             # paths that are no cards
//	    patterns: []                  # host forms to propose, for later services
//	    terms: []                     # search terms, for later services
//	channels:
//	  - label: channel-01             # neutral
//	    platform: telegram
//	    id: "1234"                    # or name: a handle, where no id is known
//	    reason: carries cards since May
//
// Parse is strict: a key that it does not know is an error with its line, and
// Validate reports all faults at once under their key paths. Labels are printed
// in tables and reports, so they must not name a person; no program can check
// that.
//
// A site that is a registrable domain stands for every host below it; any other
// host stands for itself alone.
//
// # The effective list
//
// Next compares a file with the list in force. If anything changed, the result
// has the next generation; what was taken off stays in it as not listed, so
// that rows of older generations are answered. The provisioner publishes the
// effective list, sealed with a key of the ring because it names channels, and
// every service reads it there. SiteRecords and DecisionRecords are what it
// becomes in tables;
// a Matcher says to which family a link belongs.
//
// # Limits
//
// No file at all, or one without families, means that every link is studied:
// the matcher is empty, and each site counts as a family of its own.
package watchlist
