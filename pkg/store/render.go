package store

import (
	"fmt"
	"strings"
)

// render fills in the template of a migration. It knows the names of a layout,
// {{.Tables}}, {{.Engine "MergeTree"}}, {{absent "column"}}, {{resolved "column"}},
// and {{- if .Server -}} … {{- end -}} around what is for servers alone: what the
// migrations use of text/template's language. That package itself calls methods by
// name, and a program that holds it cannot leave out any method of any type: the
// command would be twice as large.
func (n names) render(name, text string) (string, error) {
	var b strings.Builder
	left := false // inside an if that is not true
	for rest := text; ; {
		before, action, after, err := nextAction(rest)
		if err != nil {
			return "", fmt.Errorf("parse migration %s: %w", name, err)
		}
		if !left {
			b.WriteString(before)
		}
		switch action {
		case "":
			return strings.TrimSpace(b.String()), nil
		case "if .Server":
			left = !n.Server()
		case "end":
			left = false
		default:
			value, err := n.value(action)
			if err != nil {
				return "", fmt.Errorf("render migration %s: %w", name, err)
			}
			if !left {
				b.WriteString(value)
			}
		}
		rest = after
	}
}

// nextAction cuts a template at its next {{action}}, empty if there is none. A
// hyphen inside the braces takes the white space beside them away.
func nextAction(text string) (before, action, after string, err error) {
	before, rest, found := strings.Cut(text, "{{")
	if !found {
		return before, "", "", nil
	}
	action, after, closed := strings.Cut(rest, "}}")
	if !closed {
		return "", "", "", fmt.Errorf("%q is not closed", "{{")
	}
	if inner, trims := strings.CutPrefix(action, "-"); trims {
		action, before = inner, strings.TrimRight(before, " \t\r\n")
	}
	if inner, trims := strings.CutSuffix(action, "-"); trims {
		action, after = inner, strings.TrimLeft(after, " \t\r\n")
	}
	if action = strings.TrimSpace(action); action == "" {
		return "", "", "", fmt.Errorf("%q is empty", "{{}}")
	}
	return before, action, after, nil
}

// value is what stands in the place of an action.
func (n names) value(action string) (string, error) {
	word, quoted, given := strings.Cut(action, " ")
	argument := strings.Trim(quoted, `"`)
	if given && `"`+argument+`"` != quoted {
		return "", fmt.Errorf("%s takes one text in quotes", word)
	}
	switch {
	case word == ".Tables" && !given:
		return n.Tables, nil
	case word == ".Research" && !given:
		return n.Research, nil
	case word == ".Role" && !given:
		return n.Role, nil
	case word == ".OnCluster" && !given:
		return n.OnCluster(), nil
	case word == ".Security" && !given:
		return n.Security(), nil
	case word == ".Settings" && !given:
		return n.Settings(), nil
	case word == ".Engine" && given:
		return n.Engine(argument), nil
	case word == "absent" && given: // turns a key of zeros into NULL
		return fmt.Sprintf("nullIf(%s, %s)", argument, noKey), nil
	case word == "resolved" && given:
		// The key that counts: that of the joined alias, if any. It holds whether
		// or not the session has join_use_nulls.
		return fmt.Sprintf("coalesce(nullIf(alias.channel_key, %s), %s)", noKey, argument), nil
	}
	return "", fmt.Errorf("there is no %s, or not so", word)
}
