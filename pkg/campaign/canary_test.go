package campaign

import (
	"bytes"
	"testing"
)

func TestEveryKindOfCanaryStandsInTheArchives(t *testing.T) {
	c := New(4, small())
	files, err := c.WriteArchives(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var all bytes.Buffer
	for _, f := range files {
		all.WriteString(f.Name + "\n")
		all.Write(unpack(t, f.Path))
	}
	found, values := make(map[CanaryKind]int), make(map[CanaryKind]int)
	for _, canary := range c.Canaries() {
		values[canary.Kind]++
		// Texts are cut into entities and escaped in the files; phrases and
		// names stand for them.
		if bytes.Contains(all.Bytes(), []byte(canary.Value)) {
			found[canary.Kind]++
		}
	}
	for _, kind := range []CanaryKind{
		CanaryText, CanaryPhrase, CanaryName, CanaryPhone, CanaryIdentity, CanaryAddress, CanaryMail, CanaryEmployer,
		CanaryCardPath, CanaryTitle, CanaryHandle, CanaryProfile, CanaryHashtag, CanaryFileName, CanaryMedia,
		CanaryShortLink, CanaryDecoy, CanaryChannelID, CanaryPostID,
	} {
		if found[kind] == 0 {
			t.Errorf("none of %d canaries of kind %s stands in the archives", values[kind], kind)
		}
	}
	if cards := values[CanaryCardPath]; cards != len(c.Cards()) {
		t.Errorf("%d card paths for %d cards", cards, len(c.Cards()))
	}
}

func TestCanariesAreNotInTheWatchlist(t *testing.T) {
	c := New(4, small())
	var list bytes.Buffer
	if err := c.WriteWatchlist(&list, c.Sites()); err != nil {
		t.Fatal(err)
	}
	for _, canary := range c.Canaries() {
		if canary.Kind != CanaryChannelID && bytes.Contains(list.Bytes(), []byte(canary.Value)) {
			t.Errorf("a canary of kind %s stands in the watch list: %q", canary.Kind, canary.Value)
		}
	}
}
