package store

import (
	"bytes"
	"io"
)

// jsonArray turns rows of JSON, one a line, into one array while they pass.
// ClickHouse can write the array itself, but only on a server: the embedded one
// writes a document for each stretch of a large result.
type jsonArray struct {
	to      io.Writer
	begun   bool // the array has a row
	between bool // a row has ended, and none has begun after it
}

// Write takes lines, cut anywhere.
func (a *jsonArray) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		line, after, ended := bytes.Cut(rest, []byte("\n"))
		if len(line) > 0 {
			var before string
			switch {
			case !a.begun:
				before = "[\n"
			case a.between:
				before = ",\n"
			}
			if _, err := io.WriteString(a.to, before); err != nil {
				return 0, err
			}
			if _, err := a.to.Write(line); err != nil {
				return 0, err
			}
			a.begun, a.between = true, false
		}
		a.between = a.between || ended
		rest = after
	}
	return len(p), nil
}

// end closes the array; without rows it is an empty one.
func (a *jsonArray) end() error {
	text := "\n]\n"
	if !a.begun {
		text = "[]\n"
	}
	_, err := io.WriteString(a.to, text)
	return err
}
