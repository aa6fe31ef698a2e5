package previewtest

import (
	"strings"
	"time"
)

// shown is what a page is made of.
type shown struct {
	Name, Subscribers string
	View              string
	Posts             []Post
	Before            int
}

// Lines are the lines of the text.
func (p Post) Lines() []string { return strings.Split(p.Text, "\n") }

// Stamp is the time as a page writes it.
func (p Post) Stamp() string {
	at := p.PostedAt
	if at.IsZero() {
		at = time.Date(2020, 5, 1, 12, 0, 0, 0, time.UTC).Add(time.Duration(p.ID) * time.Minute)
	}
	return at.UTC().Format("2006-01-02T15:04:05-07:00")
}

// Album are the numbers of all items; none for a post that is no album.
func (p Post) Album() []int {
	if len(p.Items) == 0 {
		return nil
	}
	return append([]int{p.ID}, p.Items...)
}

// pageText is the part of a preview that is read, in Telegram's form.
const pageText = `<!DOCTYPE html>
<html><head><title>Invented – Telegram</title>
<link rel="canonical" href="/s/{{.Name}}?before=1">{{if .Before}}
<link rel="prev" href="/s/{{.Name}}?before={{.Before}}">{{end}}</head>
<body class="widget_frame_base tgme_webpreview">
<div class="tgme_channel_info"><div class="tgme_channel_info_counters">
<div class="tgme_channel_info_counter"><span class="counter_value">{{.Subscribers}}</span> <span class="counter_type">subscribers</span></div>
</div></div>
<section class="tgme_channel_history js-message_history">{{$name := .Name}}
{{range .Posts}}{{$post := .}}<div class="tgme_widget_message_wrap js-widget_message_wrap"><div class="tgme_widget_message text_not_supported_wrap js-widget_message{{if .Service}} service_message{{end}}" data-post="{{$name}}/{{.ID}}"{{with $.View}} data-view="{{.}}"{{end}}>
<div class="tgme_widget_message_bubble">
<div class="tgme_widget_message_author"><a class="tgme_widget_message_owner_name" href="https://t.me/{{$name}}"><span dir="auto">Invented</span></a></div>
{{if .ForwardOf}}<div class="tgme_widget_message_forwarded_from">Forwarded from&nbsp;<a class="tgme_widget_message_forwarded_from_name" href="https://t.me/{{.ForwardOf}}"><span dir="auto">Invented</span></a></div>{{end}}
{{- if .FromPerson}}<div class="tgme_widget_message_forwarded_from">Forwarded from&nbsp;<span class="tgme_widget_message_forwarded_from_name"><span dir="auto">Invented</span></span></div>{{end}}
{{- if .ReplyTo}}<a class="tgme_widget_message_reply" href="https://t.me/{{.ReplyTo}}"><div class="tgme_widget_message_author"><span class="tgme_widget_message_author_name" dir="auto">Invented</span></div><div class="tgme_widget_message_text js-message_reply_text" dir="auto">Quoted</div></a>{{end}}
{{- with .Album}}<div class="tgme_widget_message_grouped_wrap js-message_grouped_wrap">{{range .}}<a class="tgme_widget_message_photo_wrap grouped_media_wrap blured js-message_photo" href="https://t.me/{{$name}}/{{.}}?single"></a>{{end}}</div>
{{- else}}{{if .Photo}}<a class="tgme_widget_message_photo_wrap" href="https://t.me/{{$name}}/{{.ID}}"></a>{{end}}{{end}}
{{- if or .Text .Links}}<div class="tgme_widget_message_text js-message_text" dir="auto">{{range $i, $line := .Lines}}{{if $i}}<br/>{{end}}{{$line}}{{end}}{{range .Links}} <a href="{{.}}" target="_blank" rel="noopener">{{.}}</a>{{end}}</div>{{end}}
<div class="tgme_widget_message_footer compact js-message_footer"><div class="tgme_widget_message_info short js-message_info">
{{if .Views}}<span class="tgme_widget_message_views">{{.Views}}</span><span class="copyonly"> views</span>{{end}}<span class="tgme_widget_message_meta">{{if .Edited}}edited &nbsp;{{end}}<a class="tgme_widget_message_date" href="https://t.me/{{$name}}/{{.ID}}"><time datetime="{{.Stamp}}" class="time">12:00</time></a></span>
</div></div></div></div></div>
{{end}}</section></body>
</html>
`
