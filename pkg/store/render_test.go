package store

import "testing"

func TestRender(t *testing.T) {
	embedded := names{Tables: "doxtrail", Research: "research", Role: "reader", layout: LayoutEmbedded}
	server := embedded
	server.layout = LayoutServer
	for name, tc := range map[string]struct{ text, embedded, server string }{
		"no action":        {" SELECT 1 \n", "SELECT 1", "SELECT 1"},
		"names":            {"{{.Tables}}.posts AS {{ .Research }}", "doxtrail.posts AS research", "doxtrail.posts AS research"},
		"an argument":      {`ENGINE = {{.Engine "Merge(version)"}};`, "ENGINE = Merge(version);", "ENGINE = Merge(version);"},
		"for servers":      {"a{{- if .Server -}}\n b {{.Role}} \n{{- end -}}\nc", "ac", "ab readerc"},
		"without trimming": {"a{{if .Server}} b {{end}}c", "ac", "a b c"},
	} {
		for layout, want := range map[names]string{embedded: tc.embedded, server: tc.server} {
			if got, err := layout.render(name, tc.text); err != nil || got != want {
				t.Errorf("%s: %q, %v, want %q", name, got, err, want)
			}
		}
	}
	for _, text := range []string{"{{", "{{}}", "{{.Nothing}}", "{{.Tables", `{{.Engine}}`, `{{.Engine Merge}}`, `{{.Tables "x"}}`, "{{if .Other}}"} {
		if got, err := embedded.render("faulty", text); err == nil {
			t.Errorf("%s gives %q", text, got)
		}
	}
}
