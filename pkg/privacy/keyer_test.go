package privacy

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

const (
	telegram = doxtrailv1.Platform_PLATFORM_TELEGRAM
	twitter  = doxtrailv1.Platform_PLATFORM_TWITTER
)

func testKeyer() *Keyer { return newKeyer(bytes.Repeat([]byte{7}, 32)) }

// These vectors pin what is stored: a change here makes every data folder
// unreadable, so it needs a new study, never a new expectation.
func TestKeysNeverChange(t *testing.T) {
	k := testKeyer()
	for name, test := range map[string]struct{ got, want Key }{
		"channel":      {k.Channel(telegram, "1234"), mustKey(t, "fd62d9c4-71fc-5d51-25ec-a98a9d466d22")},
		"channel name": {k.ChannelName(telegram, "Harbour_News"), mustKey(t, "2093bc84-cc91-070d-a4ad-fb004c2997bc")},
		"post":         {k.Post(telegram, "1234", "56"), mustKey(t, "cd986255-2351-32f2-7d86-30b578ead8f0")},
		"host":         {k.Host("cards.example"), mustKey(t, "f991a54a-ba69-0557-b147-019ad5583621")},
		"path":         {k.Path("/list?p=2"), mustKey(t, "392db965-b2ba-0279-9887-c7a40b7fbdec")},
		"coverage":     {k.Coverage([]byte("import"), k.Host("a.example"), 3), mustKey(t, "7359c27b-7d98-ec2d-86f8-0d96dda7d7a7")},
	} {
		if test.got != test.want {
			t.Errorf("%s: key is %s, want %s", name, test.got, test.want)
		}
	}
}

func mustKey(t *testing.T, text string) Key {
	t.Helper()
	var k Key
	if err := k.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return k
}

func TestAKeyIsAnHMACUnderTheKeyOfItsPurpose(t *testing.T) {
	root := bytes.Repeat([]byte{7}, 32)
	mac := hmac.New(sha256.New, deriveKey(root, "pseudonym", "host"))
	mac.Write([]byte("\x0dcards.example"))
	if got := testKeyer().Host("cards.example"); !bytes.Equal(got[:], mac.Sum(nil)[:16]) {
		t.Error("host key is no HMAC-SHA-256 over length and host")
	}
}

func TestWhatIsAbsentHasTheZeroKey(t *testing.T) {
	k := testKeyer()
	for name, key := range map[string]Key{
		"channel": k.Channel(telegram, ""), "name": k.ChannelName(telegram, ""), "account": k.Account(telegram, ""),
		"post": k.Post(telegram, "1", ""), "post without channel": k.Post(telegram, "", "1"), "number": k.PostNo(telegram, ""),
		"host": k.Host(""), "site": k.Site(""), "label": k.Label(""), "media": k.Media(telegram, ""), "query": k.Query(telegram, ""),
	} {
		if !key.IsZero() || key.Bytes() != nil {
			t.Errorf("%s: an absent id has a key", name)
		}
	}
	for name, key := range map[string]Key{"path": k.Path(""), "dir": k.Dir("")} {
		if key.IsZero() {
			t.Errorf("%s: the empty one has no key", name)
		}
	}
}

func TestATwitterPostHasOneKeyWhateverTheChannel(t *testing.T) {
	k := testKeyer()
	if k.Post(twitter, "1", "9") != k.Post(twitter, "", "9") {
		t.Error("the channel is part of a twitter post's key")
	}
	if k.Post(telegram, "1", "9") == k.Post(telegram, "2", "9") {
		t.Error("the channel is no part of a telegram post's key")
	}
}

func TestHandlesIgnoreCase(t *testing.T) {
	k := testKeyer()
	if k.ChannelName(telegram, "Harbour_NEWS") != k.ChannelName(telegram, "harbour_news") {
		t.Error("names that differ in case have two keys")
	}
	if k.ChannelName(telegram, "a\xff") == k.ChannelName(telegram, "a\xfe") {
		t.Error("names with different broken bytes have one key")
	}
}

// call is one use of a Keyer. Two calls that differ in what they stand for must
// give two keys.
type call struct {
	purpose  int
	platform doxtrailv1.Platform
	a, b     string
	n        uint64
}

func (c call) key(k *Keyer) Key {
	switch c.purpose {
	case 0:
		return k.Channel(c.platform, c.a)
	case 1:
		return k.ChannelName(c.platform, c.a)
	case 2:
		return k.Account(c.platform, c.a)
	case 3:
		return k.Post(c.platform, c.a, c.b)
	case 4:
		return k.PostNo(c.platform, c.a)
	case 5:
		return k.Host(c.a)
	case 6:
		return k.Site(c.a)
	case 7:
		return k.Label(c.a)
	case 8:
		return k.Path(c.a)
	case 9:
		return k.Dir(c.a)
	case 10:
		return k.Media(c.platform, c.a)
	case 11:
		return k.Query(c.platform, c.a)
	}
	var part Key
	copy(part[:], c.b)
	return k.Coverage([]byte(c.a), part, c.n)
}

// meaning is the part of a call that its key stands for.
func (c call) meaning() call {
	switch c.purpose {
	case 5, 6, 7, 8, 9:
		c.platform = 0
	case 1:
		c.a = strings.ToLower(c.a)
	case 12:
		c.platform = 0
		var part Key
		copy(part[:], c.b)
		c.b = string(part[:])
	}
	if c.purpose != 12 {
		c.n = 0
	}
	if c.purpose == 3 && c.platform == twitter {
		c.a = ""
	}
	if c.purpose != 3 && c.purpose != 12 {
		c.b = ""
	}
	return c
}

func drawCall() *rapid.Generator[call] {
	short := rapid.StringOfN(rapid.RuneFrom([]rune("aA1\x00\x01\x02,/")), 1, 4, -1)
	return rapid.Custom(func(t *rapid.T) call {
		return call{
			purpose:  rapid.IntRange(0, 12).Draw(t, "purpose"),
			platform: doxtrailv1.Platform(rapid.IntRange(1, 3).Draw(t, "platform")),
			a:        short.Draw(t, "a"), b: short.Draw(t, "b"),
			n: rapid.Uint64Range(0, 3).Draw(t, "n"),
		}
	})
}

func TestKeysAreEqualExactlyIfWhatTheyStandForIs(t *testing.T) {
	k := testKeyer()
	rapid.Check(t, func(t *rapid.T) {
		meanings := map[Key]call{}
		for _, c := range rapid.SliceOfN(drawCall(), 2, 30).Draw(t, "calls") {
			key := c.key(k)
			if key != c.key(k) || key != c.key(testKeyer()) {
				t.Fatal("one call gives two keys")
			}
			if other, ok := meanings[key]; ok && other != c.meaning() {
				t.Fatalf("%+v and %+v have one key", other, c.meaning())
			}
			meanings[key] = c.meaning()
		}
		seen := map[call]Key{}
		for key, meaning := range meanings {
			if other, ok := seen[meaning]; ok && other != key {
				t.Fatalf("%+v has two keys", meaning)
			}
			seen[meaning] = key
		}
	})
}

func TestNothingIsAllocatedForAKey(t *testing.T) {
	k := testKeyer()
	part := k.Host("a.example")
	id := []byte("0123456789abcdef")
	if n := testing.AllocsPerRun(100, func() {
		k.Channel(telegram, "1234567890")
		k.ChannelName(telegram, "Harbour_News")
		k.Post(telegram, "1234567890", "123456")
		k.Path("/model/pc/content_someone.html?a=b")
		k.Coverage(id, part, 77)
	}); n != 0 {
		t.Errorf("%v allocations a run, want none", n)
	}
}

func TestAHugeValueDoesNotStayInMemory(t *testing.T) {
	k := testKeyer()
	before := k.Path("/a")
	k.Path(strings.Repeat("x", 4*largestScratch))
	if cap(k.scratch) > largestScratch {
		t.Errorf("scratch keeps %d bytes", cap(k.scratch))
	}
	if k.Path("/a") != before {
		t.Error("key differs after a huge value")
	}
}

func TestKeyText(t *testing.T) {
	key := Key{0x3f, 0x25, 0x04, 0xe0, 0x4f, 0x89, 0x11, 0xd3, 0x9a, 0x0c, 0x03, 0x05, 0xe8, 0x2c, 0x33, 0x01}
	const text = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"
	if key.String() != text {
		t.Errorf("String() = %s, want %s", key, text)
	}
	encoded, err := json.Marshal(key)
	if err != nil || string(encoded) != `"`+text+`"` {
		t.Errorf("JSON is %s, %v", encoded, err)
	}
	for _, spelling := range []string{text, strings.ToUpper(text)} {
		var back Key
		if err := back.UnmarshalText([]byte(spelling)); err != nil || back != key {
			t.Errorf("read back as %s, %v", back, err)
		}
	}
	for _, wrong := range []string{"", text[1:], text + "0", strings.ReplaceAll(text, "-", "0"), "zf" + text[2:]} {
		back := key
		if err := back.UnmarshalText([]byte(wrong)); err == nil || back != key {
			t.Errorf("a wrong text was read")
		} else if wrong != "" && strings.Contains(err.Error(), wrong) {
			t.Errorf("error quotes the input")
		}
	}
}

func TestKeyFromBytes(t *testing.T) {
	key := testKeyer().Host("a.example")
	back, err := KeyFromBytes(key.Bytes())
	if err != nil || back != key {
		t.Errorf("read back as %s, %v", back, err)
	}
	if absent, err := KeyFromBytes(nil); err != nil || !absent.IsZero() {
		t.Errorf("no bytes give %s, %v, want the zero key", absent, err)
	}
	if _, err := KeyFromBytes(make([]byte, 15)); err == nil {
		t.Error("15 bytes were read as a key")
	}
}

func BenchmarkKeyer(b *testing.B) {
	k := testKeyer()
	b.ReportAllocs()
	for b.Loop() {
		k.Post(telegram, "1234567890", "123456")
	}
}
