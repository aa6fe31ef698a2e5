package gateway

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// format is what the gateway knows of an output format.
type format struct {
	contentType string
	// streams is set when the documents of a format can be put one after the
	// other to make one document, once header has been cut from all but the
	// first.
	streams bool
	// header gives the length of the part that each document begins with.
	header func(document []byte) int
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
	lines := func(n int) func([]byte) int {
		return func(d []byte) int { return endOfLine(d, n) }
	}
	csv := func(n int) format {
		return format{"text/csv; charset=UTF-8; header=present", true, func(d []byte) int { return endOfRecord(d, n) }}
	}
	switch strings.ToLower(name) {
	case "native":
		return format{typeBinary, true, nil}
	case "rowbinary":
		return format{typeBinary, true, nil}
	case "rowbinarywithnames":
		return format{typeBinary, true, func(d []byte) int { return endOfNames(d, 1) }}
	case "rowbinarywithnamesandtypes":
		return format{typeBinary, true, func(d []byte) int { return endOfNames(d, 2) }}
	case "tsv", "tabseparated", "tsvraw", "tabseparatedraw", "raw":
		return format{typeTSV, true, nil}
	case "tsvwithnames", "tabseparatedwithnames":
		return format{typeTSV, true, lines(1)}
	case "tsvwithnamesandtypes", "tabseparatedwithnamesandtypes":
		return format{typeTSV, true, lines(2)}
	case "csv":
		return format{"text/csv; charset=UTF-8; header=absent", true, nil}
	case "csvwithnames":
		return csv(1)
	case "csvwithnamesandtypes":
		return csv(2)
	case "jsoneachrow", "jsonlines", "jsonl", "ndjson", "jsonstringseachrow", "jsoncompacteachrow", "jsoncompactstringseachrow":
		return format{typeLines, true, nil}
	case "jsoncompacteachrowwithnames", "jsoncompactstringseachrowwithnames":
		return format{typeLines, true, lines(1)}
	case "jsoncompacteachrowwithnamesandtypes", "jsoncompactstringseachrowwithnamesandtypes":
		return format{typeLines, true, lines(2)}
	case "tskv", "rawblob", "lineasstring":
		return format{typeText, true, nil}
	case "json", "jsoncompact", "jsonstrings", "jsoncompactstrings", "jsoncolumns", "jsoncolumnswithmetadata", "jsoncompactcolumns",
		"jsonobjecteachrow":
		return format{typeJSON, false, nil}
	case "parquet", "arrow", "arrowstream", "orc", "avro", "msgpack", "npy", "bsoneachrow", "protobuf", "capnproto":
		return format{typeBinary, false, nil}
	case "xml":
		return format{"application/xml; charset=UTF-8", false, nil}
	default:
		return format{typeText, false, nil}
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
