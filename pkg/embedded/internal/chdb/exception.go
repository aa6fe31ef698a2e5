package chdb

import (
	"regexp"
	"strconv"
	"strings"
)

// Codes of ClickHouse that are told apart or made here.
const (
	CodeBadArguments        = 36
	CodeNotImplemented      = 48
	CodeSyntaxError         = 62
	CodeUnknownSetting      = 115
	CodeReadOnly            = 164
	CodeNetworkError        = 210
	CodeQueryTooLarge       = 229
	CodeQueryWasCancelled   = 394
	CodeConstraintViolation = 452
	CodeAccessDenied        = 497
	CodeAuthFailed          = 516
	CodeUnknownException    = 1002
)

// Exception is an error of the engine, in its own words. Those words quote the
// statement, so they are for the client that sent it and never for a log.
type Exception struct {
	// Code is ClickHouse's number, for instance 62.
	Code int
	// Name is ClickHouse's name of the code, for instance SYNTAX_ERROR.
	Name string
	// Text is the whole message: `Code: 62. DB::Exception: ... (SYNTAX_ERROR)`.
	Text string
}

// Error gives the code and its name only, because errors are logged.
func (e *Exception) Error() string {
	return "run a statement in the embedded ClickHouse: code " + strconv.Itoa(e.Code) + " (" + e.Name + ")"
}

// NewException makes an exception in ClickHouse's form.
func NewException(code int, name, message string) *Exception {
	return &Exception{
		Code: code, Name: name,
		Text: "Code: " + strconv.Itoa(code) + ". DB::Exception: " + message + " (" + name + ")",
	}
}

// parseException reads the engine's message. It wraps some in one or two layers
// of `Code: 164. DB::Exception: `, of which one is kept. An inner layer with
// another code is not unwrapped: it may be text that the statement chose.
func parseException(text string) *Exception {
	text = strings.TrimRight(text, "\r\n ")
	text = regexp.MustCompile(` \(version [0-9.]+\)`).ReplaceAllString(text, "")
	e := &Exception{Code: CodeUnknownException, Name: "UNKNOWN_EXCEPTION", Text: text}
	prefix := regexp.MustCompile(`^Code: (\d+)\. DB::[A-Za-z]*Exception: `)
	for {
		m := prefix.FindStringSubmatchIndex(text)
		if m == nil {
			break
		}
		code, err := strconv.Atoi(text[m[2]:m[3]])
		if err != nil || e.Code != CodeUnknownException && e.Code != code {
			break
		}
		e.Code, e.Text = code, text
		text = text[m[1]:]
	}
	names := regexp.MustCompile(`\(([A-Z][A-Z0-9_]+)\)`).FindAllStringSubmatch(e.Text, -1)
	if len(names) > 0 {
		e.Name = names[len(names)-1][1]
	}
	if e.Code == CodeUnknownException && !strings.HasPrefix(e.Text, "Code: ") {
		e.Text = NewException(e.Code, e.Name, e.Text).Text
	}
	return e
}
