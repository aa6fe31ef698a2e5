package message

import (
	"strings"

	"github.com/gotd/td/tg"
)

// richMessage takes a message made of blocks: it says what the blocks say, and
// its files are the post's.
func (d *draft) richMessage(m *tg.RichMessage) {
	if len(m.Blocks) == 0 {
		return
	}
	p := page{draft: d, place: own()}
	for _, block := range m.Blocks {
		p.block(block)
	}
	d.addText(strings.TrimRight(p.text.String(), "\n"))
	for _, photo := range m.Photos {
		d.photo(photo)
	}
	for _, document := range m.Documents {
		d.document(&tg.MessageMediaDocument{Document: document})
	}
}

// page reads the blocks of a rich message or of the copy of a web page that
// Telegram keeps.
type page struct {
	draft *draft
	place place
	// text is what was read so far, line by line; of a web page only the last
	// line, since its words are not the post's.
	text  strings.Builder
	depth int
}

// enter goes one level down; false if that is too deep.
func (p *page) enter() bool {
	if p.depth == maxDepth {
		p.draft.capped = true
		return false
	}
	p.depth++
	return true
}

// block reads one block, a list's item or a row's cell. What blocks have in
// common is taken by the names of their parts, so that a kind that Telegram adds
// is read as far as it is made of known parts.
func (p *page) block(block any) {
	if block == nil || !p.enter() {
		return
	}
	defer func() { p.depth-- }()
	p.address(block)
	if b, ok := block.(interface{ GetTitle() tg.RichTextClass }); ok {
		p.line(b.GetTitle())
	}
	p.children(block)
	if b, ok := block.(interface{ GetText() tg.RichTextClass }); ok {
		p.line(b.GetText())
	}
	if b, ok := block.(interface{ GetBlocks() []tg.PageBlockClass }); ok {
		for _, inner := range b.GetBlocks() {
			p.block(inner)
		}
	}
	if b, ok := block.(interface{ GetItems() []tg.PageBlockClass }); ok {
		for _, inner := range b.GetItems() {
			p.block(inner)
		}
	}
	if b, ok := block.(interface{ GetCaption() tg.RichTextClass }); ok {
		p.line(b.GetCaption())
	}
	if b, ok := block.(interface{ GetCaption() tg.PageCaption }); ok {
		caption := b.GetCaption()
		p.line(caption.Text)
		p.line(caption.Credit)
	}
}

// address takes the link of a block itself, and counts a map.
func (p *page) address(block any) {
	switch b := block.(type) {
	case *tg.PageBlockPhoto:
		p.draft.addLink(b.URL, p.place.hidden)
	case *tg.PageBlockEmbed:
		p.draft.addLink(b.URL, p.place.hidden)
	case *tg.PageBlockEmbedPost:
		p.draft.addLink(b.URL, p.place.hidden)
	case *tg.PageBlockRelatedArticles:
		for i := range b.Articles {
			p.draft.addLink(b.Articles[i].URL, p.place.hidden)
		}
	case *tg.PageBlockMap:
		p.count(address)
	}
}

// children reads the parts whose names are those of one kind of block only.
func (p *page) children(block any) {
	switch b := block.(type) {
	case *tg.PageBlockCover:
		p.block(b.Cover)
	case *tg.PageBlockList:
		for _, item := range b.Items {
			p.block(item)
		}
	case *tg.PageBlockOrderedList:
		for _, item := range b.Items {
			p.block(item)
		}
	case *tg.PageBlockTable:
		for i := range b.Rows {
			for j := range b.Rows[i].Cells {
				p.line(b.Rows[i].Cells[j].Text)
			}
		}
	}
}

// line reads a text that stands for itself.
func (p *page) line(text tg.RichTextClass) {
	if text == nil {
		return
	}
	if !p.place.own {
		p.text.Reset()
	}
	start := p.text.Len()
	p.rich(text)
	if p.text.Len() > start {
		p.text.WriteByte('\n')
	}
}

// rich reads a text with its formatting, of which links and personal data matter.
func (p *page) rich(text tg.RichTextClass) {
	if text == nil || !p.enter() {
		return
	}
	defer func() { p.depth-- }()
	start := p.text.Len()
	switch t := text.(type) {
	case *tg.TextPlain:
		p.write(t.Text)
	case *tg.TextConcat:
		for _, inner := range t.Texts {
			p.rich(inner)
		}
	case *tg.TextCustomEmoji:
		p.write(t.Alt)
	case *tg.TextURL:
		p.draft.addLink(t.URL, p.place.hidden)
	case *tg.TextPhone, *tg.TextAutoPhone:
		p.count(phone)
	case *tg.TextEmail, *tg.TextAutoEmail:
		p.count(email)
	case *tg.TextBankCard:
		p.count(bankCard)
	}
	if t, ok := text.(interface{ GetText() tg.RichTextClass }); ok {
		p.rich(t.GetText())
	}
	if _, ok := text.(*tg.TextAutoURL); ok {
		p.draft.addLink(p.text.String()[start:], p.place.shown)
	}
}

// write adds words, up to what a post may hold.
func (p *page) write(text string) {
	text = mended(text)
	if p.text.Len()+len(text) > maxText {
		p.draft.capped = true
		return
	}
	p.text.WriteString(text)
}

func (p *page) count(kind personal) {
	if p.place.own {
		p.draft.personal[kind]++
	}
}
