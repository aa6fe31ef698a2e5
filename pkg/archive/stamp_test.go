package archive

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestISOStamp(t *testing.T) {
	hongKong := time.FixedZone("HKT", 8*3600)
	for _, tc := range []struct {
		name, in  string
		zone      *time.Location
		want      string
		zoned, ok bool
	}{
		{"utc", "2020-05-01T12:00:00Z", nil, "2020-05-01T12:00:00Z", true, true},
		{"milliseconds", "2020-05-01T12:00:00.123Z", nil, "2020-05-01T12:00:00.123Z", true, true},
		{"microseconds", "2020-05-01T12:00:00.123999Z", nil, "2020-05-01T12:00:00.123Z", true, true},
		{"offset", "2020-05-01T20:00:00+08:00", nil, "2020-05-01T12:00:00Z", true, true},
		{"offset without colon", "2020-05-01T07:00:00-0500", nil, "2020-05-01T12:00:00Z", true, true},
		{"space", "2020-05-01 12:00:00+00:00", nil, "2020-05-01T12:00:00Z", true, true},
		{"the zone in the text wins", "2020-05-01T12:00:00Z", hongKong, "2020-05-01T12:00:00Z", true, true},
		{"local with zone", "2020-05-01T20:00:00", hongKong, "2020-05-01T12:00:00Z", true, true},
		{"local without zone", "2020-05-01T20:00:00", nil, "", false, true},
		{"month 13", "2020-13-01T12:00:00Z", nil, "", true, false},
		{"31st of April", "2020-04-31T12:00:00Z", nil, "", true, false},
		{"hour 24", "2020-04-01T24:00:00Z", nil, "", false, false},
		{"year 2100", "2100-01-01T00:00:00Z", nil, "", true, false},
		{"rest behind", "2020-05-01T12:00:00Zx", nil, "", false, false},
		{"signs inside", "2020--5-01T12:00:00Z", nil, "", false, false},
		{"empty", "", nil, "", false, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ms, zoned, ok := isoStamp([]byte(tc.in), tc.zone)
			if zoned != tc.zoned || ok != tc.ok {
				t.Fatalf("got zoned %v, ok %v", zoned, ok)
			}
			if tc.want == "" {
				return
			}
			want, err := time.Parse(time.RFC3339Nano, tc.want)
			if err != nil || ms != want.UnixMilli() {
				t.Errorf("got %d, want %d", ms, want.UnixMilli())
			}
		})
	}
}

func TestISOStampAgainstTimeParse(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		ms := rapid.Int64Range(1, latest-1).Draw(rt, "ms")
		zone := time.FixedZone("", 60*rapid.IntRange(-12*60, 14*60).Draw(rt, "offset"))
		text := time.UnixMilli(ms).In(zone).Format("2006-01-02T15:04:05.000Z07:00")
		if got, zoned, ok := isoStamp([]byte(text), nil); got != ms || !zoned || !ok {
			rt.Fatalf("%s: got %d, want %d", text, got, ms)
		}
	})
}

func TestSnowflakeStamp(t *testing.T) {
	for _, tc := range []struct {
		name, id string
		want     int64
		ok       bool
	}{
		{"of 2020", "1256194900000000000", 1588335177789, true},
		{"before ids carried times", "20", 0, false},
		{"beyond 63 bits", "9223372036854775808", 0, false},
		{"not a number", "12561949000000000ab", 0, false},
		{"empty", "", 0, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got, ok := snowflakeStamp([]byte(tc.id)); got != tc.want || ok != tc.ok {
				t.Errorf("got %d, %v", got, ok)
			}
		})
	}
}
