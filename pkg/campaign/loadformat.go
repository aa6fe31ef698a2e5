package campaign

import (
	"strconv"
	"time"
)

// telegram writes a full export: the channels one after another, each with
// its share of the posts.
func (l *loader) telegram() {
	l.add(`{"about":"Here is the data you requested.","chats":{"about":"Chats.","list":[`)
	each := len(l.channels)
	for c, channel := range l.channels {
		if c > 0 {
			l.add(",\n")
		}
		l.add(`{"name":"`, channel.Title, `","type":"public_channel","id":`, channel.ID, `,"messages":[`)
		for i, number := c, 2; i < l.n; i, number = i+each, number+1 {
			if number > 2 {
				l.add(",\n")
			}
			l.message(channel, number, l.at(i))
			l.flush()
		}
		l.add("]}")
	}
	l.add("]}}\n")
	l.flush()
}

func (l *loader) message(channel *Channel, number int, at int64) {
	l.add(`{"id":`)
	l.b = strconv.AppendInt(l.b, int64(number), 10)
	l.add(`,"type":"message","date":"`)
	l.b = time.Unix(at+8*60*60, 0).UTC().AppendFormat(l.b, "2006-01-02T15:04:05")
	l.add(`","date_unixtime":"`)
	l.b = strconv.AppendInt(l.b, at, 10)
	l.add(`","from":"`, channel.Title, `","from_id":"channel`, channel.ID, `","text":`)
	filler, url := l.filler(), l.card()
	if url == "" {
		l.add(`"`, filler, `","text_entities":[{"type":"plain","text":"`, filler, `"}]}`)
		return
	}
	l.add(`["`, filler, `\n",{"type":"link","text":"`, url, `"},"。快看"],"text_entities":[{"type":"plain","text":"`, filler,
		`\n"},{"type":"link","text":"`, url, `"},{"type":"plain","text":"。快看"}]}`)
}

// twarc writes pages of a search, newest first.
func (l *loader) twarc() {
	for page, newest := 0, l.n-1; newest >= 0; page, newest = page+1, newest-pageSize {
		last := max(0, newest-pageSize+1)
		// Ten accounts a page, so that users stay a small part of it.
		accounts := l.accounts[page*10%len(l.accounts):][:10]
		l.add(`{"data":[`)
		for i := newest; i >= last; i-- {
			if i < newest {
				l.add(",")
			}
			l.tweet(i, accounts[i%len(accounts)])
		}
		l.add(`],"includes":{"users":[`)
		for i, account := range accounts {
			if i > 0 {
				l.add(",")
			}
			l.user(account)
		}
		l.add(`]},"meta":{"newest_id":"`)
		l.b = strconv.AppendUint(l.b, l.tweetID(newest), 10)
		l.add(`","oldest_id":"`)
		l.b = strconv.AppendUint(l.b, l.tweetID(last), 10)
		l.add(`","result_count":`)
		l.b = strconv.AppendInt(l.b, int64(newest-last+1), 10)
		l.add(`},"__twarc":{"url":"https://api.x.example/2/tweets/search/all?query=tides","version":"2.3.0","retrieved_at":"`)
		l.b = time.Unix(endAt+int64(page), 0).UTC().AppendFormat(l.b, "2006-01-02T15:04:05.000Z")
		l.add("\"}}\n")
		l.flush()
	}
}

// tweetID is unique although many posts of a large load share a second.
func (l *loader) tweetID(i int) uint64 {
	return snowflake(l.at(i), uint64(i)&(1<<22-1))
}

func (l *loader) tweet(i int, account *Channel) {
	number := strconv.FormatUint(l.tweetID(i), 10)
	filler, url := l.filler(), l.card()
	l.add(`{"id":"`, number, `","author_id":"`, account.ID, `","conversation_id":"`, number, `","created_at":"`)
	l.b = time.Unix(l.at(i), 0).UTC().AppendFormat(l.b, "2006-01-02T15:04:05.000Z")
	l.add(`","lang":"zh","source":"Twitter Web App","reply_settings":"everyone","possibly_sensitive":false,"public_metrics":{"retweet_count":`)
	l.b = strconv.AppendInt(l.b, int64(i%17), 10)
	l.add(`,"reply_count":0,"like_count":`)
	l.b = strconv.AppendInt(l.b, int64(i%101), 10)
	l.add(`,"quote_count":0},"context_annotations":[],"edit_history_tweet_ids":["`, number, `"],"text":"`, filler)
	if url == "" {
		l.add(`"}`)
		return
	}
	// The fillers are counted in bytes here, not in characters: the exact
	// place of a link is no matter to whoever reads its target.
	short := "https://t.co/" + number[len(number)-10:]
	start := strconv.Itoa(len(filler) + 1)
	end := strconv.Itoa(len(filler) + 1 + len(short))
	l.add(" ", short, `","entities":{"urls":[{"start":`, start, `,"end":`, end, `,"url":"`, short, `","expanded_url":"`, url,
		`","display_url":"harbourleaks…"}]}}`)
}

func (l *loader) user(a *Channel) {
	l.add(`{"id":"`, a.ID, `","username":"`, a.Name, `","name":"`, a.Title, `","created_at":"2014-05-01T00:00:00.000Z","description":"`, a.about,
		`","verified":false,"protected":false,"public_metrics":{"followers_count":`)
	l.b = strconv.AppendInt(l.b, int64(max(0, a.audience)), 10)
	l.add(`,"following_count":70,"tweet_count":900,"listed_count":1}}`)
}
