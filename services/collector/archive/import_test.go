package archive

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/archive"
	"github.com/doxtrail/doxtrail/pkg/campaign"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

func TestACampaignIsOnRawAsItStandsInItsArchives(t *testing.T) {
	dir := t.TempDir()
	files, err := campaign.New(3, campaign.Size{Posts: 1500, Channels: 9, Accounts: 20, Cards: 8}).WriteArchives(dir)
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, Defaults())
	raw := r.read()
	var announced []int
	sum := r.imports(Call{Files: archive.Open([]string{dir}, nil), Label: "demo", Reading: func(s *archive.Source) { announced = append(announced, s.Ordinal) }})
	if len(sum.Files) != len(files) || len(announced) != len(files) {
		t.Fatalf("%d files are read and %d announced, want %d", len(sum.Files), len(announced), len(files))
	}
	all := raw.upTo(sum.Sequence)
	var counts archive.Counts
	for i, e := range expect(t, dir) {
		e.check(t, i+1, "demo", all)
		counts.Add(e.result.Counts)
		f := sum.Files[i]
		if f.Ordinal != i+1 || f.ImportID != e.id || f.Err != nil || f.Result.Counts != e.result.Counts {
			t.Errorf("summary of file %d: %+v, want %+v", i+1, f, e.result)
		}
	}
	if sum.Counts != counts {
		t.Errorf("counts %+v, want %+v", sum.Counts, counts)
	}
	if got := r.metric("doxtrail_collector_archive_records_total", "post"); got != float64(counts.Posts) {
		t.Errorf("%v posts are counted, want %d", got, counts.Posts)
	}
	if got := r.metric("doxtrail_collector_archive_files_total", "complete"); got != float64(len(files)) {
		t.Errorf("%v complete files are counted, want %d", got, len(files))
	}
	for _, f := range files {
		r.wantNoPath(sum, f.Path)
	}
}

func TestALargeArchiveComesInSeveralBatches(t *testing.T) {
	for _, format := range []campaign.Format{campaign.TelegramDesktop, campaign.Twarc2} {
		t.Run(string(format), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "an-invented-name.json")
			f, err := os.Create(path)
			if err == nil {
				_, err = campaign.Load(f, format, 3000, 5)
			}
			if err == nil {
				err = f.Close()
			}
			if err != nil {
				t.Fatal(err)
			}
			r := newRig(t, Defaults())
			raw := r.read()
			sum := r.imports(Call{Files: archive.Open([]string{path}, nil)})
			all := raw.upTo(sum.Sequence)
			expect(t, path)[0].check(t, 1, "", all)
			if len(all) < 4 {
				t.Errorf("%d batches for three megabytes", len(all))
			}
			r.wantNoPath(sum, path)
		})
	}
}

func TestBatchesAccountForEveryRecordOfAFile(t *testing.T) {
	long := strings.Repeat("long and invented ", 6000) // five make a batch
	full := []string{pinned(1)}
	for id := range 5 {
		full = append(full, message(id+10, long))
	}
	for name, content := range map[string]string{
		"records that are no posts on all sides":  channelExport(7, pinned(1), message(2, "a"), pinned(3), message(4, "b"), pinned(5)),
		"a full batch and then no more posts":     channelExport(7, append(full, pinned(50), pinned(51))...),
		"a full batch and one post":               channelExport(7, append(full, message(50, "one more"))...),
		"no posts at all":                         channelExport(7, pinned(1), pinned(2)),
		"a channel without posts after another":   `{"chats": {"list": [` + channelExport(7, message(1, "a")) + "," + channelExport(8, pinned(2), pinned(3)) + `]}}`,
		"channels that take turns":                `{"chats": {"list": [` + channelExport(7, pinned(9), message(1, "a"), pinned(2)) + "," + channelExport(8, pinned(2), message(3, "b")) + "," + channelExport(7, message(4, "c")) + `]}}`,
		"pages of one search":                     page("cards", 1, 1, 2) + page("cards", 2, 3) + page("cards", 3, 4, 5),
		"pages of two searches":                   page("cards", 1, 1, 2) + page("mirrors", 2, 3) + page("cards", 3, 4, 5) + page("cards", 4, 6),
		"broken lines between pages":              "{broken\n" + page("cards", 5, 1) + "{broken\n{broken\n" + page("mirrors", 2, 2) + "{broken\n",
		"pages without posts":                     `{"data": [], "meta": {"result_count": 0}, "__twarc": {"url": "https://api.x.example/2/tweets/search/all?query=nobody", "retrieved_at": "2022-03-04T05:06:01+00:00"}}` + "\n" + page("cards", 2, 3) + page("mirrors", 3, 3),
		"the same post again":                     page("cards", 1, 1, 2) + page("cards", 2, 2, 1),
		"a page that was looked at before others": page("cards", 9, 1) + page("cards", 2, 2),
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, t.TempDir(), "result.json", content)
			r := newRig(t, Defaults())
			raw := r.read()
			sum := r.imports(Call{Files: archive.Open([]string{path}, nil)})
			e := expect(t, path)[0]
			if e.broken || e.result.Counts.Records == 0 {
				t.Fatalf("the example is not read: %+v", e.result)
			}
			e.check(t, 1, "", raw.upTo(sum.Sequence))
		})
	}
}

func TestTwoFilesOfOneContentAreOneImportTwice(t *testing.T) {
	dir := t.TempDir()
	content := channelExport(7, message(1, "a"), message(2, "b"))
	paths := []string{write(t, dir, "first.json", content), write(t, dir, "second.json", content)}
	r := newRig(t, Defaults())
	raw := r.read()
	sum := r.imports(Call{Files: archive.Open(paths, nil)})
	if len(sum.Files) != 2 || sum.Files[0].ImportID != sum.Files[1].ImportID {
		t.Fatalf("files %+v, want two with one id", sum.Files)
	}
	all := raw.upTo(sum.Sequence)
	e := expect(t, paths[0])[0]
	e.check(t, 1, "", all[:len(all)/2])
	e.check(t, 2, "", all[len(all)/2:])
	if sum.Counts.Posts != 4 {
		t.Errorf("%d posts are counted, want 4: every figure is a function of one file", sum.Counts.Posts)
	}
}

func TestAFileThatBreaksOffIsRecordedAsFarAsItWasRead(t *testing.T) {
	dir := t.TempDir()
	whole := channelExport(7, message(1, "a"), message(2, "b"), message(3, "c"))
	paths := []string{
		write(t, dir, "an-invented-person-1.json", whole[:len(whole)-30]),
		write(t, dir, "an-invented-person-2.json", channelExport(8, message(1, "d"))),
	}
	r := newRig(t, Defaults())
	raw := r.read()
	sum := r.imports(Call{Files: archive.Open(paths, nil)})
	all := raw.upTo(sum.Sequence)
	for i, e := range expect(t, paths...) {
		e.check(t, i+1, "", all)
	}
	if sum.Files[0].Result.Complete || !sum.Files[1].Result.Complete {
		t.Errorf("complete: %v and %v", sum.Files[0].Result.Complete, sum.Files[1].Result.Complete)
	}
	if got := r.metric("doxtrail_collector_archive_files_total", "incomplete"); got != 1 {
		t.Errorf("%v incomplete files are counted, want 1", got)
	}
	r.wantNoPath(sum, paths...)
}

func TestFilesThatCannotBeReadDoNotEndAnImport(t *testing.T) {
	dir := t.TempDir()
	paths := []string{
		filepath.Join(dir, "nobody-there.json"),
		write(t, dir, "picture-of-nobody.jpg", "\xff\xd8\xff\xe0 a picture"),
		write(t, dir, "nothing-in-it.json", ""),
		write(t, dir, "whole-and-good.json", channelExport(7, message(1, "a"))),
	}
	r := newRig(t, Defaults())
	raw := r.read()
	sum := r.imports(Call{Files: archive.Open(paths, nil)})
	var classes []archive.Class
	for _, f := range sum.Files {
		class := archive.Class("")
		if broken, ok := f.Err.(*archive.Error); ok { //nolint:errorlint // it is not wrapped
			class = broken.Class
		}
		classes = append(classes, class)
	}
	want := []archive.Class{archive.ClassUnreadable, archive.ClassUnknownFormat, archive.ClassEmpty, ""}
	for i := range want {
		if len(classes) != len(want) || classes[i] != want[i] {
			t.Fatalf("classes %q, want %q", classes, want)
		}
	}
	expect(t, paths[3])[0].check(t, 4, "", raw.upTo(sum.Sequence))
	if got := r.metric("doxtrail_collector_archive_files_total", "unreadable"); got != 3 {
		t.Errorf("%v unreadable files are counted, want 3", got)
	}
	r.wantNoPath(sum, paths...)
}

func TestMediaBesideAnArchiveArePassedOver(t *testing.T) {
	dir := t.TempDir()
	path := write(t, dir, "export/result.json", channelExport(7, message(1, "a")))
	write(t, dir, "export/photos/an-invented-person.jpg", "\xff\xd8\xff\xe0 a picture")
	write(t, dir, "export/video_files/an-invented-film.mp4", "\x00\x00\x00\x18ftypmp42")
	write(t, dir, "export/files/notes.txt", "an invented note")
	r := newRig(t, Defaults())
	raw := r.read()
	sum := r.imports(Call{Files: archive.Open([]string{dir}, nil)})
	if len(sum.Files) != 1 || sum.Files[0].Err != nil {
		t.Fatalf("files %+v, want the archive alone", sum.Files)
	}
	expect(t, path)[0].check(t, sum.Files[0].Ordinal, "", raw.upTo(sum.Sequence))
	if lines := strings.Count(r.log.String(), "\n"); lines != 1 {
		t.Errorf("%d lines are logged, want 1", lines)
	}
}

func TestStandardInputHasAnIdOfItsOwn(t *testing.T) {
	content := page("cards", 1, 1, 2, 3)
	r := newRig(t, Defaults())
	raw := r.read()
	sum := r.imports(Call{Files: archive.Open([]string{"-"}, strings.NewReader(content))})
	again := r.imports(Call{Files: archive.Open([]string{"-"}, strings.NewReader(content))})
	if sum.Files[0].ImportID == again.Files[0].ImportID {
		t.Error("two streams share an id")
	}
	e := expect(t, write(t, t.TempDir(), "same.jsonl", content))[0]
	all := raw.upTo(again.Sequence)
	for _, s := range []Summary{sum, again} {
		e.id = s.Files[0].ImportID
		e.check(t, 1, "", all)
	}
}

func TestGroupsAreReadOnlyWhenAskedFor(t *testing.T) {
	group := strings.Replace(channelExport(7, message(1, "a")), "public_channel", "public_supergroup", 1)
	path := write(t, t.TempDir(), "result.json", group)
	for groups, posts := range map[bool]uint64{false: 0, true: 1} {
		r := newRig(t, Config{Groups: groups})
		r.read()
		if sum := r.imports(Call{Files: archive.Open([]string{path}, nil), Format: doxtrailv1.ArchiveFormat_ARCHIVE_FORMAT_TELEGRAM_DESKTOP}); sum.Counts.Posts != posts {
			t.Errorf("groups %v: %d posts, want %d", groups, sum.Counts.Posts, posts)
		}
	}
}
