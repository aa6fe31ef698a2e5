package cardlink

import "testing"

func TestHalfBrackets(t *testing.T) {
	checkVectors(t, []vector{
		{"mirror[.example/card", tagged("mirror.example/card", halfTag)},
		{"見mirror.]example，謝謝", tagged("mirror.example/", halfTag)},
		{"mirror].example", tagged("mirror.example/", halfTag)},
		{"www[.]mirror[.example", tagged("www.mirror.example/", bracketTag, halfTag)},
		{"hxxps://mirror[.example/a", tagged("mirror.example/a", schemeTag, halfTag)},
		{`https://www\.mirror\.example/a\.html`, tagged("www.mirror.example/a.html", backslashTag)},
		{"mir\u200Bror[.example", tagged("mirror.example/", invisibleTag, halfTag)},
		{"mirror.example[/]card[/]1", tagged("mirror.example/card/1", slashTag)},
		{"https:[/][/]mirror.example(/)card", tagged("mirror.example/card", slashTag)},
		// A whole pair of brackets is a note or a piece of code.
		{"[visit the office.]in the end", nil},
		{"name[.exe] index[.name] list[i].name", nil},
		{"array[.5] x[.y] a[.b", nil},
		// What stands in a path belongs to it.
		{"https://mirror.example/a[.org", plain("mirror.example/a[.org")},
		{`C:\\temp\.git a\.b src\.unknown`, nil},
	})
}
