package fake

import (
	"strconv"
	"time"
)

// Naming gives what a person can be named by on X, for a place in which nobody may
// read it afterwards.
type Naming struct {
	Name, Handle, Phone, Mail, Slug string
}

// Line is a post as a line of the stream, which names a person in every field that
// a post, its author, and what comes along may have: text and note, marks, cards,
// pictures, polls, places, communities, articles, the author's profile, errors
// beside it. The post is not part of the world: it cannot be looked up.
func (n Naming) Line(id int64, account string) string {
	const site = "https://harbour-leaks.example/card/"
	at := timeOf(id)
	said := n.Name + " " + n.Phone + " " + n.Mail
	entities := object{
		"mentions":    []any{object{"start": 0, "end": 5, "username": n.Handle, "id": "1"}},
		"hashtags":    []any{object{"start": 6, "end": 9, "tag": n.Name}},
		"cashtags":    []any{object{"start": 6, "end": 9, "tag": n.Slug}},
		"annotations": []any{object{"start": 0, "end": 3, "probability": 0.9, "type": "Person", "normalized_text": n.Name}}, //nolint:misspell // X's word
		"urls": []any{object{
			"start": 0, "end": 23, "url": "https://t.co/" + n.Slug, "expanded_url": site + n.Slug, "display_url": "harbour-leaks.example/" + n.Slug,
			"unwound_url": site + n.Slug, "title": n.Name, "description": said, "images": []any{object{"url": site + n.Slug + ".jpg", "width": 1, "height": 1}},
		}},
	}
	author := object{
		"id": account, "name": n.Name, "username": n.Handle, "description": said, "location": n.Name, "url": site + n.Slug, "verified": false,
		"profile_image_url": site + n.Slug + ".png", "profile_banner_url": site + n.Slug, "created_at": stamp(at.Add(-time.Hour)),
		"entities":       object{"url": object{"urls": []any{object{"expanded_url": site + n.Slug}}}, "description": entities},
		"public_metrics": object{"followers_count": 3, "following_count": 1, "tweet_count": 1, "listed_count": 0}, "withheld": object{"country_codes": []string{"HK"}, "scope": "user"},
	}
	return string(encode(object{
		"data": object{
			"id": name(id), "text": said, "author_id": account, "created_at": stamp(at), "lang": "zh", "conversation_id": name(id),
			"edit_history_tweet_ids": []string{name(id)}, "entities": entities, "note_tweet": object{"text": said + " " + site + n.Slug, "entities": entities},
			"geo": object{"place_id": n.Slug, "coordinates": object{"type": "Point", "coordinates": []float64{1, 2}}}, "source": n.Name, "community_id": n.Slug,
			"attachments": object{"poll_ids": []string{n.Slug}, "media_keys": []string{"3_" + n.Slug}}, "article": object{"title": n.Name},
			"card_uri": "card://" + n.Slug, "in_reply_to_user_id": account, "context_annotations": []any{object{
				"domain": object{"id": "1", "name": n.Name, "description": said}, "entity": object{"id": "2", "name": n.Name},
			}},
		},
		"includes": object{
			"users":  []any{author},
			"polls":  []any{object{"id": n.Slug, "options": []any{object{"position": 1, "label": n.Name, "votes": 2}}, "voting_status": "open"}},
			"places": []any{object{"id": n.Slug, "full_name": n.Name, "name": n.Name, "country": "X", "contained_within": []string{n.Slug}}},
			"media": []any{object{
				"media_key": "3_" + n.Slug, "type": "photo", "alt_text": said, "url": site + n.Slug + ".jpg", "preview_image_url": site + n.Slug,
			}},
			"topics": []any{object{"id": "1", "name": n.Name, "description": said}},
		},
		"matching_rules": []any{object{"id": strconv.Itoa(1), "tag": n.Name}},
		"errors": []any{object{
			"value": n.Slug, "resource_id": n.Slug, "resource_type": "user", "parameter": "entities.mentions.username", "title": n.Name, "detail": said,
			"type": "https://api.x.com/2/problems/resource-not-found",
		}},
	}))
}

// Problem is a line of the stream that is nothing but a problem, with a person in it.
func (n Naming) Problem() string {
	said := n.Name + " " + n.Phone + " " + n.Mail
	return string(encode(object{
		"title": n.Name, "detail": said, "type": "https://api.x.com/2/problems/" + n.Slug, "connection_issue": n.Slug,
		"errors": []any{object{"title": n.Name, "detail": said, "disconnect_type": n.Name, "type": n.Slug}},
	}))
}

// NewID is the id that a post of this moment would have.
func (s *Server) NewID() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ids.now(s.opts.Now())
}
