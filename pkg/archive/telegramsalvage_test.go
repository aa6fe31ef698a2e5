package archive

import (
	"fmt"
	"strings"
	"testing"
)

func TestTelegramSalvage(t *testing.T) {
	many := func(from, to int) (list []string) {
		for id := from; id <= to; id++ {
			list = append(list, plainMessage(id, "fine"))
		}
		return list
	}
	for _, tc := range []struct{ name, bad string }{
		{"a quote is missing", `{"id": 5, "type": "message", "date_unixtime": "1588334400, "text": "x"}`},
		{"a brace is missing", `{"id": 5, "type": "message", "date_unixtime": "1588334400", "text": "x"`},
		{"a bracket is missing", `{"id": 5, "type": "message", "date_unixtime": "1588334400", "text": ["x"}`},
		{"cut in the middle", `{"id": 5, "type": "message", "date_unix`},
		{"a bracket too many inside", `{"id": 5, "type": "message", "text": "x"], "date_unixtime": "1588334400"}`},
	} {
		for _, around := range []int{3, 5000} {
			t.Run(fmt.Sprintf("%s, %d messages behind", tc.name, around), func(t *testing.T) {
				messages := append(many(1, 4), tc.bad)
				messages = append(messages, many(6, 5+around)...)
				r, result := read(t, channelExport(messages...), Options{})
				if result.Counts.Posts != uint64(4+around) && tc.name != "a bracket too many inside" {
					t.Errorf("got %+v, %v", result.Counts, result.Faults)
				}
				if ids := r.ids(); len(ids) < 4 || ids[3] != "4" || result.Faults[0].Class != ClassBrokenJSON {
					t.Errorf("faults %v", result.Faults)
				}
			})
		}
	}
}

// TestTelegramSalvageStaysInItsChat: a broken message of a channel must not
// make the messages of the private chat behind it public.
func TestTelegramSalvageStaysInItsChat(t *testing.T) {
	chat := func(kind string, id int, messages ...string) string {
		return fmt.Sprintf(`{"name": "N", "type": %q, "id": %d, "messages": [%s]}`, kind, id, strings.Join(messages, ","))
	}
	whole := `{"chats": {"list": [` + chat("public_channel", 1, plainMessage(1, "a"), plainMessage(2, "b")) + "," +
		chat("personal_chat", 2, plainMessage(1, "secret"), plainMessage(3, "secret")) + "," +
		chat("public_channel", 3, plainMessage(1, "c")) + `]}}`
	last := strings.Index(whole, `"b"`)
	for n := range 60 {
		for _, damaged := range []string{
			whole[:last-10] + whole[last-10+n:],
			whole[:last-20] + strings.Repeat(`"`, n%2+1) + whole[last-20+n:],
			whole[:last+3] + strings.Repeat("}", n%4) + strings.Repeat("]", n/4) + whole[last+3:],
		} {
			r, _ := read(t, damaged, Options{Format: formatTelegram})
			for _, p := range r.posts {
				if p.GetText() == "secret" {
					t.Fatalf("read a private message, %d bytes damaged", n)
				}
			}
		}
	}
}
