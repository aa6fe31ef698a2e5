package campaign

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

type xPage struct {
	Data     any        `json:"data,omitempty"`
	Includes *xIncludes `json:"includes,omitempty"`
	Errors   []xError   `json:"errors,omitempty"`
	Meta     *xMeta     `json:"meta,omitempty"`
	Rules    []xRule    `json:"matching_rules,omitempty"`
	Twarc    *xLook     `json:"__twarc,omitempty"`
}

type xIncludes struct {
	Users  []xUser  `json:"users,omitempty"`
	Tweets []xPost  `json:"tweets,omitempty"`
	Media  []xMedia `json:"media,omitempty"`
}

type xUser struct {
	ID          string       `json:"id"`
	Username    string       `json:"username"`
	Name        string       `json:"name"`
	CreatedAt   string       `json:"created_at"`
	Description string       `json:"description"`
	Verified    bool         `json:"verified"`
	Protected   bool         `json:"protected"`
	Metrics     xUserMetrics `json:"public_metrics"`
}

type xUserMetrics struct {
	Followers int `json:"followers_count"`
	Following int `json:"following_count"`
	Tweets    int `json:"tweet_count"`
	Listed    int `json:"listed_count"`
}

type xError struct {
	Parameter string `json:"parameter"`
	Resource  string `json:"resource_id"`
	Value     string `json:"value"`
	Detail    string `json:"detail"`
	Title     string `json:"title"`
	Kind      string `json:"resource_type"`
	Type      string `json:"type"`
}

type xMeta struct {
	Newest string `json:"newest_id"`
	Oldest string `json:"oldest_id"`
	Count  int    `json:"result_count"`
	Next   string `json:"next_token,omitempty"`
}

type xRule struct {
	ID  string `json:"id"`
	Tag string `json:"tag"`
}

type xLook struct {
	URL       string `json:"url"`
	Version   string `json:"version"`
	Retrieved string `json:"retrieved_at"`
}

// writeTwarc writes one file, a line at a time.
func (f *file) writeTwarc(w io.Writer) error {
	for i, l := range f.lines {
		text, err := f.render(i, l)
		if err != nil {
			return fmt.Errorf("encode line %d: %w", i+1, err)
		}
		if _, err := w.Write(text); err != nil {
			return err
		}
	}
	return nil
}

func (f *file) render(i int, l *line) ([]byte, error) {
	look := &xLook{URL: f.query, Version: "2.3.0", Retrieved: xTime(f.looked + int64(i))}
	switch l.shape {
	case page:
		return jsonLine(f.page(l, look, i+1 < len(f.lines)))
	case stream:
		look.Retrieved = xTime(l.data[0].PostedAt + 2)
		out := f.page(l, look, false)
		out.Data, out.Meta = tweet(l.data[0]), nil
		out.Rules = []xRule{{ID: "880000000000000001", Tag: FamilyLabel}}
		return jsonLine(out)
	case flat:
		return jsonLine(f.flattened(l.data[0], look))
	case failure:
		return jsonLine(xPage{Twarc: look, Errors: []xError{{
			Parameter: "ids", Resource: "8800000000000000001", Value: "8800000000000000001", Title: "Not Found Error",
			Detail: "Could not find tweet with ids: [8800000000000000001].", Kind: "tweet", Type: "https://api.x.example/2/problems/resource-not-found",
		}}})
	default: // the head of a line whose rest was lost
		whole := line{shape: failure}
		for _, other := range f.lines {
			if len(other.data) > 0 {
				whole = line{shape: stream, data: other.data}
				break
			}
		}
		text, err := f.render(i, &whole)
		return append(text[:len(text)*2/3:len(text)*2/3], '\n'), err
	}
}

// jsonLine is the line as twarc2 writes it: other scripts as they are, which
// its ensure_ascii=False does too.
func jsonLine(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return b.Bytes(), err
}

func (f *file) page(l *line, look *xLook, more bool) xPage {
	out := xPage{Includes: &xIncludes{}, Twarc: look}
	data := make([]xPost, len(l.data))
	users := make(map[*Channel]bool)
	for i, p := range l.data {
		data[i] = tweet(p)
		f.include(out.Includes, p, users)
	}
	for _, p := range l.included {
		out.Includes.Tweets = append(out.Includes.Tweets, tweet(p))
		f.include(out.Includes, p, users)
	}
	out.Data = data
	out.Meta = &xMeta{Newest: data[0].ID, Oldest: data[len(data)-1].ID, Count: len(data)}
	if more {
		out.Meta.Next = "b26v89c19zqg8o3f" + data[0].ID
	}
	return out
}

// include adds author and media of a post to the includes. Accounts of
// unknown audience are not there: suspended, as it goes.
func (f *file) include(to *xIncludes, p *Post, users map[*Channel]bool) {
	if p.Channel.audience >= 0 && !users[p.Channel] {
		users[p.Channel] = true
		to.Users = append(to.Users, f.user(p.Channel))
	}
	if p.media != nil && p.kind != repost {
		to.Media = append(to.Media, p.media.shown())
	}
}

func (f *file) user(a *Channel) xUser {
	return xUser{
		ID: a.ID, Username: a.Name, Name: a.Title, CreatedAt: xTime(a.opens), Description: a.about,
		Metrics: xUserMetrics{Followers: f.followers(a), Following: 7 + a.tweets%500, Tweets: a.tweets, Listed: a.tweets % 9},
	}
}

func (m *media) shown() xMedia {
	out := xMedia{Key: m.key, Type: "photo", URL: "https://pbs.example/media/" + m.key[2:] + ".jpg"}
	if !m.photo {
		out = xMedia{Key: m.key, Type: "video", Alt: m.name}
	}
	return out
}

// flattened is a post with author, media and referenced post inlined.
func (f *file) flattened(p *Post, look *xLook) xPost {
	out := f.inlined(p)
	out.Twarc = look
	if p.source != nil && !p.source.gone {
		out.References[0].xContent = f.inlined(p.source).xContent
	}
	return out
}

func (f *file) inlined(p *Post) xPost {
	out := tweet(p)
	if p.Channel.audience >= 0 {
		author := f.user(p.Channel)
		out.Author = &author
	}
	if out.Attachments != nil {
		out.Attachments.Media = []xMedia{p.media.shown()}
	}
	return out
}
