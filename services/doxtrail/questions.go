package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// questions asks a person at a terminal. Elsewhere it takes the answers from
// standard input, a line each, and shows no question. So what may name somebody is
// never an argument, which shells and `ps` would show.
type questions struct {
	in *bufio.Reader
	to io.Writer
}

// longestAnswers bounds what is read of standard input.
const longestAnswers = 16 << 10

func newQuestions(ctx context.Context, cmd *cobra.Command) *questions {
	q := &questions{in: bufio.NewReader(io.LimitReader(interruptible(ctx, cmd.InOrStdin()), longestAnswers)), to: io.Discard}
	if in, ok := cmd.InOrStdin().(*os.File); ok && term.IsTerminal(int(in.Fd())) {
		q.to = cmd.ErrOrStderr()
	}
	return q
}

// line gives the answer to a question, which has to have one.
func (q *questions) line(question string) (string, error) {
	fmt.Fprint(q.to, question+" ")
	answer, err := q.in.ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	if answer = strings.TrimSpace(answer); answer == "" {
		return "", wrongUse(fmt.Errorf("there was no answer to %q, so nothing was decided", question))
	}
	return answer, nil
}

// yes says whether the answer to a question is yes.
func (q *questions) yes(question string) (bool, error) {
	answer, err := q.line(question + " [y/n]")
	if err != nil {
		return false, err
	}
	switch strings.ToLower(answer) {
	case "y", "yes":
		return true, nil
	case "n", "no":
		return false, nil
	}
	return false, wrongUse(fmt.Errorf("the answer to %q must be y or n, so nothing was decided", question))
}
