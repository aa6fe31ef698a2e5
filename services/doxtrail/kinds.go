package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/doxtrail/doxtrail/pkg/privacy/kinds"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// maxKindsLine bounds a line of text on standard input: no platform's posts are
// longer.
const maxKindsLine = 1 << 20

func newKinds() *cobra.Command {
	return &cobra.Command{
		Use:   "kinds",
		Short: "Show which kinds of personal data a text holds, and where",
		Long: `Reads text from standard input, a line at a time, and prints for each line one
line of JSON: its number, and of every value the kind, where it stands (offsets in
bytes of the line) and how sure that is (shape, likely or sure). For a line that the
rules cannot judge, as one in a script they do not know, it says so: nothing of such
a post would be kept but its length. Nothing is stored and no study is needed. No
value is printed; the offsets are worth as much to whoever has the text.`,
		Args: args(count(0, 0, "text comes from standard input only: the shell remembers what was typed")),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return printKinds(interruptible(cmd.Context(), cmd.InOrStdin()), cmd.OutOrStdout())
		},
	}
}

// shownKinds is what is said of one line: its kinds, or why there are none.
type shownKinds struct {
	Line  int         `json:"line"`
	Kinds []shownKind `json:"kinds,omitzero"`
	Error string      `json:"error,omitempty"`
}

type shownKind struct {
	Kind       string `json:"kind"`
	Start      int    `json:"start"`
	End        int    `json:"end"`
	Confidence string `json:"confidence"`
}

// printKinds judges each line of in by itself, as a post is.
func printKinds(in io.Reader, out io.Writer) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 0, copySize), maxKindsLine)
	w := bufio.NewWriter(out)
	recogniser := kinds.New()
	encoder := json.NewEncoder(w)
	var spans []kinds.Span
	for n := 1; lines.Scan(); n++ {
		shown := shownKinds{Line: n}
		var err error
		if spans, err = recogniser.Find(spans[:0], lines.Text()); err != nil {
			shown.Error = err.Error() // a class of this project: it holds nothing of the text
		} else {
			shown.Kinds = showKinds(spans)
		}
		if err := encoder.Encode(shown); err != nil {
			return err
		}
		if err := w.Flush(); err != nil { // whoever types sees the answer at once
			return err
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return fmt.Errorf("read text: a line is longer than %d KiB; break it where posts begin", maxKindsLine>>10)
	}
	return lines.Err()
}

func showKinds(spans []kinds.Span) []shownKind {
	list := make([]shownKind, 0, len(spans))
	for _, s := range spans {
		list = append(list, shownKind{kindWord(s.Kind), s.Start, s.End, s.Confidence.String()})
	}
	return list
}

// kindWord is a kind of personal data as tables show it.
func kindWord(kind doxtrailv1.PersonalDataKind) string {
	return strings.ToLower(strings.TrimPrefix(kind.String(), "PERSONAL_DATA_KIND_"))
}
