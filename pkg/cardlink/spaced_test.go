package cardlink

import "testing"

// A full stop that is not ASCII with a space beside it is read where an ASCII one is.
func TestSpacedWideStops(t *testing.T) {
	checkFinder(t, NewWatching(watched()), []vector{
		{"hkleaks ． org", tagged("hkleaks.org/", nfkcTag, spacedTag)},
		{"hkleaks． org/card hkleaks ．org", []found{{"hkleaks.org/card", disguises{nfkcTag, spacedTag}}, {"hkleaks.org/", disguises{nfkcTag, spacedTag}}}},
		{"hkleaks 。org", tagged("hkleaks.org/", nfkcTag, spacedTag)},
		{"hkleaks。 org", tagged("hkleaks.org/", nfkcTag, spacedTag)},
		{"hkleaks 。 org", tagged("hkleaks.org/", nfkcTag, spacedTag)},
		{"hkleaks ｡ org hkleaks ﹒ ru", []found{{"hkleaks.org/", disguises{nfkcTag, spacedTag}}, {"hkleaks.ru/", disguises{nfkcTag, spacedTag}}}},
		{"hkleaks ․ org", tagged("hkleaks.org/", nfkcTag, spacedTag)},
		{"https://hkleaks 。 com 。 hk/a", tagged("hkleaks.com.hk/a", nfkcTag, spacedTag)},
		{"www 。 hkleaks ． org", tagged("www.hkleaks.org/", nfkcTag, spacedTag)},
		{"請看hkleaks 。 org，謝謝", tagged("hkleaks.org/", nfkcTag, spacedTag)},
		{"hkleaks \u200B。\u2060 org", tagged("hkleaks.org/", invisibleTag, nfkcTag, spacedTag)},
		{"hkleaks 。me", tagged("hkleaks.me/", nfkcTag, spacedTag)},
		{"hkleaks 。ru快看", tagged("hkleaks.ru/", nfkcTag, spacedTag)},
		// The end of a sentence, before an English word and among Chinese ones.
		{"我們去 pier 。 我等你", nil},
		{"我們去 pier 。 me 同佢等你", nil},
		{"我們去 pier 。me 同佢等你", nil},
		{"我們去 pier 。me同佢等你", nil},
		{"我們去pier。 is 佢去過", nil},
		{"我們去pier。 Org 係咩", nil},
		{"我們去 pier 。News 話", nil},
		{"今日去 pier 。 news 話落雨", nil},
		{"今日去 pier ． In the evening", nil},
		{"今日去 pier ． in the evening", nil},
		{"今日 meeting 。 com 係咩 quay ． org", nil},
		{"pier 。 5 pier 。", nil},
		{"https://mirror.example/pier 。 org", plain("mirror.example/pier")},
	})
	checkVectors(t, []vector{
		{"hkleaks ． org hkleaks 。org hkleaks。 org", nil},
	})
}

func TestHiddenWordsForDots(t *testing.T) {
	spelled := tagged("pier.example/", invisibleTag, spacedTag)
	checkFinder(t, NewWatching(watched()), []vector{
		{"pier d\u200Bot example", spelled},
		{"pier d\u2060ot example", spelled},
		{"pier do\u00ADt example", spelled},
		{"pier d\uFEFFo\u3164t example", spelled},
		{"pier D\u200B\u2060OT example/a", tagged("pier.example/a", invisibleTag, spacedTag)},
		{"pier點\u2060example pier点\u00ADexample", []found{{"pier.example/", disguises{invisibleTag, spacedTag}}, {"pier.example/", disguises{invisibleTag, spacedTag}}}},
		{"pier點\u3164example", spelled},
		{"pier·\u2060example", tagged("pier.example/", invisibleTag, middleTag)},
		{"pier\u00AD•\u00AD\u180Eexample", tagged("pier.example/", invisibleTag, middleTag)},
		{"pier\u2060點\u2060 example", spelled},
		{"pier點\u2060ｅｘａｍｐｌｅ", tagged("pier.example/", invisibleTag, nfkcTag, spacedTag)},
		// Neighbours, in which no word for a dot stands or no watched label before it.
		{"pier\u2060o\u2060t example", nil},
		{"pier d\u2060t example, pier do\u2060 example", nil},
		{"pier d\u2060ots example, adopt a d\u2060og", nil},
		{"quay d\u2060ot example quay點\u2060example", nil},
		{"pier點\u2060解 pier·\u2060 news", nil},
		{"pier\u2060dot example", nil},
	})
	checkVectors(t, []vector{
		{"pier d\u2060ot example pier點\u2060example", nil},
		{"pier [d\u2060ot] example", tagged("pier.example/", invisibleTag, bracketTag)},
	})
}

// What stands around a spelled dot may be disguised in its turn.
func TestOtherDisguisesAroundSpelledDots(t *testing.T) {
	checkFinder(t, NewWatching(watched()), []vector{
		{"http:/\u2060/pier dot example", tagged("pier.example/", invisibleTag, spacedTag)},
		{"http:\\\u2060\\pier·example", tagged("pier.example/", invisibleTag, schemeTag, middleTag)},
		{"https:[/][/]pier dot example[/]a", tagged("pier.example/a", spacedTag, slashTag)},
		{"https:[\u2060/][/\u200B]\u00ADpier·example", tagged("pier.example/", invisibleTag, middleTag, slashTag)},
		{"ht\u2060tp__pier點example", tagged("pier.example/", invisibleTag, schemeTag, spacedTag)},
		{"hxxps_\u2060_pi_er dot example", tagged("pi_er.example/", invisibleTag, schemeTag, spacedTag)},
		{"www點pier．example www點pier[.example", []found{{"www.pier.example/", disguises{nfkcTag, spacedTag}}, {"www.pier.example/", disguises{halfTag, spacedTag}}}},
		{"pier dot com。hk", tagged("pier.com.hk/", nfkcTag, spacedTag)},
		{`www\.pier。example`, tagged("www.pier.example/", nfkcTag, backslashTag)},
		{"https:/\u2060/pier。example", tagged("pier.example/", invisibleTag, nfkcTag)},
		// A single slash begins a path, whatever its disguise.
		{"mirror.example/\u2060pier dot org", tagged("mirror.example/pier", invisibleTag)},
		{"mirror.example[/]pier dot org", tagged("mirror.example/pier", slashTag)},
		{"mirror.example[/]a[/]pier dot org", tagged("mirror.example/a/pier", slashTag)},
		{"pier dot com。Then", tagged("pier.com/", spacedTag)},
		{"my_\u2060_pier dot example", nil},
	})
}

// The word for a dot may be set in another type face, as the whole line is then.
func TestStyledWordsForDots(t *testing.T) {
	styled := tagged("pier.example/", nfkcTag, spacedTag)
	checkFinder(t, NewWatching(watched()), []vector{
		{"pier ｄｏｔ example", styled},
		{"ｐｉｅｒ ＤＯＴ ｅｘａｍｐｌｅ", styled},
		{"𝗽𝗶𝗲𝗿 𝗱𝗼𝘁 𝗲𝘅𝗮𝗺𝗽𝗹𝗲", styled},
		{"請看 𝐩𝐢𝐞𝐫 𝐝𝐨𝐭 𝐞𝐱𝐚𝐦𝐩𝐥𝐞，謝謝", styled},
		{"pier 𝗱\u2060𝗼𝘁 example", tagged("pier.example/", invisibleTag, nfkcTag, spacedTag)},
		{"𝗽𝗶𝗲𝗿點𝗲𝘅𝗮𝗺𝗽𝗹𝗲", styled},
		{"𝗽𝗶𝗲𝗿·𝗲𝘅𝗮𝗺𝗽𝗹𝗲 pier點\u2060𝗼𝗿𝗴", []found{{"pier.example/", disguises{nfkcTag, middleTag}}, {"pier.org/", disguises{invisibleTag, nfkcTag, spacedTag}}}},
		{"pier 𝗱𝗼𝘁𝘀 example pier𝗱𝗼𝘁example", nil},
		{"𝘁𝗵𝗲 𝗱𝗼𝘁 𝗺𝗲 𝗮𝗻𝗱 𝗱𝗼𝘁 𝗶𝘀 𝗳𝗶𝗻𝗲", nil},
		{"pier 🔥 𝗱 example 🅳", nil},
	})
	checkVectors(t, []vector{
		{"mirror [ｄｏｔ] example", tagged("mirror.example/", nfkcTag, bracketTag)},
		{"𝗺𝗶𝗿𝗿𝗼𝗿(𝗱𝗼𝘁)𝗲𝘅𝗮𝗺𝗽𝗹𝗲", tagged("mirror.example/", nfkcTag, bracketTag)},
		{"mirror [ｄｏｇ] example", nil},
		{"mirror ｄｏｔ example 𝗺𝗶𝗿𝗿𝗼𝗿點𝗲𝘅𝗮𝗺𝗽𝗹𝗲", nil},
	})
}

// Of a suffix of several labels only the second dot may be a spelled one.
func TestSpelledDotsInsideASuffix(t *testing.T) {
	checkFinder(t, NewWatching(watched()), []vector{
		{"pier.com dot hk/a", tagged("pier.com.hk/a", spacedTag)},
		{"pier[.]com·hk", tagged("pier.com.hk/", bracketTag, middleTag)},
		{"pier (dot) com 點 hk", tagged("pier.com.hk/", bracketTag, spacedTag)},
		{"pier.]com點hk", tagged("pier.com.hk/", halfTag, spacedTag)},
		{"https://www.pier．ｃｏｍ點hk", tagged("www.pier.com.hk/", nfkcTag, spacedTag)},
		// Nor is it one where a sentence may end, no such suffix exists or nobody watches.
		{"see pier.com. hk people say", plain("pier.com/")},
		{"pier.com 。hk", plain("pier.com/")},
		{"pier.com dot org", plain("pier.com/")},
		{"quay.com dot hk", plain("quay.com/")},
		{"mirror.example/pier.com dot hk", plain("mirror.example/pier.com")},
		{"com dot hk, pier com dot hk", nil},
	})
}

// An ideographic full stop is a dot too behind a bracketed one or a scheme with spaces.
func TestFullStopsBehindBracketedDots(t *testing.T) {
	checkFinder(t, NewWatching(watched()), []vector{
		{"mirror{.}com｡hk", tagged("mirror.com.hk/", nfkcTag, bracketTag)},
		{"www (dot) mirror。example", tagged("www.mirror.example/", nfkcTag, bracketTag)},
		{"https:// mirror.com。hk", tagged("mirror.com.hk/", nfkcTag, schemeTag)},
		{"mirror (dot) example。then", tagged("mirror.example/", bracketTag)},
		{"mirror[.]example。then mirror{.}example。then", []found{{"mirror.example/", disguises{bracketTag}}, {"mirror.example/", disguises{bracketTag}}}},
		{`mirror\.example。then`, tagged("mirror.example/", backslashTag)},
		{"mirror[.example。then mirror.]example。then", []found{{"mirror.example/", disguises{halfTag}}, {"mirror.example/", disguises{halfTag}}}},
		{"(note)mirror。example", tagged("mirror.example/", nfkcTag)},
		{"www (dot) mirror。Example", nil},
		{"我 (在) iphone。然後", nil},
		{"pier dot example。so 咩", tagged("pier.example/", spacedTag)},
	})
}
