package message

import (
	"testing"

	"github.com/gotd/td/tg"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

func plain(text string) tg.RichTextClass { return &tg.TextPlain{Text: text} }

// hidden is a word with a link behind it.
func hidden(word, url string) tg.RichTextClass {
	return &tg.TextBold{Text: &tg.TextURL{Text: plain(word), URL: url}}
}

func TestARichMessageSaysWhatItsBlocksSay(t *testing.T) {
	caption := tg.PageCaption{Text: plain("caption"), Credit: hidden("credit", "https://credit.example")}
	got := post(t, &tg.Message{RichMessage: tg.RichMessage{
		Photos:    []tg.PhotoClass{&tg.Photo{ID: 5}},
		Documents: []tg.DocumentClass{&tg.Document{ID: 6}},
		Blocks: []tg.PageBlockClass{
			&tg.PageBlockTitle{Text: plain("title")},
			&tg.PageBlockAuthorDate{Author: plain("Some Name")},
			&tg.PageBlockParagraph{Text: &tg.TextConcat{Texts: []tg.RichTextClass{
				plain("see "), &tg.TextItalic{Text: &tg.TextAutoURL{Text: plain("shown.example/新")}}, plain(" or "), hidden("here", "https://hidden.example"),
			}}},
			&tg.PageBlockCover{Cover: &tg.PageBlockPhoto{URL: "https://photo.example", Caption: caption}},
			&tg.PageBlockList{Items: []tg.PageListItemClass{
				&tg.PageListItemText{Text: hidden("item", "https://item.example")},
				&tg.PageListItemBlocks{Blocks: []tg.PageBlockClass{&tg.PageBlockSubheader{Text: plain("inner")}}},
			}},
			&tg.PageBlockOrderedList{Items: []tg.PageListOrderedItemClass{&tg.PageListOrderedItemText{Num: "1", Text: plain("first")}}},
			&tg.PageBlockTable{Title: plain("table"), Rows: []tg.PageTableRow{{Cells: []tg.PageTableCell{{Text: hidden("cell", "https://cell.example")}, {}}}}},
			&tg.PageBlockDetails{Title: plain("more"), Blocks: []tg.PageBlockClass{&tg.PageBlockBlockquote{Text: plain("quote"), Caption: plain("by")}}},
			&tg.PageBlockCollage{Items: []tg.PageBlockClass{&tg.PageBlockEmbed{URL: "https://embed.example"}}},
			&tg.PageBlockEmbedPost{URL: "https://post.example", Author: "Some Name"},
			&tg.PageBlockRelatedArticles{Title: plain("related"), Articles: []tg.PageRelatedArticle{{URL: "https://article.example", Title: "its title", Author: "Some Name"}}},
			&tg.PageBlockMap{},
			&tg.PageBlockFooter{Text: &tg.TextConcat{Texts: []tg.RichTextClass{
				&tg.TextAutoPhone{Text: plain("+000")}, &tg.TextEmail{Text: plain("x@mail.example"), Email: "x@mail.example"}, &tg.TextBankCard{Text: plain("0000")},
			}}},
		},
	}})
	want := "title\nsee shown.example/新 or here\ncaption\ncredit\nitem\ninner\nfirst\ntable\ncell\nmore\nquote\nby\nrelated\n+000x@mail.example0000"
	if got.GetText() != want {
		t.Errorf("text %q, want %q", got.GetText(), want)
	}
	diff(t, "links", got.GetLinks(), []*doxtrailv1.RawLink{
		link("shown.example/新", entityLink),
		link("https://hidden.example", textLink),
		link("https://photo.example", textLink),
		link("https://credit.example", textLink),
		link("https://item.example", textLink),
		link("https://cell.example", textLink),
		link("https://embed.example", textLink),
		link("https://post.example", textLink),
		link("https://article.example", textLink),
	})
	if len(got.GetMedia()) != 2 || len(got.GetPersonalData()) != 4 {
		t.Errorf("media %v, personal data %v", got.GetMedia(), got.GetPersonalData())
	}
}

func TestPartsInsideEachOtherWithoutEnd(t *testing.T) {
	text := plain("deep")
	var block tg.PageBlockClass = &tg.PageBlockParagraph{Text: plain("deep")}
	for range 10 * maxDepth {
		text = &tg.TextBold{Text: text}
		block = &tg.PageBlockDetails{Blocks: []tg.PageBlockClass{block}, Title: plain("title")}
	}
	for name, blocks := range map[string][]tg.PageBlockClass{
		"text":   {&tg.PageBlockParagraph{Text: text}},
		"blocks": {block},
	} {
		got := post(t, &tg.Message{RichMessage: tg.RichMessage{Blocks: blocks}})
		if !hasFlag(got, doxtrailv1.PostFlag_POST_FLAG_TEXT_CAPPED) {
			t.Errorf("%s: not flagged", name)
		}
	}
}
