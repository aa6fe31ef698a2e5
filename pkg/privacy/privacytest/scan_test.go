package privacytest_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/privacy/privacytest"
)

func TestEveryFormOfEveryCanaryIsFound(t *testing.T) {
	set := privacytest.New(1, 4)
	set.Add(privacytest.KindOther, 77, "烏有先生的貓")
	scanner := set.Scanner()
	planted := 0
	for _, canary := range set.Canaries() {
		for _, form := range privacytest.Forms(canary.Value) {
			hits := scanner.ScanBytes(slices.Concat([]byte("before<"), form.Bytes, []byte(">after")))
			planted++
			if !slices.ContainsFunc(hits, func(h privacytest.Hit) bool { return h.Offset == 7 }) {
				t.Errorf("%s of person %d as %s is not found", canary.Kind, canary.Index, form.Name)
			}
		}
	}
	if planted < 1000 {
		t.Errorf("planted only %d forms", planted)
	}
}

func TestFormsAreWhatOthersWrite(t *testing.T) {
	// Spelled out, so that a fault in Forms itself shows.
	value := "翾珝 Ａb"
	forms := map[string]string{}
	for _, form := range privacytest.Forms(value) {
		forms[form.Name] = string(form.Bytes)
	}
	for name, want := range map[string]string{
		"as is":                                  "翾珝 Ａb",
		"NFKC":                                   "翾珝 Ab",
		"lower case":                             "翾珝 ａb",
		"upper case":                             "翾珝 ＡB",
		"as is, percent-encoded path":            "%E7%BF%BE%E7%8F%9D%20%EF%BC%A1b",
		"NFKC, percent-encoded query":            "%E7%BF%BE%E7%8F%9D+Ab",
		"NFKC, percent-encoded path, lower case": "%e7%bf%be%e7%8f%9d%20Ab",
		"NFKC, hexadecimal":                      "e7bfbee78f9d204162",
		"NFKC, hexadecimal, upper case":          "E7BFBEE78F9D204162",
		"NFKC, JSON escapes":                     `\u7ffe\u73dd Ab`,
		"NFKC, JSON escapes, upper case":         `\u7FFE\u73DD Ab`,
		"NFKC, HTML numbers":                     "&#32766;&#29661; Ab",
		"NFKC, HTML hexadecimal numbers":         "&#x7ffe;&#x73dd; Ab",
		"NFKC, UTF-16LE":                         "\xfe\x7f\xdd\x73\x20\x00A\x00b\x00",
		"NFKC, UTF-16BE":                         "\x7f\xfe\x73\xdd\x00\x20\x00A\x00b",
	} {
		if diff := cmp.Diff(forms[name], want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", name, diff)
		}
	}
}

func TestDisguisesAreWhatOthersWrite(t *testing.T) {
	set := privacytest.New(1, 1)
	set.Add(privacytest.KindOther, 0, "Mehk.Heuix@mail.example")
	set.Add(privacytest.KindOther, 1, "烏有先生")
	set.Add(privacytest.KindOther, 2, "99912345")
	scanner := set.Scanner()
	for _, text := range []string{
		"Ｍｅｈｋ．Ｈｅｕｉｘ＠ｍａｉｌ．ｅｘａｍｐｌｅ", "mehk dot heuix at mail dot example", "mehk [dot] heuix [at] mail [dot] example",
		"Mehk點Heuix@mail點example", "Mehk[.]Heuix[@]mail[.]example", "Mehk[.Heuix[atmail[.example",
		"%4D%65%68%6B%2E%48%65%75%69%78%40%6D%61%69%6C%2E%65%78%61%6D%70%6C%65", "%EF%BC%AD%EF%BD%85%EF%BD%88%EF%BD%8B%EF%BC%8E%EF%BC%A8%EF%BD%85%EF%BD%95%EF%BD%89%EF%BD%98%EF%BC%A0%EF%BD%8D%EF%BD%81%EF%BD%89%EF%BD%8C%EF%BC%8E%EF%BD%85%EF%BD%98%EF%BD%81%EF%BD%8D%EF%BD%90%EF%BD%8C%EF%BD%85",
		"烏 有 先 生", "烏\u200b有\u200b先\u200b生", `\u70cf\u200b\u6709\u200b\u5148\u200b\u751f`, "%E7%83%8F%E6%9C%89%E5%85%88%E7%94%9F", "%25%45%37%25%38%33%25%38%46%25%45%36%25%39%43%25%38%39%25%45%35%25%38%35%25%38%38%25%45%37%25%39%34%25%39%46",
		"９９９１２３４５", "9 9 9 1 2 3 4 5", "9-9-9-1-2-3-4-5", "𝟿𝟿𝟿𝟷𝟸𝟹𝟺𝟻", "%39%39%39%31%32%33%34%35", "%ef%bc%99%ef%bc%99%ef%bc%99%ef%bc%91%ef%bc%92%ef%bc%93%ef%bc%94%ef%bc%95",
	} {
		if len(scanner.ScanString("<"+text+">")) == 0 {
			t.Errorf("%q is not found", text)
		}
	}
	for _, text := range []string{"9 9 9 1 2 3 4", "烏 有", "mehk dot heuix is fine"} {
		if hits := scanner.ScanString(text); len(hits) > 0 {
			t.Errorf("%q is found: %v", text, hits)
		}
	}
}

func TestBase64IsFoundWhereverTheValueStands(t *testing.T) {
	set := privacytest.New(2, 1)
	scanner := set.Scanner()
	for _, value := range []string{set.Persons[0].Chinese, set.Persons[0].Phone, set.Persons[0].Mail} {
		for before := range 7 {
			for after := range 4 {
				text := strings.Repeat("?", before) + value + strings.Repeat(">", after)
				for name, encoding := range map[string]*base64.Encoding{"standard": base64.StdEncoding, "URL": base64.URLEncoding} {
					if len(scanner.ScanString(encoding.EncodeToString([]byte(text)))) == 0 {
						t.Errorf("%s base64 with %d bytes before and %d after is not found", name, before, after)
					}
				}
			}
		}
	}
}

func TestANumberInsideALongerOneIsNoHit(t *testing.T) {
	set := privacytest.New(1, 1)
	scanner := set.Scanner()
	phone := set.Persons[0].Phone
	for text, want := range map[string]bool{
		phone: true, "x" + phone + "x": true, "1" + phone: false, phone + "1": false, "852-" + phone + ".": true,
	} {
		if got := len(scanner.ScanString(text)) > 0; got != want {
			t.Errorf("number within %d characters: hit %t, want %t", len(text), got, want)
		}
	}
}

func TestScanFindsCanariesAcrossReads(t *testing.T) {
	set := privacytest.New(5, 3)
	scanner := set.Scanner()
	draw := rand.New(rand.NewPCG(1, 2))
	data := make([]byte, 5<<20)
	for i := range data {
		data[i] = byte('a' + draw.IntN(8))
	}
	value := set.Persons[1].Mail
	var want []int64
	for _, offset := range []int{0, 100, 1<<20 - 200, 1<<20 - 3, 1<<20 + 99, 2<<20 - 11, 3<<20 + 150, len(data) - len(value)} {
		copy(data[offset:], value)
		want = append(want, int64(offset))
	}
	for name, read := range map[string]func() ([]privacytest.Hit, error){
		"whole reads":   func() ([]privacytest.Hit, error) { return scanner.Scan(bytes.NewReader(data)) },
		"half reads":    func() ([]privacytest.Hit, error) { return scanner.Scan(iotest.HalfReader(bytes.NewReader(data))) },
		"no reader":     func() ([]privacytest.Hit, error) { return scanner.ScanBytes(data), nil },
		"end with data": func() ([]privacytest.Hit, error) { return scanner.Scan(iotest.DataErrReader(bytes.NewReader(data))) },
	} {
		hits, err := read()
		if err != nil {
			t.Fatal(err)
		}
		var got []int64
		for _, hit := range hits {
			if hit.Kind == privacytest.KindMail {
				got = append(got, hit.Offset)
			}
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("%s: offsets (-got +want):\n%s", name, diff)
		}
	}
}

func TestScanReportsAReadThatFails(t *testing.T) {
	broken := errors.New("disk is gone")
	if _, err := privacytest.New(1, 1).Scanner().Scan(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("error is %v, want the reader's", err)
	}
}

func TestScanTree(t *testing.T) {
	set := privacytest.New(9, 3)
	person := set.Persons[2]
	dir := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("clean/a.log", "nothing here")
	write("deep/er/b.bin", "0123"+person.HKID)
	write("c-"+person.FileName, "nothing here")
	if err := os.Mkdir(filepath.Join(dir, person.Slug), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/nowhere/"+person.Handle+"/x", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	hits, err := set.Scanner().ScanTree(dir)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, hit := range hits {
		got[fmt.Sprintf("%s %d %s %t", hit.Kind, hit.Index, hit.File, hit.InName)] = true
		if strings.Contains(hit.String(), person.HKID) || strings.Contains(hit.String(), person.Slug) {
			t.Errorf("hit repeats the value")
		}
	}
	for _, want := range []string{
		"hkid 2 deep/er/b.bin false", "file name 2 . true", "slug 2 . true", "handle 2 . true",
	} {
		if !got[want] {
			t.Errorf("no hit %q among %v", want, got)
		}
	}
}

func TestScanTreeOfNothingIsAnError(t *testing.T) {
	if _, err := privacytest.New(1, 1).Scanner().ScanTree(filepath.Join(t.TempDir(), "missing")); err == nil {
		t.Error("a folder that is not there was scanned without an error")
	}
}

func TestAValueTooShortIsRefused(t *testing.T) {
	_, err := privacytest.NewScanner([]privacytest.Canary{{Kind: privacytest.KindOther, Value: "abc"}})
	if err == nil {
		t.Error("a value of three bytes was accepted")
	}
}

func TestNoHitsWhereThereIsNothing(t *testing.T) {
	draw := rand.New(rand.NewPCG(3, 4))
	data := make([]byte, 8<<20)
	for i := 0; i+8 <= len(data); i += 8 {
		v := draw.Uint64()
		for j := range 8 {
			data[i+j] = byte(v >> (8 * j))
		}
	}
	if hits := privacytest.New(1, 20).Scanner().ScanBytes(data); len(hits) > 0 {
		t.Errorf("hits in random bytes: %v", hits)
	}
}

func BenchmarkScan(b *testing.B) {
	scanner := privacytest.New(1, 10).Scanner()
	draw := rand.New(rand.NewPCG(3, 4))
	random := make([]byte, 16<<20)
	text := make([]byte, 0, 16<<20)
	for i := range random {
		random[i] = byte(draw.Uint32())
	}
	for len(text) < 16<<20 {
		text = fmt.Appendf(text, `{"id":%d,"text":"%x","date":"2020-01-02T03:04:05","views":%d},`, draw.Uint32(), draw.Uint64(), draw.IntN(1000))
	}
	for name, data := range map[string][]byte{"random": random, "text": text} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if _, err := scanner.Scan(bytes.NewReader(data)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
