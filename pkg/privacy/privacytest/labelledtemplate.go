package privacytest

import (
	"embed"
	"fmt"
	"strings"
)

// The sentences lie beside the code, one a line under the headings of their
// language, cue or trap.
//
//go:embed labelled/*.txt
var labelledFiles embed.FS

// trapSlot is the slot of a template that takes any trap.
const trapSlot = "trap"

// template is a sentence with slots.
type template struct {
	pieces []piece
	// values is the number of slots that take personal data.
	values int
}

// piece is either words, which [expand] reads, or a slot.
type piece struct {
	words, slot string
	// alone asks for a form that is known without a cue.
	alone bool
}

// readSections reads a file of lines under headings in square brackets. Lines
// that begin with // are comments.
func readSections(name string) map[string][]string {
	content, err := labelledFiles.ReadFile("labelled/" + name + ".txt")
	if err != nil {
		panic(fmt.Sprintf("read %s of the generator: %v", name, err)) // it is part of the binary
	}
	sections := map[string][]string{}
	heading := ""
	for line := range strings.Lines(string(content)) {
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "" || strings.HasPrefix(line, "//"):
		case strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]"):
			heading = strings.Trim(line, "[]")
		default:
			sections[heading] = append(sections[heading], line)
		}
	}
	return sections
}

func readTemplates(name string) map[language][]template {
	all := map[language][]template{}
	for heading, lines := range readSections(name) {
		for _, line := range lines {
			all[language(heading)] = append(all[language(heading)], parseTemplate(line))
		}
	}
	return all
}

// parseTemplate reads slots as {phone}, and as {phone!} where no cue stands
// before them.
func parseTemplate(line string) template {
	var t template
	for line != "" {
		words, rest, found := strings.Cut(line, "{")
		if words != "" {
			t.pieces = append(t.pieces, piece{words: words})
		}
		if !found {
			break
		}
		slot, after, _ := strings.Cut(rest, "}")
		slot, alone := strings.CutSuffix(slot, "!")
		t.pieces = append(t.pieces, piece{slot: slot, alone: alone})
		if slot != trapSlot {
			t.values++
		}
		line = after
	}
	return t
}
