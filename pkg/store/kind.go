package store

// Kind is the sort of a record: the word of its subject on RECORDS, which is
// also the name of its table.
type Kind string

// The kinds.
const (
	KindPosts          Kind = "posts"
	KindLinks          Kind = "links"
	KindShares         Kind = "shares"
	KindChannels       Kind = "channels"
	KindChannelAliases Kind = "channel_aliases"
	KindObservations   Kind = "observations"
	KindCoverage       Kind = "coverage"
	KindProbes         Kind = "probes"
	KindTakedowns      Kind = "takedowns"
	KindImports        Kind = "imports"
	KindDecisions      Kind = "decisions"
	KindSites          Kind = "sites"
	KindLocators       Kind = "locators"
	KindLocatorKeys    Kind = "locator_keys"
)

// Kinds lists all kinds in the order in which Insert writes them. What others
// point at comes first; coverage and imports come last, because who reads them
// takes what they account for as stored.
func Kinds() []Kind {
	return []Kind{
		KindLocatorKeys, KindLocators, KindSites, KindDecisions, KindChannels, KindChannelAliases,
		KindPosts, KindLinks, KindShares, KindObservations, KindProbes, KindTakedowns,
		KindCoverage, KindImports,
	}
}
