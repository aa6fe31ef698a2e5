package main

import (
	"archive/zip"
	endian "encoding/binary"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// cases are all kinds of bad input, each with something good in it or beside
// it where it can.
func (b *badFiles) cases() []badCase {
	var all []badCase
	for _, some := range [][]badCase{b.wrongFormats(), b.telegram(), b.tweetsAndLines(), b.packed(), b.unreadable()} {
		all = append(all, some...)
	}
	return all
}

func (b *badFiles) wrongFormats() []badCase {
	p := b.person
	return []badCase{
		b.file("nothing at all", ""),
		b.file("blanks only", " \r\n\t\n"),
		b.file("a table", "id,text\n1,"+b.text()+"\n"),
		b.file("mail", "From "+p.Mail+" Fri May  1 10:00:00 2020\nSubject: "+p.Title+"\n\n"+b.text()+"\n"),
		b.file("a PDF", "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n("+b.text()+")"),
		b.file("a thousand NUL bytes", strings.Repeat("\x00", 1000)),
		b.file("other JSON", `{"`+p.Handle+`": "`+b.text()+`"}`),
		b.file("a Telegram export as a web page", "<!DOCTYPE html>\n<html><head><title>"+p.Title+"</title></head><body>"+b.text()+"</body></html>"),
		b.file("posts of the old Twitter API", `{"created_at":"Fri May 01 10:00:00 +0000 2020","id":1256,"id_str":"1256","full_text":"`+b.text()+`","user":{"name":"`+p.Romanised()+`"}}`+"\n"),
		b.file("ids of posts", "1256194900000000000\r\n1256194900000000001\r\n"),
		b.file("UTF-16 with a mark", "\xff\xfe"+utf16Text(b.tweets(), endian.LittleEndian)),
		b.file("UTF-16 without a mark", utf16Text(b.chat(), endian.BigEndian)),
		b.file("good: UTF-8 with a mark and CR LF", "\xef\xbb\xbf"+strings.ReplaceAll(b.tweets(), "\n", "\r\n")),
	}
}

func (b *badFiles) telegram() []badCase {
	whole := b.chat(b.message(""))
	cut := strings.LastIndex(whole, b.person.Slug)
	return []badCase{
		b.file("an export cut in a message", whole[:cut]),
		b.file("an export cut between messages", whole[:strings.LastIndex(whole, "{")]),
		b.file("a broken message", b.chat(`{"id": 5, "type": "message, "text": "`+b.text()+`"}`, b.message(""), `{"id": 6, "type": "message", "text": `+b.person.Handle+`}`)),
		b.file("a broken structure", strings.Replace(whole, "\n]}", "\n}}", 1)+b.text()),
		b.file("not UTF-8", b.chat(strings.ReplaceAll(b.message(""), b.person.Chinese, b.person.Chinese+"\xff\xc3"))),
		b.file("NUL bytes in a text", b.chat(strings.ReplaceAll(b.message(""), b.person.Chinese, b.person.Chinese+"\x00"))),
		b.file("a message of 17 MiB", b.chat(b.message(`, "author": "`+strings.Repeat(b.person.Handle+" ", 17<<20/(len(b.person.Handle)+1)+1)+`"`))),
		b.file("a message 100,000 deep", b.chat(b.message(`, "text_entities": `+strings.Repeat("[", 100_000)+`"`+b.person.Handle+`"`+strings.Repeat("]", 100_000)))),
		b.file("good: contacts 100,000 deep", `{"name":"`+b.person.Title+`","type":"public_channel","id":4242,"contacts":`+strings.Repeat(`{"a":`, 100_000)+`"`+b.person.Handle+`"`+strings.Repeat("}", 100_000)+`,"messages":[`+b.message("")+"]}"),
		b.file("no messages but an object", `{"name": "`+b.person.Title+`", "type": "public_channel", "id": 4242, "messages": {}}`),
		b.file("things that are no messages", b.chat("null", "17", `"`+b.text()+`"`, "["+b.message("")+"]")),
		b.file("missing fields", b.chat(b.bare(`"type": "message", "date_unixtime": "1588334400"`), b.bare(`"id": 7, "date_unixtime": "1588334400"`), b.bare(`"id": 8, "type": "message"`))),
		b.file("a chat without an id", strings.Replace(whole, `"id": 4242, `, "", 1)),
		b.file("impossible ids", b.chat(b.ids("0", "1.5", "1e3", strings.Repeat("9", 40), strings.Repeat("9", 1<<20), `"`+b.person.Handle+`"`, "null", "{}", "[7]", "true")...)),
		b.file("impossible times", b.chat(b.dates(`"-1"`, `"0"`, `"4102444800"`, `"9999999999999"`, `"`+b.person.Phone+`x"`, "1.5", "{}", strings.Repeat("9", 1<<20))...)),
		b.file("local times and no zone", b.chat(b.bare(`"id": 9, "type": "message", "date": "2020-05-01T10:00:00"`))),
		b.file("good: odd, and no fault", b.chat(b.message(`, "edited_unixtime": "1000000000"`), b.message(`, "text": ""`), b.message(`, "text": "`+b.person.Chinese+`", "text": "`+b.person.Mail+`"`))),
		b.file("the same id with other content", strings.Replace(b.chat(`{"id": 1000, "type": "message", "date_unixtime": "1588334400", "text": "`+b.person.Chinese+`"}`,
			`{"id": 1000, "type": "message", "date_unixtime": "1588334400", "text": "`+b.person.Address+`"}`), "4242", "4243", 1)),
		b.file("a private chat", b.chatOf("personal_chat", b.message(""), b.message(""))),
		b.file("a public group", b.chatOf("public_supergroup", b.message(""))),
	}
}

// ids are messages whose ids are these.
func (b *badFiles) ids(values ...string) []string {
	for i, value := range values {
		values[i] = b.bare(`"id": ` + value + `, "type": "message", "date_unixtime": "1588334400"`)
	}
	return values
}

// dates are messages whose times are these.
func (b *badFiles) dates(values ...string) []string {
	for i, value := range values {
		values[i] = b.bare(`"id": 11, "type": "message", "date_unixtime": ` + value)
	}
	return values
}

func (b *badFiles) tweetsAndLines() []badCase {
	line := b.tweet()
	return []badCase{
		b.file("a line cut at the end of the file", b.tweets()+line[:len(line)/2]),
		b.file("broken lines", b.tweets(line[:len(line)/2], b.text(), line[:len(line)-1], line+"}")),
		b.written("a line of 100 MB", func(w io.Writer) {
			_, _ = io.WriteString(w, b.tweet()+"\n"+`{"id":"1256","text":"`)
			b.pour(w, b.text(), 100_000_000)
			_, _ = io.WriteString(w, `"}`+"\n"+b.tweet()+"\n")
		}),
		b.file("a line that is a list", b.tweets("["+line+"]", `"`+b.person.Handle+`"`, "12")),
		b.file("a line 100,000 deep", b.tweets(`{"id":"1256","entities":`+strings.Repeat(`{"urls":[`, 50_000)+strings.Repeat("]}", 50_000)+"}")),
		b.file("data that is no object", b.tweets(`{"data":["`+b.person.Handle+`",[],7],"meta":{}}`)),
		b.file("fields that are missing", b.tweets(b.odd("id", `"a":"b"`), b.odd("author_id", `"a":"b"`), strings.Replace(b.odd("created_at", `"a":"b"`), "125600", "1", 1))),
		b.file("ids that are none", b.tweets(b.odd("id", `"id":-5`), b.odd("id", `"id":1.5`), b.odd("id", `"id":"`+b.person.Handle+`"`),
			b.odd("author_id", `"author_id":"`+b.person.Handle+`"`), b.odd("id", `"id":`+strings.Repeat("7", 1<<20)))),
		b.file("times that are none", b.tweets(b.stamps("0000-00-00T00:00:00Z", "1969-12-31T23:59:59Z", "2100-01-01T00:00:00Z", "2020-13-01T10:00:00Z", "9999999999999", b.person.Handle)...)),
		b.file("a line that comes twice, and once more with another text", b.tweets(line, line, strings.Replace(line, b.person.Phone, b.person.Mail, 1))),
	}
}

// stamps are posts that were created then.
func (b *badFiles) stamps(values ...string) []string {
	for i, value := range values {
		values[i] = b.odd("created_at", `"created_at":"`+value+`"`)
	}
	return values
}

func (b *badFiles) packed() []badCase {
	good := b.tweets(b.tweet())
	packed := b.gzip([]byte(strings.Repeat(b.tweets(), 40)))
	damaged := append([]byte{}, packed...)
	damaged[len(damaged)-5] ^= 0xff
	plain := b.zip(b.named("a", good))
	name := b.person.FileName
	link := member{zip.FileHeader{Name: "link" + name}, "/" + name}
	link.header.SetMode(fs.ModeSymlink | 0o777)
	locked := b.named("locked"+name, good)
	return []badCase{
		b.file("a cut gzip", string(packed[:len(packed)/2])),
		b.file("a gzip whose checksum is wrong", string(damaged)),
		b.file("good: a gzip in a gzip", string(b.gzip(b.gzip([]byte(b.tweets()))))),
		b.file("a gzip in a gzip in a gzip", string(b.gzip(b.gzip(b.gzip([]byte(good)))))),
		b.file("a zip in a gzip", string(b.gzip(plain))),
		b.file("a gzip bomb", string(b.gzip([]byte(b.tweet()+"\n"+strings.Repeat(" ", 200<<20))))),
		b.file("a cut zip", string(plain[:len(plain)/2])),
		{"a zip of dangers beside one good file", 5, func(path string) {
			b.write(path, b.zip(b.named("../../"+name, good), b.named("/etc/"+name, good), link, b.named("nested"+name, string(plain)), b.named("good"+name, b.tweets())))
		}},
		b.file("a zip with a password", string(lying(b.zip(locked), 6, 1<<16|20))),
		b.file("a zip bomb", string(b.zip(b.named(name, b.tweet()+"\n"+strings.Repeat(" ", 200<<20))))),
		b.file("a zip bomb that says it is small", string(lying(b.zip(b.named(name, strings.Repeat(" ", 200<<20))), 24, 1000))),
		b.file("a zip that says it is large", string(lying(plain, 24, 0xfffffffe))),
		b.file("a zip of 100,001 files", string(b.zip(make([]member, 100_001)...))),
	}
}

func (b *badFiles) unreadable() []badCase {
	link := func(name, target string) badCase {
		return badCase{name, 1, func(path string) {
			if target == "" {
				target = filepath.Base(path)
			}
			if err := os.Symlink(target, path); err != nil {
				b.t.Fatal(err)
			}
		}}
	}
	return []badCase{
		{"no file", 1, func(string) {}},
		link("a link to itself", ""),
		// A file that can be opened and not read, even by root.
		link("what the system does not give", "/proc/self/mem"),
		b.folder("a folder of oddities beside a good file", 6, b.crowd),
		b.folder("33 folders deep", 1, func(dir string) {
			if err := os.MkdirAll(filepath.Join(dir, strings.Repeat("d/", 33)), 0o700); err != nil {
				b.t.Fatal(err)
			}
		}),
	}
}
