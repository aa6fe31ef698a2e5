package fake

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// twin is a query as a tree, with its meaning spelt out.
type twin struct {
	text string
	is   func(words map[string]bool) bool
}

func drawWord(t *rapid.T) string {
	return rapid.SampledFrom([]string{"ant", "bee", "cat", "dog", "卡"}).Draw(t, "word")
}

func drawOne(t *rapid.T, depth int) twin {
	if depth > 0 && rapid.Bool().Draw(t, "group") {
		inner := drawAny(t, depth-1)
		return twin{text: "(" + inner.text + ")", is: inner.is}
	}
	word := drawWord(t)
	if rapid.Bool().Draw(t, "not") {
		return twin{text: "-" + word, is: func(w map[string]bool) bool { return !w[word] }}
	}
	return twin{text: word, is: func(w map[string]bool) bool { return w[word] }}
}

// drawAll starts with a word, so that what is drawn can stand alone.
func drawAll(t *rapid.T, depth int) twin {
	word := drawWord(t)
	all := twin{text: word, is: func(w map[string]bool) bool { return w[word] }}
	for range rapid.IntRange(0, 2).Draw(t, "and") {
		left, right := all, drawOne(t, depth)
		all = twin{text: left.text + " " + right.text, is: func(w map[string]bool) bool { return left.is(w) && right.is(w) }}
	}
	return all
}

func drawAny(t *rapid.T, depth int) twin {
	some := drawAll(t, depth)
	for range rapid.IntRange(0, 2).Draw(t, "or") {
		left, right := some, drawAll(t, depth)
		some = twin{text: left.text + " OR " + right.text, is: func(w map[string]bool) bool { return left.is(w) || right.is(w) }}
	}
	return some
}

func TestQueriesMeanWhatTheySay(t *testing.T) {
	a := &account{}
	rapid.Check(t, func(t *rapid.T) {
		q := drawAny(t, 3)
		e, err := readQuery(q.text)
		if err != nil {
			t.Fatalf("%s: %v", q.text, err)
		}
		words := rapid.SliceOf(rapid.Custom(drawWord)).Draw(t, "text")
		in := map[string]bool{}
		for _, w := range words {
			in[w] = true
		}
		p := &post{account: a, content: content{text: strings.Join(words, ", ")}, thread: &thread{}}
		if got := e.matches(newSubject(p, false)); got != q.is(in) {
			t.Fatalf("%s of %q: %t", q.text, p.content.text, got)
		}
	})
}

func TestQueriesOfAnySort(t *testing.T) {
	p := &post{account: &account{}, content: newContent(1, "some text https://cards.example/a", nil), thread: &thread{versions: []int64{1}}}
	pieces := []string{"(", ")", "-", `"`, "OR", " ", ":", "url:", "is:quote", "a", "卡", "#", "from:"}
	rapid.Check(t, func(t *rapid.T) {
		q := strings.Join(rapid.SliceOf(rapid.OneOf(rapid.SampledFrom(pieces), rapid.String())).Draw(t, "query"), "")
		if e, err := readQuery(q); err == nil {
			e.matches(newSubject(p, true))
		}
	})
}
