package gateway

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"

	"github.com/doxtrail/doxtrail/pkg/embedded/internal/chdb"
)

// document makes one document out of the chunks of a result, each of which is
// one by itself, while they come.
type document interface {
	// add takes a chunk, which is valid during the call.
	add(chunk []byte) error
	// end is called after the last chunk of a good result.
	end(summary chdb.Summary) error
}

// lines is a document of a format whose documents can be put one after the
// other, once the header has been cut from all but the first.
type lines struct {
	out    io.Writer
	header func(document []byte) int
	begun  bool
}

func (d *lines) add(chunk []byte) error {
	if d.begun && d.header != nil {
		chunk = chunk[d.header(chunk):]
	}
	d.begun = true
	_, err := d.out.Write(chunk)
	return err
}

func (d *lines) end(chdb.Summary) error { return nil }

// jsonObject is a document of the formats JSON, JSONCompact and their kin: an
// object with the list of rows between a head and a tail, which say how the
// columns are called and how many rows there are.
type jsonObject struct {
	out   io.Writer
	begun bool
	rows  bool // some are out
	count uint64
	tail  []byte // of the last chunk, from behind the last row
}

// The engine writes these formats in one way only. A line end cannot be in a
// string, so these are what they look like.
var (
	jsonData = []byte("\n\t\"data\":\n\t[\n")             //nolint:gochecknoglobals // a constant
	jsonEnd  = []byte("\n\t],\n")                         //nolint:gochecknoglobals // a constant
	jsonRows = regexp.MustCompile(`(?m)^\t"rows": (\d+)`) //nolint:gochecknoglobals // a constant
	jsonRead = regexp.MustCompile(`(?m)^\t\t"(rows_read|bytes_read)": \d+`)
)

var errNoDocument = errors.New("join a result: the engine wrote it in another way than it should")

func (d *jsonObject) add(chunk []byte) error {
	data, end := bytes.Index(chunk, jsonData), bytes.LastIndex(chunk, jsonEnd)
	if data < 0 || end < data+len(jsonData) {
		return errNoDocument
	}
	data += len(jsonData)
	if !d.begun {
		if _, err := d.out.Write(chunk[:data]); err != nil {
			return err
		}
		d.begun = true
	}
	d.tail = append(d.tail[:0], chunk[end:]...)
	m := jsonRows.FindSubmatch(d.tail)
	if m == nil {
		return errNoDocument
	}
	n, err := strconv.ParseUint(string(m[1]), 10, 64)
	if err != nil || n == 0 {
		return err
	}
	d.count += n
	if d.rows {
		if _, err := d.out.Write([]byte(",\n")); err != nil {
			return err
		}
	}
	d.rows = true
	_, err = d.out.Write(chunk[data:end])
	return err
}

func (d *jsonObject) end(summary chdb.Summary) error {
	tail := jsonRows.ReplaceAll(d.tail, strconv.AppendUint([]byte("\t\"rows\": "), d.count, 10))
	tail = jsonRead.ReplaceAllFunc(tail, func(line []byte) []byte {
		read := summary.ReadRows
		if bytes.Contains(line, []byte("bytes")) {
			read = summary.ReadBytes
		}
		name, _, _ := bytes.Cut(line, []byte(": "))
		return strconv.AppendUint(append(bytes.Clone(name), ": "...), read, 10)
	})
	_, err := d.out.Write(tail)
	return err
}
