package telegram

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/gotd/td/tg"

	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
)

// TestALongHistory sweeps a channel with a stop in the middle: the second process
// goes on where RAW confirmed, and no memory grows with the history. Under the
// tag torture the channel is as long as the longest that are known.
func TestALongHistory(t *testing.T) {
	r := newRigAlone(t, fake.Options{})
	r.patience = 10 * time.Minute
	r.cfg.Rates["messages.getHistory"] = Rate{Every: time.Microsecond}
	c := r.fake.Channel(fake.ChannelSpec{ID: newID(), Username: "harbour_watch", Title: "Harbour watch", Created: time.Now().AddDate(-2, 0, 0)})
	c.Fill(longHistory, func(id int) tg.Message {
		return text(fmt.Sprintf("post %d https://harbour-leaks.example/card/%d and some more words so that it has a length", id, id%500))
	})
	r.watch(byName("harbour", "harbour_watch"))
	r.raw.forget.Store(true)
	posts := func(n int) func() bool { return func() bool { return r.raw.postRecords() >= n } }
	r.start()
	r.eventually("a tenth is read", posts(longHistory/10))
	early := heapInUse()
	r.eventually("half is read", posts(longHistory/2))
	r.stop()
	pages := r.callsOf("messages.getHistory")
	read := r.raw.postRecords()
	r.start()
	r.eventually("all is read", func() bool { return r.channelIsSwept("harbour") && posts(longHistory)() })
	late := heapInUse()
	if again := r.raw.postRecords() - longHistory; again >= historyLimit {
		t.Errorf("%d posts were read again after a restart at %d", again, read)
	}
	if all := r.callsOf("messages.getHistory"); all > longHistory/historyLimit+5 {
		t.Errorf("%d pages were asked for, %d before the restart", all, pages)
	}
	t.Logf("heap in use: %d MiB at a tenth, %d MiB at the end", early>>20, late>>20)
	if grown := int64(late) - int64(early); grown > 64<<20 {
		t.Errorf("memory grew by %d MiB over the history", grown>>20)
	}
}

func heapInUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}

// callsOf counts the calls of a method.
func (r *rig) callsOf(method string) (n int) {
	for _, call := range r.fake.Calls() {
		if call.Method == method {
			n++
		}
	}
	return n
}

// channelIsSwept says whether the report tells so.
func (r *rig) channelIsSwept(label string) bool {
	report, found, err := ReadReport(r.within(), r.bus.Conn, r.deps.Key, r.cfg)
	if err != nil || !found {
		return false
	}
	for _, ch := range report.Channels {
		if ch.Label == label {
			return ch.Newest > 0 && ch.SweptTo == 0
		}
	}
	return false
}

// postRecords counts the posts that came to RAW, repeats too.
func (o *raw) postRecords() int { return int(o.posted.Load()) }
