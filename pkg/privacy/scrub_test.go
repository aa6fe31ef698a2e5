package privacy

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/doxtrail/doxtrail/pkg/privacy/privacytest"
)

func TestScrubKeepsWhatOperatorsNeed(t *testing.T) {
	for _, text := range []string{
		"",
		"batch published",
		"import finished: 12 files, 34567 records, 0 rejected",
		"stream RAW is full, waiting",
		"ack of batch 17 took 1.234567891s, retry in 2m30.5s",
		"took 250µs – slow",
		"record 123456789 at offset 53687091200 rejected: class json",
		"wrote 12345678 rows in 1532ms",
		"12345678ms", "offset=53687091", "byte offset: 53687091", "seq 12345678",
		"file 3, line 20000001",
		"invalid character after top-level value at offset 53687091",
		"listening on 127.0.0.1:8123 and [::1]:4222",
		"dial tcp 127.0.0.1:9000: connect: connection refused",
		"http://127.0.0.1:8123", "nats://localhost:4222", "GET /livez", "POST /metrics",
		"consumer of doxtrail.v1.raw.live.posts.telegram paused",
		"$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES",
		"table research.posts has 3 parts, system.query_log is off",
		"code: 241, DB::Exception: Memory limit exceeded",
		"clickhouse version 26.7.2.1, server v2.15.2",
		"runtime.boundsError", "*fs.PathError", "*errors.errorString", "context deadline exceeded (Client.Timeout exceeded)",
		"coverage from 2021-03-04T05:06:07.123Z to 2021-03-05 10:00:00",
		"channel 3f2504e0-4f89-11d3-9a0c-0305e82c3301 is behind",
		"raw key a1b2c3d4e5f60718 destroyed",
		"sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
		"disk 93.5% used, 1/3 of 2 lanes", "content type application/x-ndjson",
		"pkg/privacy/scrub.go:41", "goroutine 17 [running]:", "exit status 2", "port 65535",
		"ring.json", "study.json", "doxtrail.yaml", "families[0].sites[2]: is no host",
		"look at 5 dots", "12 34 56 78 are four", "99 91 23 are three", "99 91-23 45 differ", "wait at most 3 s, a or b or c", "1.2.3.4.5 is a version", "a b c d e",
		"read/write", "100,000 posts/s", "0.123456789", "HTTP 429", "+5 posts", "a -1 b", "e.g. none",
		"generation 4294967296",
		"the channel's state, the channels' states, can't",
	} {
		if diff := cmp.Diff(Scrub(text), text); diff != "" {
			t.Errorf("harmless text changed (-got +want):\n%s", diff)
		}
	}
}

func TestScrubTakesOut(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"an address":                     {"get https://cards.example/model/x.html?id=1: timeout", "get https://[redacted]: timeout"},
		"an address with user":           {"nats://user:pass@127.0.0.1:4222", "nats://[redacted]"},
		"the path on loopback":           {"http://127.0.0.1:8123/?query=x y", "http://127.0.0.1:8123/[redacted] y"},
		"a disguised scheme":             {"hxxps://cards.example/a", "hxxps://[redacted]"},
		"an address in brackets":         {"(see http://cards.example/a)", "(see http://[redacted])"},
		"after an equals sign":           {"url=https://cards.example/a", "url=https://[redacted]"},
		"a host that did not resolve":    {"dial tcp: lookup cards.example on 127.0.0.53:53: no such host", "dial tcp: lookup [redacted] on 127.0.0.53:53: no such host"},
		"a host of a real suffix":        {"lookup hkleaks.org: timeout", "lookup [redacted]: timeout"},
		"a bracketed dot":                {"hkleaks[.]org or hkleaks(dot)org", "[redacted] or [redacted]"},
		"a link without scheme":          {"t.me/somebody/12 failed", "[redacted] failed"},
		"an address of IPv4":             {"dial tcp 203.0.113.7:443: refused", "dial tcp [redacted]: refused"},
		"an address of IPv6":             {"dial tcp [2001:db8::1]:443: refused", "dial tcp [redacted]: refused"},
		"a handle":                       {"no access to @some_body, skipped", "no access to [redacted], skipped"},
		"a mail address":                 {"sent to some.body@mail.example.", "sent to [redacted]."},
		"a disguised mail address":       {"somebody[at]mail.example", "[redacted]"},
		"a hashtag":                      {"found #somebody here", "found [redacted] here"},
		"a phone number":                 {"user 99912345 wrote", "user [redacted] wrote"},
		"a phone number in halves":       {"user 9991 2345 wrote", "user [redacted] wrote"},
		"a phone number, hyphen":         {"user 9991-2345", "user [redacted]"},
		"a phone number in pairs":        {"user 99 91 23 45, or 99-91-23-45", "user [redacted], or [redacted]"},
		"a phone number, dot":            {"user 9991.2345", "user [redacted]"},
		"an international number":        {"+852 9991 2345 and +86 138 0013 8000", "[redacted] and [redacted]"},
		"a number with country":          {"00852 9991 2345", "[redacted]"},
		"a bank card":                    {"card 4111 1111 1111 1111", "card [redacted]"},
		"an account number":              {"id 1234567890123456789", "id [redacted]"},
		"a long explained number":        {"record 1234567890123", "record [redacted]"},
		"an identity number":             {"id A123456(3), B123456", "id [redacted], [redacted]"},
		"an identity in two letters":     {"AB987654(3)", "[redacted]"},
		"an identity with spaces":        {"A 123456 (3)", "[redacted]"},
		"an identity in lower case":      {"a1234563", "[redacted]"},
		"a masked identity":              {"A1234XX(X)", "[redacted]"},
		"a mainland identity":            {"11010519491231002X", "[redacted]"},
		"digits inside a word":           {"user99912345x", "[redacted]"},
		"Chinese":                        {"channel 陳大文 is closed", "channel [redacted] is closed"},
		"Chinese glued to a word":        {"id號碼A123456(3)x", "[redacted]"},
		"full-width letters":             {"Ａ１２３４５６ （3）", "[redacted]"},
		"Cyrillic":                       {"host һkleaks", "host [redacted]"},
		"an accented name":               {"user Zoë", "user [redacted]"},
		"two Chinese words":              {"虛構 街 42", "[redacted] 42"},
		"quoted input":                   {`invalid character 'x' after "Chan Tai": bad`, `invalid character '[redacted]' after "[redacted]": bad`},
		"nothing in quotes":              {`parsing "": bad`, `parsing "": bad`},
		"backquotes":                     {"cannot unmarshal !!str `chan` into int", "cannot unmarshal !!str `[redacted]` into int"},
		"escaped quotes":                 {`json "a\"b" x`, `json "[redacted]" x`},
		"an open quote":                  {`parsing "chan tai`, `parsing "[redacted]`},
		"Chinese quotes":                 {"bad 「chan」 here", "bad 「[redacted]」 here"},
		"what ClickHouse could not read": {"expected ',' before: 1,chan tai\n(at row 1)", "expected '[redacted]' before: [redacted]\n(at row 1)"},
		"escaped characters":             {`text \u9673\u5927`, "text [redacted]"},
		"escaped bytes":                  {"%E9%99%B3 here", "[redacted] here"},
		"a file path":                    {"open /home/u/chan-tai/result.json: no such file or directory", "open [redacted]: no such file or directory"},
		"a relative path":                {"open imports/chan-1.json: denied", "open [redacted]: denied"},
		"a path of Windows":              {`open C:\Users\chan`, `open C:[redacted]`},
		"a file name":                    {"read chan-tai.zip and messages.html", "read [redacted] and [redacted]"},
		"sealed or encoded bytes":        {"got " + strings.Repeat("QUJD", 17), "got [redacted]"},
		"control characters":             {"a b\x00c d", "a [redacted] d"},
		"digits apart from each other":   {"asked by 9 9 9 1 2 3 4 5, and 9-9-9-1-2-3-4-5 x", "asked by [redacted], and [redacted] x"},
		"a spelled mail address":         {"for some dot body at mail dot example today", "for [redacted] today"},
		"a bracketed mail address":       {"for body (at) mail [DOT] example.", "for [redacted]."},
		"broken UTF-8":                   {"a \xff\xfe d", "a [redacted] d"},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(Scrub(test.text), test.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

// scrubbable are the kinds of canaries that have a shape. A name in plain Latin
// letters has none.
func scrubbable(c privacytest.Canary) bool {
	switch c.Kind {
	case privacytest.KindName:
		return strings.ContainsFunc(c.Value, func(r rune) bool { return r > 0x7f })
	case privacytest.KindAddress:
		return strings.ContainsFunc(c.Value, func(r rune) bool { return r > 0x7f })
	case privacytest.KindHandle, privacytest.KindSlug:
		return false
	}
	return true
}

func TestNoCanaryWithAShapeSurvives(t *testing.T) {
	set := privacytest.New(11, 8)
	scanner := set.Scanner()
	for _, c := range set.Canaries() {
		if !scrubbable(c) {
			continue
		}
		for _, frame := range []string{"%s", "user %s wrote", "x=%s,y=1", "(%s)", "文%s字", "%s: not found", "[%s]", "a:%s;b", "<%s>", "%s\n%s"} {
			text := strings.ReplaceAll(frame, "%s", c.Value)
			if hits := scanner.ScanString(Scrub(text)); len(hits) > 0 {
				t.Errorf("%q: %v", frame, hits[0])
			}
		}
	}
}

// Numbers and mail addresses have a shape in every disguise.
func TestNoDisguiseWithAShapeSurvives(t *testing.T) {
	set := privacytest.New(11, 4)
	scanner := set.Scanner()
	for _, p := range set.Persons {
		for _, value := range []string{p.Phone, p.PhoneInternational, p.HKID, p.Mail, p.Chinese, p.Address} {
			for _, disguise := range privacytest.Disguises(value) {
				for _, frame := range []string{"%s", "asked for by %s today", "x=%s,y=1", "(%s)", "user %s: not found"} {
					text := strings.ReplaceAll(frame, "%s", string(disguise.Bytes))
					if hits := scanner.ScanString(Scrub(text)); len(hits) > 0 {
						t.Errorf("%q of %s: %v", frame, disguise.Name, hits[0])
					}
				}
			}
		}
	}
}

func TestHandlesAndSlugsGoWhereTheirShapeShows(t *testing.T) {
	set := privacytest.New(12, 8)
	scanner := set.Scanner()
	for _, p := range set.Persons {
		for _, text := range []string{
			"@" + p.Handle, "https://x.com/" + p.Handle, "t.me/" + p.Handle + "/3", `user "` + p.Handle + `"`,
			"https://cards.example/pc/" + p.Slug, "/pc/" + p.Slug, p.Slug, "cards.example/" + p.Slug + "?a=1",
		} {
			if hits := scanner.ScanString(Scrub(text)); len(hits) > 0 {
				t.Errorf("%v", hits[0])
			}
		}
	}
}

// pieces are what rules look at, to be put together in every order.
func pieces() []string {
	return []string{
		" ", "  ", "\n", ".", ",", ":", ";", "/", "://", "@", "#", "'", "\"", "`", "(", ")", "[", "]", "{", "}", "<", ">", "=", "-", "+", "\\",
		"1", "123", "12345678", "A", "a", "abc", "http", "cards.example", "org", "陳", "「", "」", "“", "”", "\x00", "\xff", "%E9", "\\u9673",
		"before: ", "[redacted]", "127.0.0.1", "::1", "localhost", "X", "rows", "offset ", "2021-01-01", "v", "*", " at ", " dot ", "9 9 9 9 9 9",
	}
}

func TestScrubbingTwiceChangesNothingMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces()), 0, 14).Draw(t, "pieces"), "")
		once := Scrub(text)
		if twice := Scrub(once); twice != once {
			t.Fatalf("%q\nonce  %q\ntwice %q", text, once, twice)
		}
	})
}

func FuzzScrub(f *testing.F) {
	for _, p := range pieces() {
		f.Add("a " + p + " b" + p)
	}
	phone := privacytest.New(13, 1).Persons[0].Phone
	f.Fuzz(func(t *testing.T, text string) {
		once := Scrub(text)
		if strings.Contains(Scrub(text+" "+phone), phone) && !isExplained(text+" "+phone, len(text)+1, len(text)+1+len(phone)) {
			t.Error("a phone number survives")
		}
		if twice := Scrub(once); twice != once {
			t.Errorf("once %q, twice %q", once, twice)
		}
		if strings.ContainsFunc(once, func(r rune) bool { return r >= 0x3400 && r <= 0x9fff }) {
			t.Error("a Chinese character survives")
		}
	})
}

func BenchmarkScrub(b *testing.B) {
	for name, text := range map[string]string{
		"plain message":  "batch published after a short wait",
		"plain sentence": "import finished: 12 files, 34567 records, 0 rejected.",
		"subject":        "doxtrail.v1.raw.live.posts.telegram",
		"error":          `Get "https://cards.example/a": dial tcp: lookup cards.example: no such host`,
		"long":           strings.Repeat("user 9991 2345 wrote 陳大文 to a@b.example ", 50),
	} {
		b.Run(fmt.Sprintf("%s of %d bytes", name, len(text)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Scrub(text)
			}
		})
	}
}
