package message

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gotd/td/bin"
	"github.com/gotd/td/tg"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protopath"
	"google.golang.org/protobuf/reflect/protorange"

	"github.com/doxtrail/doxtrail/pkg/bus"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// said are the strings of a message that are what the post says or links to. All
// others, also those that Telegram adds one day, must not leave this package.
var said = []string{
	"Message.Message", "MessageEntityTextURL.URL", "MessageReplyHeader.QuoteText",
	"TextWithEntities.Text", "PollResults.Solution",
	"TextPlain.Text", "TextCustomEmoji.Alt", "TextURL.URL",
	"PageBlockPhoto.URL", "PageBlockEmbed.URL", "PageBlockEmbedPost.URL", "PageRelatedArticle.URL",
	"KeyboardButtonURL.URL", "KeyboardButtonURLAuth.URL", "InputKeyboardButtonURLAuth.URL",
	"KeyboardButtonWebView.URL", "KeyboardButtonSimpleWebView.URL", "KeyboardButtonCopy.CopyText",
	"WebPage.URL", "WebPage.DisplayURL", "WebPage.EmbedURL", "WebPagePending.URL", "WebPageEmpty.URL", "Page.URL",
}

const (
	// canary opens and closes every invented value.
	canary = "zq"
	// somebody is the id of every person and bot.
	somebody = 7770000777
)

// visit calls f for every field of a message and of what it holds, with its name
// as Type.Field.
func visit(v reflect.Value, name string, f func(v reflect.Value, name string)) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			visit(v.Elem(), name, f)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() {
				visit(v.Field(i), v.Type().Name()+"."+field.Name, f)
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			f(v, name)
			return
		}
		for i := range v.Len() {
			visit(v.Index(i), name, f)
		}
	default:
		f(v, name)
	}
}

// stamp writes canaries, with a tail, over every string that the choice wants, and
// somebody's id over every id of a person, and gives the names of the strings by
// their canaries.
func stamp(m *tg.Message, tail string, choice func(name string) bool) map[string]string {
	canaries := map[string]string{}
	visit(reflect.ValueOf(m), "", func(v reflect.Value, name string) {
		switch {
		case name == "PhotoStrippedSize.Bytes":
			// A picture, not a string.
		case v.Kind() == reflect.String && choice(name), v.Kind() == reflect.Slice && choice(name):
			value := fmt.Sprintf("%s%x%s", canary, name, canary)
			canaries[value] = name
			if v.Kind() == reflect.String {
				v.SetString(value + tail)
			} else {
				v.SetBytes([]byte(value + tail))
			}
		case v.Kind() == reflect.Int64 && (strings.HasSuffix(name, "UserID") || strings.HasSuffix(name, "BotID")):
			v.SetInt(somebody)
		}
	})
	return canaries
}

// leaks gives what is wrong with the raw post of stamped messages.
func leaks(post *doxtrailv1.RawPost, canaries map[string]string) (faults []string, heard map[string]bool) {
	heard = map[string]bool{}
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if size := proto.Size(post); size > bus.MaxRecordBytes {
		fault("a record of %d bytes", size)
	}
	if _, err := proto.Marshal(post); err != nil {
		fault("the record cannot be encoded")
	}
	inStrings(post, func(field, value string) {
		if strings.Contains(value, fmt.Sprint(somebody)) && field != "account_id" {
			fault("%s holds the id of a person", field)
		}
		for canary, name := range canaries {
			if !strings.Contains(value, canary) {
				continue
			}
			heard[name] = true
			if field != "text" && field != "url" {
				fault("%s holds %s", field, name)
			}
			if !slices.Contains(said, name) {
				fault("%s holds %s, which nobody said", field, name)
			}
		}
	})
	return faults, heard
}

// inStrings calls f for every string and every bytes field of a record.
func inStrings(m proto.Message, f func(field, value string)) {
	_ = protorange.Range(m.ProtoReflect(), func(p protopath.Values) error { // f gives no error
		field := ""
		for _, step := range p.Path {
			if step.Kind() == protopath.FieldAccessStep {
				field = string(step.FieldDescriptor().Name())
			}
		}
		switch value := p.Index(-1).Value.Interface().(type) {
		case string:
			f(field, value)
		case []byte:
			f(field, string(value))
		}
		return nil
	})
}

// maker makes messages of random parts, of every kind that gotd knows.
type maker struct {
	draw  *rand.Rand
	kinds map[reflect.Type][]reflect.Type
	all   []reflect.Type
}

func newMaker(seed uint64) *maker {
	k := &maker{draw: rand.New(rand.NewPCG(seed, 2)), kinds: map[reflect.Type][]reflect.Type{}}
	constructors := tg.TypesConstructorMap()
	ids := make([]uint32, 0, len(constructors))
	for id := range constructors {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		k.all = append(k.all, reflect.TypeOf(constructors[id]()))
	}
	return k
}

func (k *maker) message() *tg.Message {
	m := &tg.Message{}
	k.fill(reflect.ValueOf(m).Elem(), 0)
	m.PeerID = &tg.PeerChannel{ChannelID: 1111}
	m.SetFlags()
	return m
}

// fill gives a value random parts, fewer the deeper it lies.
func (k *maker) fill(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(k.draw.IntN(4) == 0)
	case reflect.Int, reflect.Int64:
		v.SetInt(k.draw.Int64N(40))
		if odd := [...]int64{-1, math.MinInt64, math.MaxInt64, math.MinInt32, math.MaxInt32}; k.draw.IntN(10) == 0 {
			v.SetInt(odd[k.draw.IntN(len(odd))])
		}
	case reflect.String:
		v.SetString("words")
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		k.fill(v.Elem(), depth)
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() && field.Type != reflect.TypeFor[bin.Fields]() && k.draw.IntN(4) > 0 {
				k.fill(v.Field(i), depth+1)
			}
		}
	case reflect.Slice:
		for range k.draw.IntN(3) {
			element := reflect.New(v.Type().Elem()).Elem()
			k.fill(element, depth+1)
			if element.Kind() != reflect.Interface || !element.IsNil() {
				v.Set(reflect.Append(v, element))
			}
		}
	case reflect.Interface:
		if kinds := k.of(v.Type()); len(kinds) > 0 && depth < 12 {
			part := reflect.New(kinds[k.draw.IntN(len(kinds))].Elem())
			k.fill(part.Elem(), depth+1)
			v.Set(part)
		}
	}
}

// of gives the kinds that an interface of gotd stands for.
func (k *maker) of(class reflect.Type) []reflect.Type {
	kinds, known := k.kinds[class]
	if !known {
		for _, kind := range k.all {
			if kind.Implements(class) {
				kinds = append(kinds, kind)
			}
		}
		k.kinds[class] = kinds
	}
	return kinds
}

func TestOnlyWhatThePostSaysLeaves(t *testing.T) {
	k := newMaker(1)
	heard, stamped := map[string]bool{}, map[string]bool{}
	tails := []string{"", "\xff", "😀", strings.Repeat("卡\xff", 3000)}
	for i := range 2000 {
		m := k.message()
		canaries := stamp(m, tails[i%len(tails)], func(string) bool { return true })
		channel := invented()
		if i%2 == 0 {
			channel.Kind = doxtrailv1.ChannelKind_CHANNEL_KIND_GROUP
		}
		faults, names := leaks(Post(channel, []*tg.Message{m}, readAt()), canaries)
		for _, fault := range faults {
			t.Error(fault)
		}
		for name := range names {
			heard[name] = true
		}
		for _, name := range canaries {
			stamped[name] = true
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("%d kinds of strings were filled in, %d of them left", len(stamped), len(heard))
	for _, name := range said {
		if !heard[name] && name != "MessageReplyHeader.QuoteText" { // of which only links are taken
			t.Errorf("%s was never heard", name)
		}
	}
	for _, name := range []string{"MessageFwdHeader.FromName", "Message.PostAuthor", "MessageMediaContact.PhoneNumber", "MessageMediaVenue.Address", "DocumentAttributeFilename.FileName"} {
		if !stamped[name] {
			t.Errorf("%s was never filled in", name)
		}
	}
}
