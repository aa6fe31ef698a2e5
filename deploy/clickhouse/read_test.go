package clickhouse

import (
	"encoding/xml"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/store/storetest"
)

// element is one element of XML with what is in it.
type element struct {
	XMLName  xml.Name
	Remove   string    `xml:"remove,attr"`
	Text     string    `xml:",chardata"`
	Elements []element `xml:",any"`
}

func (e *element) name() string { return e.XMLName.Local }
func (e *element) text() string { return strings.TrimSpace(e.Text) }

// at follows a path of names; an empty element if there is none.
func (e *element) at(path ...string) *element {
	for _, name := range path {
		i := slices.IndexFunc(e.Elements, func(c element) bool { return c.name() == name })
		if i < 0 {
			return &element{}
		}
		e = &e.Elements[i]
	}
	return e
}

func read(t *testing.T, path string) *element {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	root := &element{}
	if err := xml.Unmarshal(b, root); err != nil || root.name() != "clickhouse" {
		t.Fatalf("%s is no configuration of ClickHouse: %v", path, err)
	}
	return root
}

func server(t *testing.T) *element { t.Helper(); return read(t, "config.d/doxtrail.xml") }
func users(t *testing.T) *element  { t.Helper(); return read(t, "users.d/doxtrail.xml") }

// ask asks the embedded engine, and tells whether it took the statement.
func ask(t *testing.T, query string) (answer string, ok bool) {
	t.Helper()
	at := storetest.Config(t)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, at.URL, strings.NewReader(query))
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth(at.User, at.Password)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(b)), response.StatusCode == http.StatusOK
}

// column asks for one column of text.
func column(t *testing.T, query string) []string {
	t.Helper()
	answer, ok := ask(t, query)
	if !ok || answer == "" {
		t.Fatalf("%s: %s", query, answer)
	}
	return strings.Split(answer, "\n")
}
