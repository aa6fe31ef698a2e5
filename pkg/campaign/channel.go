package campaign

import (
	"fmt"
	"strconv"
	"strings"
)

// Platform is the platform word as subjects, tables and the watch list spell
// it.
type Platform string

// The platforms of the campaign.
const (
	Telegram Platform = "telegram"
	Twitter  Platform = "twitter"
)

// other is the platform a card moves to from this one.
func (p Platform) other() Platform {
	if p == Telegram {
		return Twitter
	}
	return Telegram
}

// Channel is a Telegram channel or a Twitter account: a place that posts.
type Channel struct {
	Platform Platform
	ID       string
	Name     string // the handle, without @
	Title    string // the display name
	opens    int64  // nothing is posted before
	about    string // profile text of an account
	audience int    // followers when first looked at; -1 where nobody told
	settled  bool   // the audience is the same in every archive
	tweets   int
}

// Ids lie above what the platforms have given out, so that no id is that of a
// real channel or account.
const (
	firstChannelID = 880_000_000_000
	firstAccountID = 8_800_000_000_000_000_000
)

const (
	titleHeads = "霧燈速報 潮聲台 碼頭公審 浪尖情報 夜航名單 錨地爆料 海圖檔案 風球通訊"
	titleTails = "第一台 備用 二號 總部 轉發站 重開"
	handleHead = "otter heron kelp tidal foggy shoal mast buoy plank rudder gull brine"
)

// telegramChannels opens a quarter of the channels in the first days, the
// others over fifteen months. Every fifth is named for its victim, as such
// channels are.
func telegramChannels(seed uint64, n int, people []*Person) []*Channel {
	d := newDice(seed, "channels")
	heads, tails := strings.Fields(titleHeads), strings.Fields(titleTails)
	channels := make([]*Channel, n)
	for i := range channels {
		title := fmt.Sprintf("%s%s %02d", pick(d, heads), pick(d, tails), i+1)
		name := fmt.Sprintf("fogsignal_example%02d", i+1)
		if i%5 == 4 {
			person := people[i%len(people)]
			title = "起底" + person.Chinese + "資料庫"
			name = fmt.Sprintf("%s_example%02d", strings.ToLower(person.Slug), i+1)
		}
		opens := int64(startAt) + d.below64(10*day)
		if i >= n/4 && i >= 2 {
			opens = startAt + 10*day + d.below64(450*day)
		}
		channels[i] = &Channel{
			Platform: Telegram, ID: strconv.Itoa(firstChannelID + 1_000*(i+1) + d.below(1_000)),
			Name: name, Title: title, opens: opens, audience: -1,
		}
	}
	return channels
}

// outsideChannels are forwarded from; no archive of them exists.
func outsideChannels(seed uint64, people []*Person) []*Channel {
	d := newDice(seed, "outside")
	channels := make([]*Channel, 12)
	for i := range channels {
		person := people[len(people)-1-i]
		channels[i] = &Channel{
			Platform: Telegram, ID: strconv.Itoa(firstChannelID + 900_000_000 + 1_000*i + d.below(1_000)),
			Name: fmt.Sprintf("offshore_example%02d", i+1), Title: "離岸轉載" + person.Chinese, audience: -1,
		}
	}
	return channels
}

// twitterAccounts have between ten and a few hundred thousand followers; of
// every thirtieth the audience is unknown.
func twitterAccounts(seed uint64, n int) []*Channel {
	d := newDice(seed, "accounts")
	heads, titles := strings.Fields(handleHead), strings.Fields(titleHeads)
	accounts := make([]*Channel, n)
	for i := range accounts {
		head := pick(d, heads)
		a := &Channel{
			Platform: Twitter, ID: strconv.Itoa(firstAccountID + 100_000*(i+1) + d.below(100_000)),
			Name:     fmt.Sprintf("xmpl_%s%04d", head, i+1),
			Title:    fmt.Sprintf("%s的%s%04d", pick(d, titles), head, i+1),
			about:    fmt.Sprintf("只講潮汐，不講道理。編號%04d", i+1),
			opens:    startAt - d.below64(2000*day),
			audience: 10 + int(d.after(400, 1.6)),
			tweets:   d.between(50, 90_000),
		}
		if i%30 == 29 {
			a.audience = -1
		}
		accounts[i] = a
	}
	return accounts
}
