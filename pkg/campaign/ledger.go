package campaign

// Ledger is the truth about a campaign under a watch list. It names cards,
// channels and files in clear, which no table of doxtrail does: it belongs
// beside the archives, never into a data folder. All lists are sorted, all
// times are milliseconds since 1970 UTC.
type Ledger struct {
	Family   string          `json:"family"`
	Sites    []string        `json:"sites"`
	Totals   Figures         `json:"totals"` // sum over the files
	Posts    int             `json:"posts"`  // distinct over the files
	Kinds    []KindFigures   `json:"kinds"`
	Files    []FileFigures   `json:"files"`
	Cards    []CardFigures   `json:"cards"` // by path; cards never sighted are left out
	Channels []ChannelTruth  `json:"channels"`
	Mirrors  []MirrorFigures `json:"mirrors"` // every listed site, sighted or not
	Timeline []DayFigures    `json:"timeline"`
}

// Figures are what an import of files counts (DESIGN, import --json).
// Records = Posts + NonPosts + Rejected + Duplicates.
type Figures struct {
	Records    int `json:"records"`
	Posts      int `json:"posts"`
	NonPosts   int `json:"non_posts"`
	Duplicates int `json:"duplicates"` // repeats of a post within a file
	Rejected   int `json:"rejected"`
	Conflicts  int `json:"conflicts"` // duplicates with another text
	Links      int `json:"links"`     // distinct (post, host, path, role)
	Sightings  int `json:"sightings"` // distinct (post, card)
}

// FileFigures are the figures of one file. RefusedMessages, those of chats that
// must not be read, are part of NonPosts.
type FileFigures struct {
	Name   string `json:"name"`
	Format Format `json:"format"`
	Figures
	RefusedChats    int `json:"refused_chats"`
	RefusedMessages int `json:"refused_messages"`
}

// KindFigures counts distinct posts of one kind.
type KindFigures struct {
	Platform Platform `json:"platform"`
	Kind     string   `json:"kind"` // original, forward, repost, quote, reply
	Posts    int      `json:"posts"`
}

// Sighting is where and when something was seen.
type Sighting struct {
	Platform Platform `json:"platform"`
	Channel  string   `json:"channel"` // id
	Post     string   `json:"post"`    // id
	PostedAt int64    `json:"posted_at"`
}

// CardFigures is the spread of one card.
type CardFigures struct {
	Path          string         `json:"path"`
	FirstSeen     Sighting       `json:"first_seen"`
	LastSeenAt    int64          `json:"last_seen_at"`
	Posts         int            `json:"posts"`
	Channels      int            `json:"channels"`
	Platforms     []CardPlatform `json:"platforms"`
	Sites         []string       `json:"sites"`
	Reach         *int           `json:"reach"` // last known audiences added up; null if none is known
	AudienceKnown int            `json:"audience_known"`
}

// CardPlatform is the spread of one card on one platform.
type CardPlatform struct {
	Platform Platform `json:"platform"`
	First    Sighting `json:"first"`
	// NotBefore is the time of the first sighting where the full export of
	// its channel began before it, and null where nothing says what came
	// before: searches, and an export that begins with the sighting.
	NotBefore *int64 `json:"not_before"`
	NotAfter  int64  `json:"not_after"`
	// Basis is direct; forward where the first post passed on another
	// (forward or repost); quoted where the card stood in a quoted post only.
	Basis    string `json:"basis"`
	Posts    int    `json:"posts"`
	Channels int    `json:"channels"`
}

// ChannelTruth is what one channel or account did.
type ChannelTruth struct {
	Platform  Platform `json:"platform"`
	ID        string   `json:"id"`
	Label     string   `json:"label,omitempty"` // where it is on the watch list
	Posts     int      `json:"posts"`
	CardPosts int      `json:"card_posts"`
	Cards     int      `json:"cards"`
	Sites     int      `json:"sites"`
	Firsts    int      `json:"firsts"` // cards it was the first of all to carry
	FirstAt   *int64   `json:"first_at"`
	LastAt    *int64   `json:"last_at"`
	Audience  *int     `json:"audience"` // last known
}

// MirrorFigures is what one site was used for.
type MirrorFigures struct {
	Site      string `json:"site"`
	Posts     int    `json:"posts"` // with a card there
	Cards     int    `json:"cards"`
	Channels  int    `json:"channels"`
	PagePosts int    `json:"page_posts"` // with a page there that is no card
	FirstAt   *int64 `json:"first_at"`   // of a card
	LastAt    *int64 `json:"last_at"`
}

// DayFigures is one day (UTC) of the family on one platform; days without a
// sighting are left out.
type DayFigures struct {
	Day           string   `json:"day"` // 2020-01-31
	Platform      Platform `json:"platform"`
	Posts         int      `json:"posts"`
	Sightings     int      `json:"sightings"`
	Cards         int      `json:"cards"`
	Channels      int      `json:"channels"`
	NewChannels   int      `json:"new_channels"` // never before with the family
	Reach         *int     `json:"reach"`
	AudienceKnown int      `json:"audience_known"`
}
