package main

import (
	"strings"
	"testing"
)

// What is copied with an address is no part of it, and what is part of it stays.
func TestAnAddressIsReadAsItIsMeant(t *testing.T) {
	const page = "invented.example/p/chan"
	for typed, want := range map[string]string{
		page:                                 page,
		"https://" + page + "。":              page,
		"https://" + page + ")":              page,
		"(https://" + page + ").":            page,
		"\"https://" + page + "\"":           page,
		"<https://" + page + ">":             page,
		"「https://" + page + "」":             page,
		"\ufeffhttps://" + page:              page,
		"hxxps://invented[.]example/p/chan,": page,
		"invented [dot] example/p/chan":      page,
		"ｈｔｔｐｓ：／／ｉｎｖｅｎｔｅｄ．ｅｘａｍｐｌｅ／ｐ／ｃｈａｎ":                          page,
		"https://web.archive.org/web/2020/https://" + page + ".":   page,
		"https://translate.google.com/translate?u=https://" + page: page,
		"https://" + page + "_(b)":        page + "_(b)",
		"https://invented.example/p/陳大文":  "invented.example/p/%E9%99%B3%E5%A4%A7%E6%96%87",
		"https://invented.example/p/陳大文。": "invented.example/p/%E9%99%B3%E5%A4%A7%E6%96%87",
		"https://" + page + "%20tai man":  page + "%20tai%20man",
		"t.me/invented_chan/7":            "t.me/invented_chan/7",
	} {
		if got, err := typedLink(typed); err != nil || got.URL != want {
			t.Errorf("%q is read as %q, %v", typed, got.URL, err)
		}
	}
	for _, typed := range []string{"", "nonsense chan", page + " and https://" + page + "2"} {
		if got, err := typedLink(typed); err == nil || strings.Contains(err.Error(), "chan") {
			t.Errorf("%q is read as %q, %v", typed, got.URL, err)
		}
	}
}
