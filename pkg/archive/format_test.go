package archive

import "testing"

func TestParseFormat(t *testing.T) {
	for _, name := range FormatNames() {
		format, err := ParseFormat(name)
		if err != nil || (format == formatUnknown) != (name == "auto") {
			t.Errorf("%s: %v, %v", name, format, err)
		}
	}
	if _, err := ParseFormat("result.json"); err == nil {
		t.Error("took an unknown name")
	}
}
