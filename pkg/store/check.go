package store

import (
	"math"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// check takes the values of one record out of it and notes the first that is
// wrong. A wrong value is replaced by a zero; the caller takes the row back.
type check struct {
	words *words
	field string
	fault string
	array arrayText
}

const (
	// Times from 1970 to 2100: outside lie only mistakes, such as seconds taken
	// for milliseconds twice.
	latestTime = 4_102_444_800_000
	// 24 bits of the version.
	latestGeneration = 1<<24 - 1
	// A label is a few words; anything longer is not one.
	longestLabel = 200
	// A sealed value or a hash; a page or a text would be longer.
	longestBytes = 16 << 10
)

func (c *check) fail(field, fault string) {
	if c.fault == "" {
		c.field, c.fault = field, fault
	}
}

// decode reads the record into a message. What proto says of a broken record
// may quote it, so it is left out.
func (c *check) decode(record []byte, into proto.Message) bool {
	if err := proto.Unmarshal(record, into); err != nil {
		c.fail("record", "does not decode")
		return false
	}
	return true
}

func (c *check) key(field string, b []byte) uuid.UUID {
	if len(b) != 16 {
		c.fail(field, "want a key of 16 bytes, have "+strconv.Itoa(len(b)))
		return uuid.UUID{}
	}
	k := uuid.UUID(b)
	if k == (uuid.UUID{}) {
		c.fail(field, "want a key, have zeros")
	}
	return k
}

func (c *check) optionalKey(field string, b []byte) maybe[uuid.UUID] {
	if len(b) == 0 {
		return maybe[uuid.UUID]{}
	}
	return maybe[uuid.UUID]{c.key(field, b), true}
}

// zeroKey is an absent key in a column that cannot be NULL.
func (c *check) zeroKey(field string, b []byte) uuid.UUID {
	return c.optionalKey(field, b).value
}

func (c *check) time(field string, ms int64) int64 {
	if ms <= 0 || ms >= latestTime {
		c.fail(field, "want milliseconds between 1970 and 2100")
		return 0
	}
	return ms
}

func (c *check) optionalTime(field string, has bool, ms int64) maybe[int64] {
	if !has {
		return maybe[int64]{}
	}
	return maybe[int64]{c.time(field, ms), true}
}

func (c *check) count(field string, has bool, n int64) maybe[int64] {
	if !has {
		return maybe[int64]{}
	}
	if n < 0 {
		c.fail(field, "want no negative number")
	}
	return maybe[int64]{n, true}
}

func (c *check) generation(n uint64) uint32 {
	if n > latestGeneration {
		c.fail("generation", "want less than 2^24")
		return 0
	}
	return uint32(n)
}

func (c *check) word(field string, v vocabulary, number int32) string {
	w, ok := v.word(number)
	if !ok {
		c.fail(field, "want a known value, have "+strconv.Itoa(int(number)))
	}
	return w
}

// optionalWord gives "" for an unspecified value.
func (c *check) optionalWord(field string, v vocabulary, number int32) string {
	if number == 0 {
		return ""
	}
	return c.word(field, v, number)
}

func (c *check) maybeWord(field string, v vocabulary, number int32) maybe[string] {
	w := c.optionalWord(field, v, number)
	return maybe[string]{w, w != ""}
}

// platform is required where a row is told apart by it.
func (c *check) platform(word string) string {
	if word == "" {
		c.fail("platform", "want one")
	}
	return word
}

// token is a short code: a language, a script, a source, a place. It is kept
// narrow so that no text can pass as one.
func (c *check) token(field, s string) string {
	if len(s) > 64 {
		c.fail(field, "want at most 64 characters")
		return ""
	}
	for i := range len(s) {
		if b := s[i]; b <= ' ' || b >= utf8.RuneSelf || b == '\'' || b == '\\' {
			c.fail(field, "want ASCII without spaces")
			return ""
		}
	}
	return s
}

func (c *check) maybeToken(field, s string) maybe[string] {
	return maybe[string]{c.token(field, s), s != ""}
}

// label is a name a person gave: a family, a channel, a recipient.
func (c *check) label(field, s string) string {
	if len(s) > longestLabel {
		c.fail(field, "want at most "+strconv.Itoa(longestLabel)+" bytes")
		return ""
	}
	for _, r := range s {
		if unicode.IsControl(r) || r == utf8.RuneError {
			c.fail(field, "want printable text")
			return ""
		}
	}
	return s
}

func (c *check) requiredLabel(field, s string) string {
	if s == "" {
		c.fail(field, "want one")
	}
	return c.label(field, s)
}

func (c *check) bytes(field string, b []byte) string {
	if len(b) > longestBytes {
		c.fail(field, "want at most "+strconv.Itoa(longestBytes)+" bytes")
		return ""
	}
	return string(b)
}

// fixed is an optional value of a known size.
func (c *check) fixed(field string, b []byte, size int) maybe[string] {
	if len(b) == 0 {
		return maybe[string]{}
	}
	if len(b) != size {
		c.fail(field, "want "+strconv.Itoa(size)+" bytes, have "+strconv.Itoa(len(b)))
		return maybe[string]{}
	}
	return maybe[string]{string(b), true}
}

func (c *check) day(field string, has bool, day int32) maybe[int32] {
	if !has {
		return maybe[int32]{}
	}
	if day < 0 || int64(day) >= latestTime/86_400_000 {
		c.fail(field, "want days between 1970 and 2100")
	}
	return maybe[int32]{day, true}
}

func (c *check) total(field string, n uint64) uint64 {
	if n > math.MaxInt64 {
		c.fail(field, "want less than 2^63")
	}
	return n
}

// ownPlatform believes a record that names its platform, else its subject.
func (c *check) ownPlatform(own doxtrailv1.Platform, subject string) string {
	if own != doxtrailv1.Platform_PLATFORM_UNSPECIFIED {
		return c.word("platform", c.words.platform, int32(own))
	}
	return c.platform(subject)
}

func (c *check) requiredBytes(field string, b []byte) string {
	if len(b) == 0 {
		c.fail(field, "want some bytes")
	}
	return c.bytes(field, b)
}
