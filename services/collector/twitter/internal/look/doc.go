// Package look makes records of what a later look at X shows: that a post is up,
// was edited, is gone, private, restricted or back, and how many follow an account.
//
// X tells of an absence in three ways: by a problem instead of a post, by the word
// withheld in a post that is there, and by the result of a compliance job.
//
//	| X says                                  | state      | restrictions   |
//	|-----------------------------------------|------------|----------------|
//	| the post                                | up or back |                |
//	| withheld in countries                   | restricted | law            |
//	| withheld for copyright                  | restricted | copyright      |
//	| resource-not-found                      | gone       |                |
//	| not-authorized-for-resource             | private    |                |
//	| disallowed-resource                     | restricted | terms          |
//	| resource-unavailable and all else       | none       |                |
//	| delete: deleted, deactivated            | gone       |                |
//	| delete: bounced, suspended              | gone       | terms          |
//	| delete: protected                       | private    |                |
//	| delete: scrub_geo                       | none       |                |
//	| an account that is protected            | private    |                |
//
// Nothing here keeps a state, asks or waits: the collector says what was known
// before, and that what is gone needs a second look.
package look
