package fake

import (
	"strconv"
	"time"
)

// An id is a snowflake: milliseconds since 2010-11-04T01:42:54.657Z, then 22
// bits that count within the millisecond, so that ids sort as times do.
const (
	snowflakeEpoch = 1288834974657
	snowflakeBits  = 22
	backdated      = 1 << (snowflakeBits - 1) // set in ids of posts that were dated back
)

// snowflakes makes ids.
type snowflakes struct {
	last int64           // millisecond of the last post that was not dated back
	next int64           // its count
	past map[int64]int64 // counts of posts that were dated back, by millisecond
}

// now is an id of a post that appears now, above all such ids before.
func (f *snowflakes) now(at time.Time) int64 {
	ms := max(at.UnixMilli()-snowflakeEpoch, f.last)
	if ms > f.last || f.next == backdated {
		ms, f.next = max(ms, f.last+1), 0
	}
	f.last = ms
	f.next++
	return ms<<snowflakeBits | (f.next - 1)
}

// then is an id of a post that is dated back.
func (f *snowflakes) then(at time.Time) int64 {
	if f.past == nil {
		f.past = map[int64]int64{}
	}
	ms := max(at.UnixMilli()-snowflakeEpoch, 0)
	for f.past[ms] == backdated {
		ms++
	}
	f.past[ms]++
	return ms<<snowflakeBits | backdated | (f.past[ms] - 1)
}

// timeOf is the time an id was made at.
func timeOf(id int64) time.Time {
	return time.UnixMilli(id>>snowflakeBits + snowflakeEpoch).UTC()
}

// idOf is the lowest id of a time.
func idOf(at time.Time) int64 {
	return max(at.UnixMilli()-snowflakeEpoch, 0) << snowflakeBits
}

func name(id int64) string { return strconv.FormatInt(id, 10) }

func names(ids []int64) []string {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = name(id)
	}
	return all
}

// parseID reads an id as X writes them; false if it cannot be one.
func parseID(s string) (int64, bool) {
	id, err := strconv.ParseInt(s, 10, 64)
	return id, err == nil && id > 0
}

// stamp writes a time as X does in posts: whole seconds, three zeros.
func stamp(t time.Time) string {
	return t.UTC().Truncate(time.Second).Format("2006-01-02T15:04:05.000Z")
}
