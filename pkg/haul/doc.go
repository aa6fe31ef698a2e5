// Package haul brings what a live collector saw to RAW.
//
//	outbox := haul.NewOutbox(publisher, keys, haul.Config{Platform: ..., Seen: count})
//	err := outbox.Send(ctx, haul.Haul{Leg: ..., Lane: bus.LaneLive, LookedAt: now, Posts: posts})
//
// A haul is everything that one look brought in. It is confirmed as a whole: when
// Send returns nil, RAW has all of it, and only then may the leg that looked move
// its cursor. After an error parts of it may be there; it is sent again whole, and
// doubles nothing, because identity lies in the records and not in the messages.
//
// Limits: the parts of a haul are several messages, so another process can see some
// of them before the rest. Coverage goes last, for it says that the rest is there.
package haul
