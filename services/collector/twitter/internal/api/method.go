package api

// The methods: what turns, waits and metrics are counted by. One may stand for
// several calls that share a limit. X states its limits in every answer; those
// here are what it publishes for an app.
const (
	MethodSearchRecent = "search.recent" // 450 in 15 min
	MethodSearchAll    = "search.all"    // 300 in 15 min and 1 a second
	MethodStream       = "stream"        // 50 connects in 15 min
	MethodRulesRead    = "rules.read"    // 450 in 15 min
	MethodRulesChange  = "rules.change"  // 100 in 15 min
	MethodPosts        = "posts"         // 3,500 in 15 min
	MethodUsers        = "users"         // 300 in 15 min
	MethodTimeline     = "timeline"      // 10,000 in 15 min
	MethodQuotes       = "quotes"        // 75 in 15 min
	MethodReposts      = "reposts"       // 75 in 15 min
	MethodCompliance   = "compliance"    // 150 in 15 min; its files have no limit
	MethodUsage        = "usage"         // 50 in 15 min
	MethodConnections  = "connections"   // 25 in 15 min
)

// Methods lists them all.
func Methods() []string {
	return []string{
		MethodSearchRecent, MethodSearchAll, MethodStream, MethodRulesRead,
		MethodRulesChange, MethodPosts, MethodUsers, MethodTimeline, MethodQuotes, MethodReposts, MethodCompliance,
		MethodUsage, MethodConnections,
	}
}
