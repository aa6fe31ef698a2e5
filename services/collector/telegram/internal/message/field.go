package message

import (
	"strings"

	"github.com/gotd/td/tg"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// fields takes the texts that are part of what a post says but stand beside its
// main text: a poll's question, answers and explanation, a list of tasks.
func (d *draft) fields(media tg.MessageMediaClass) {
	switch media := media.(type) {
	case *tg.MessageMediaPoll:
		d.field(&media.Poll.Question)
		for _, answer := range media.Poll.Answers {
			switch answer := answer.(type) {
			case *tg.PollAnswer:
				d.field(&answer.Text)
			case *tg.InputPollAnswer:
				d.field(&answer.Text)
			}
		}
		d.field(&tg.TextWithEntities{Text: media.Results.Solution, Entities: media.Results.SolutionEntities})
	case *tg.MessageMediaToDo:
		d.field(&media.Todo.Title)
		for i := range media.Todo.List {
			d.field(&media.Todo.List[i].Title)
		}
	}
}

func (d *draft) field(t *tg.TextWithEntities) {
	text := mended(t.Text)
	d.addText(text)
	d.marks(text, t.Entities, field())
}

// buttons takes the addresses of buttons that open one, and what a button copies,
// which is no link more often than not: the normaliser drops those.
func (d *draft) buttons(markup tg.ReplyMarkupClass) {
	var rows []tg.KeyboardButtonRow
	switch markup := markup.(type) {
	case *tg.ReplyInlineMarkup:
		rows = markup.Rows
	case *tg.ReplyKeyboardMarkup:
		rows = markup.Rows
	}
	for i := range rows {
		for _, button := range rows[i].Buttons {
			d.addLink(buttonAddress(button), doxtrailv1.LinkSource_LINK_SOURCE_BUTTON)
		}
	}
}

func buttonAddress(button tg.KeyboardButtonClass) string {
	switch button := button.(type) {
	case *tg.KeyboardButtonURL:
		return button.URL
	case *tg.KeyboardButtonURLAuth:
		return button.URL
	case *tg.InputKeyboardButtonURLAuth:
		return button.URL
	case *tg.KeyboardButtonWebView:
		return button.URL
	case *tg.KeyboardButtonSimpleWebView:
		return button.URL
	case *tg.KeyboardButtonCopy:
		return button.CopyText
	default:
		return ""
	}
}

// webPage takes the links of a preview and of the copy that Telegram keeps of the
// page. Titles and descriptions are not kept.
func (d *draft) webPage(media tg.MessageMediaClass) {
	m, ok := media.(*tg.MessageMediaWebPage)
	if !ok {
		return
	}
	source := preview().hidden
	switch web := m.Webpage.(type) {
	case *tg.WebPage:
		d.addLink(web.URL, source)
		if !strings.HasSuffix(web.URL, web.DisplayURL) { // the same without its scheme, as a rule
			d.addLink(web.DisplayURL, source)
		}
		d.addLink(web.EmbedURL, source)
		if web.CachedPage.URL != web.URL {
			d.addLink(web.CachedPage.URL, source)
		}
		p := page{draft: d, place: preview()}
		for _, block := range web.CachedPage.Blocks {
			p.block(block)
		}
	case *tg.WebPagePending:
		d.addLink(web.URL, source)
	case *tg.WebPageEmpty:
		d.addLink(web.URL, source)
	}
}
