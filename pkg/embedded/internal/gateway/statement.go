package gateway

import "strings"

// statement is what the gateway must know of a text before the engine sees it.
// It is no parser: the engine judges the text itself, and the gateway errs on
// the side of refusing.
type statement struct {
	keyword  string // the first word, in capitals
	format   string // of the FORMAT clause, "" without one
	multiple bool   // more than one statement
	outfile  bool   // INTO OUTFILE, which only a client may do
	infile   bool   // FROM INFILE
	apart    bool   // a word of isApart is in it: totals, for instance
	// For an INSERT with rows: the text before VALUES or FORMAT, and where
	// the rows begin.
	rows     bool
	head     string
	rowsFrom int
}

// read looks through a text.
func read(sql string) statement {
	s := statement{}
	var previous, word string
	var ended bool
	depth := 0
	l := lexer{text: sql}
	for l.next() {
		if ended {
			s.multiple = true
			return s
		}
		if l.kind == tokenSemicolon {
			ended = true
			continue
		}
		word = ""
		switch {
		case l.kind == tokenWord:
			word = strings.ToUpper(l.token())
		case l.token() == "(":
			depth++
		case l.token() == ")":
			depth--
		}
		if s.keyword == "" && word != "" {
			s.keyword = word
		}
		s.apart = s.apart || isApart(word)
		s.outfile = s.outfile || previous == "INTO" && word == "OUTFILE"
		s.infile = s.infile || previous == "FROM" && word == "INFILE"
		switch {
		case depth != 0:
		case s.keyword == "INSERT" && s.insertAt(&l, previous, word):
			return s
		}
		previous = word
	}
	s.format = formatClause(sql)
	return s
}

// insertAt looks for the end of an INSERT's head. It is true when the rest of
// the text is no more to be read.
func (s *statement) insertAt(l *lexer, previous, word string) bool {
	switch {
	case word == "SELECT" || word == "WITH":
		// INSERT SELECT has no rows in the request; the rest is a SELECT.
		s.keyword = "INSERT SELECT"
	case word == "VALUES" && previous != "INTO" && previous != "TABLE":
		s.rows, s.format, s.head, s.rowsFrom = true, "Values", l.text[:l.start], l.end
		return true
	case previous == "FORMAT" && word != "":
		s.rows, s.format = true, l.token()
		s.head, s.rowsFrom = l.text[:l.before], afterFormat(l.text, l.end)
		return true
	}
	return false
}

// afterFormat skips what ClickHouse skips between the name of a format and the
// rows: blanks, one semicolon, one line end. Rows of a binary format may begin
// with a byte that looks like a blank, so not more than that.
func afterFormat(text string, i int) int {
	for i < len(text) && strings.IndexByte(" \t\f", text[i]) >= 0 {
		i++
	}
	if i < len(text) && text[i] == ';' {
		i++
	}
	if i < len(text) && text[i] == '\r' {
		i++
	}
	if i < len(text) && text[i] == '\n' {
		i++
	}
	return i
}
