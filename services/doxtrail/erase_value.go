package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/cardlink"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// What a value to erase can be. A key in a case may be of any kind.
const (
	kindCard    = "card"
	kindPost    = "post"
	kindChannel = "channel"
	kindAccount = "account"
	kindCase    = "case"
	kindKey     = "key"
)

// value is one thing to erase. It lies in memory only, and has one of key, link and
// ref.
type value struct {
	kind string
	key  privacy.Key
	link cardlink.Link
	ref  cardlink.PostRef
}

// Bounds of what is read of standard input.
const (
	longestValue = 16 << 10
	mostValues   = 10_000
)

// readValues reads standard input, a value a line. Its errors name lines by number.
func readValues(cmd *cobra.Command, kind string) ([]value, error) {
	done, err := typeSilently(cmd, "what is to be erased, one value a line (it is not shown); end with Ctrl-D:")
	if err != nil {
		return nil, err
	}
	defer done()
	lines := bufio.NewScanner(interruptible(cmd.Context(), cmd.InOrStdin()))
	lines.Buffer(nil, longestValue)
	var values []value
	for n := 1; lines.Scan(); n++ {
		text := strings.TrimSpace(lines.Text())
		if text == "" {
			continue
		}
		v, err := recognise(kind, text)
		if err != nil {
			return nil, wrongUse(fmt.Errorf("line %d of standard input: %w; nothing was erased", n, err))
		}
		if values = append(values, v); len(values) > mostValues {
			return nil, wrongUse(fmt.Errorf("more than %d values at once; nothing was erased", mostValues))
		}
	}
	if err := lines.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			err = wrongUse(errors.New("a line of standard input is longer than any address; nothing was erased"))
		}
		return nil, err
	}
	if len(values) == 0 {
		return nil, wrongUse(fmt.Errorf("nothing came from standard input: write what is to be erased, one value a line: %w", io.ErrUnexpectedEOF))
	}
	return values, nil
}

// What a line may be, for who wrote something else.
var (
	errNotPost    = errors.New("it is no post: write t.me/NAME/1, t.me/c/ID/1, x.com/i/web/status/1 or a post_key")
	errNotChannel = errors.New("it is no channel: write t.me/NAME, x.com/NAME, telegram:ID, twitter:ID or a channel_key")
	errNotAccount = errors.New("it is no account: write telegram:ID, twitter:ID, x.com/NAME or an account_key; a handle of Telegram does not tell whose it is")
	errNotCard    = errors.New("it is no card: write the address of its page, or a card_key")
	errNotValue   = errors.New("it is no address of a card, a post or a channel, and no key")
)

// recognise reads one value of a kind, or in a case of any.
func recognise(kind, text string) (value, error) {
	var key privacy.Key
	if key.UnmarshalText([]byte(text)) == nil && !key.IsZero() {
		if kind == kindCase {
			kind = kindKey
		}
		return value{kind: kind, key: key}, nil
	}
	if ref, ok := numbered(text); ok && kind != kindCard && kind != kindPost {
		if kind == kindCase {
			kind = kindChannel
		}
		return value{kind: kind, ref: ref}, nil
	}
	link, err := typedLink(text)
	switch {
	case errors.Is(err, errManyAddresses):
		return value{}, err
	case err != nil:
		return value{}, wrong(kind)
	}
	ref, named := link.Post()
	if kind == kindCase {
		kind = leadsTo(ref, named)
	}
	v := value{kind: kind, link: link, ref: ref}
	switch {
	case kind == kindPost && ref.PostID != "", // a post has one only if it is named
		kind == kindChannel && named && ref.PostID == "",
		kind == kindAccount && named && ref.PostID == "" && ref.Platform == doxtrailv1.Platform_PLATFORM_TWITTER,
		kind == kindCard && !named && link.Depth > 0:
		return v, nil
	}
	return value{}, wrong(kind)
}

// leadsTo is what an address in a case leads to.
func leadsTo(ref cardlink.PostRef, named bool) string {
	switch {
	case ref.PostID != "":
		return kindPost
	case named:
		return kindChannel
	default:
		return kindCard
	}
}

// wrong says what would be right.
func wrong(kind string) error {
	return map[string]error{kindPost: errNotPost, kindChannel: errNotChannel, kindAccount: errNotAccount, kindCard: errNotCard, kindCase: errNotValue}[kind]
}

// numbered reads a platform's own number of a channel or an account, telegram:123.
func numbered(text string) (ref cardlink.PostRef, ok bool) {
	word, id, found := strings.Cut(text, ":")
	platform := bus.PlatformOf(strings.ToLower(word))
	if !found || platform == doxtrailv1.Platform_PLATFORM_UNSPECIFIED || id == "" || strings.ContainsAny(id, "/. ") {
		return ref, false
	}
	return cardlink.PostRef{Platform: platform, ChannelID: id}, true
}

// countValues counts values by kind.
func countValues(values []value) map[string]int64 {
	counts := map[string]int64{}
	for _, v := range values {
		counts[v.kind]++
	}
	return counts
}
