package gateway

import (
	"bytes"
	"encoding/binary"
	"io"
	"strings"
)

// format is what the gateway knows of an output format.
type format struct {
	contentType string
	// streams is set when one document can be made of several.
	streams bool
	// header gives the length of the part that each document begins with, which
	// lines cuts off all but the first.
	header func(document []byte) int
	// object is set when a document is one JSON object with a list of rows.
	object bool
}

// document makes what joins the chunks of a result.
func (f *format) document(out io.Writer) document {
	if f.object {
		return &jsonObject{out: out}
	}
	return &lines{out: out, header: f.header}
}

const (
	typeText   = "text/plain; charset=UTF-8"
	typeTSV    = "text/tab-separated-values; charset=UTF-8"
	typeJSON   = "application/json; charset=UTF-8"
	typeLines  = "application/x-ndjson; charset=UTF-8"
	typeBinary = "application/octet-stream"
)

// formatOf looks a format up; names are as ClickHouse writes them, in any case.
// One that is not listed is built whole, which is right for every format.
func formatOf(name string) format {
	afterLines := func(n int) func([]byte) int {
		return func(d []byte) int { return endOfLine(d, n) }
	}
	csv := func(n int) format {
		return format{contentType: "text/csv; charset=UTF-8; header=present", streams: true, header: func(d []byte) int { return endOfRecord(d, n) }}
	}
	switch strings.ToLower(name) {
	case "native":
		return format{contentType: typeBinary, streams: true}
	case "rowbinary":
		return format{contentType: typeBinary, streams: true}
	case "rowbinarywithnames":
		return format{contentType: typeBinary, streams: true, header: func(d []byte) int { return endOfNames(d, 1) }}
	case "rowbinarywithnamesandtypes":
		return format{contentType: typeBinary, streams: true, header: func(d []byte) int { return endOfNames(d, 2) }}
	case "tsv", "tabseparated", "tsvraw", "tabseparatedraw", "raw":
		return format{contentType: typeTSV, streams: true}
	case "tsvwithnames", "tabseparatedwithnames":
		return format{contentType: typeTSV, streams: true, header: afterLines(1)}
	case "tsvwithnamesandtypes", "tabseparatedwithnamesandtypes":
		return format{contentType: typeTSV, streams: true, header: afterLines(2)}
	case "csv":
		return format{contentType: "text/csv; charset=UTF-8; header=absent", streams: true}
	case "csvwithnames":
		return csv(1)
	case "csvwithnamesandtypes":
		return csv(2)
	case "jsoneachrow", "jsonlines", "jsonl", "ndjson", "jsonstringseachrow", "jsoncompacteachrow", "jsoncompactstringseachrow":
		return format{contentType: typeLines, streams: true}
	case "jsoncompacteachrowwithnames", "jsoncompactstringseachrowwithnames":
		return format{contentType: typeLines, streams: true, header: afterLines(1)}
	case "jsoncompacteachrowwithnamesandtypes", "jsoncompactstringseachrowwithnamesandtypes":
		return format{contentType: typeLines, streams: true, header: afterLines(2)}
	case "tskv", "rawblob", "lineasstring":
		return format{contentType: typeText, streams: true}
	case "json", "jsoncompact", "jsonstrings", "jsoncompactstrings":
		return format{contentType: typeJSON, streams: true, object: true}
	case "jsoncolumns", "jsoncolumnswithmetadata", "jsoncompactcolumns",
		"jsonobjecteachrow":
		return format{contentType: typeJSON}
	case "parquet", "arrow", "arrowstream", "orc", "avro", "msgpack", "npy", "bsoneachrow", "protobuf", "capnproto":
		return format{contentType: typeBinary}
	case "xml":
		return format{contentType: "application/xml; charset=UTF-8"}
	default:
		return format{contentType: typeText}
	}
}

// endOfLine finds the end of the nth line. Names in these formats have their
// line ends escaped.
func endOfLine(d []byte, n int) int {
	end := 0
	for range n {
		i := bytes.IndexByte(d[end:], '\n')
		if i < 0 {
			return len(d)
		}
		end += i + 1
	}
	return end
}

// endOfRecord finds the end of the nth CSV record; a line end within quotes
// does not count.
func endOfRecord(d []byte, n int) int {
	quoted := false
	for i, c := range d {
		switch {
		case c == '"':
			quoted = !quoted
		case c == '\n' && !quoted:
			if n--; n == 0 {
				return i + 1
			}
		}
	}
	return len(d)
}

// endOfNames finds the end of the header of RowBinary: a count, then that many
// strings, once or twice.
func endOfNames(d []byte, times int) int {
	count, at := binary.Uvarint(d)
	if at <= 0 {
		return len(d)
	}
	for range count * uint64(times) {
		length, n := binary.Uvarint(d[at:])
		if n <= 0 || length > uint64(len(d)-at-n) {
			return len(d)
		}
		at += n + int(length)
	}
	return at
}

func isNative(name string) bool { return strings.EqualFold(name, "Native") }
