package redirect

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestLeadsTo(t *testing.T) {
	for _, c := range []struct{ page, want string }{
		// meta refresh
		{`<meta http-equiv="refresh" content="0;URL=https://a.example/x">`, "https://a.example/x"},
		{`<META HTTP-EQUIV=Refresh CONTENT='0; url="https://a.example/x"'>`, "https://a.example/x"},
		{`<meta content="5;url='https://a.example/x' " http-equiv="REFRESH"/>`, "https://a.example/x"},
		{`<meta http-equiv="refresh" content="0;url=https://a.example/?a=1&amp;b=2&#x26;c&sol;">`, "https://a.example/?a=1&b=2&c/"},
		{"<meta\nhttp-equiv = ' refresh '\ncontent=\"\n 0.5 ,\n URL =\n https://a.example/x\n\">", "https://a.example/x"},
		{`<meta http-equiv=refresh content="0; https://a.example/x">`, "https://a.example/x"},
		{`<meta http-equiv=refresh content="0 /x">`, "/x"},
		{`<meta http-equiv=refresh content="0;urls/x">`, "urls/x"},
		{`<meta http-equiv=refresh content="300"><meta http-equiv=refresh content="0;url=/b">`, "/b"},
		{`<noscript><meta http-equiv=refresh content="0;url=/a"></noscript>`, "/a"},
		{`<meta http-equiv=refresh content="0;url=/a"><script>location="/b"</script>`, "/a"},
		{`<script>location="/b"</script><noscript><meta http-equiv=refresh content="0;url=/a"></noscript>`, "/a"},
		{`<noscript><noscript><meta http-equiv=refresh content="0;url=/a">`, ""},
		{`<!-- <meta http-equiv=refresh content="0;url=/a"> -->`, ""},
		{`<title><meta http-equiv=refresh content="0;url=/a"></title>`, ""},
		{`<meta http-equiv=refresh content="0;url=">`, ""},
		{`<meta http-equiv=refresh content="url=/a">`, ""},
		{`<meta http-equiv=refresh content="0x;url=/a">`, ""},
		{`<meta name=refresh content="0;url=/a">`, ""},
		{`<meta http-equiv=refresh content="0;url=/a`, ""},
		// scripts
		{`<script>location.replace("https:\/\/a.example\/x")</script>`, "https://a.example/x"},
		{`<SCRIPT type=x>setTimeout(function(){ window . location . href = 'https:\u002F\u{2f}a.example\x2fx' ; }, 0)</SCRIPT>`, "https://a.example/x"},
		{`<script>document.location="/a"</script>`, "/a"},
		{`<script>top.location.assign( '/a' )</script>`, "/a"},
		{`<script>if(x){location.href="/a"}</script>`, "/a"},
		{"<script>location='/a\\\nb'</script>", "/ab"},
		{`<script>location='\ud83d\ude00\n\q\'"'</script>`, "😀\nq'\""},
		{`<script>location="/a"</script><script>location.replace("/a")</script>`, "/a"},
		{`<script>location="/a"; location="/b"</script>`, ""},
		{`<script>location = "/a" + id</script>`, ""},
		{`<script>location == "/a"; location.href != "/a"; location.hash = "/a"; mylocation = "/a"; x.location = "/a"</script>`, ""},
		{`<script>location.replace("")</script>`, ""},
		{"<script>location = '/a\n'</script>", ""},
		{`<script>location = '/a</script>`, ""},
		{`<script>location = '\u00zz'; location = '\u{1234567}'; location = '\x4</script>`, ""},
		{`<p>location.replace("/a")</p><textarea>location="/a"</textarea>`, ""},
		{``, ""},
	} {
		got, ok := leadsTo([]byte(c.page))
		if got != c.want || ok != (c.want != "") {
			t.Errorf("%s\n got %q, %v\nwant %q", c.page, got, ok, c.want)
		}
	}
}

// Every string of JSON is one of JavaScript.
func TestAStringOfAScriptIsReadAsItWasMeant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.String().Draw(t, "text")
		encoded, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		got, rest, ok := literal(string(encoded) + "; x")
		if diff := cmp.Diff([]any{strings.ToValidUTF8(want, "\uFFFD"), "; x", true}, []any{got, rest, ok}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", encoded, diff)
		}
	})
}

// A target that a page tells in one of its ways is found, whatever else stands there.
func FuzzPage(f *testing.F) {
	f.Add([]byte(tcoPage), "https://a.example/x")
	f.Add([]byte(`<noscript><script>location="\u{`), `/a"'<&\`)
	f.Add([]byte(`<meta http-equiv=refresh content="0;url='`), "\x00\xff")
	f.Add([]byte(`<meta http-equiv=refresh content=`), " ")
	f.Fuzz(func(t *testing.T, content []byte, target string) {
		ref, ok := leadsTo(content)
		if ok != (ref != "") {
			t.Errorf("%q, %v", ref, ok)
		}
		_, _ = refresh(string(content))
		_ = scripted(string(content))
		if target == "" || !utf8.ValidString(target) {
			return
		}
		encoded, err := json.Marshal(target)
		if err != nil {
			t.Fatal(err)
		}
		// json.Marshal writes < and > as escapes, so that the script ends where it ends.
		if ref, ok := leadsTo([]byte("<script>location.replace(" + string(encoded) + ")</script>")); ref != target || !ok {
			t.Errorf("%q is read as %q, %v", target, ref, ok)
		}
	})
}
