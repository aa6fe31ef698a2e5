//go:build ignore

// Writes suffixes.txt: the table of golang.org/x/net/publicsuffix as a list, because
// that package answers questions about a name and lists none. Run it with `go generate`
// when golang.org/x/net is upgraded; a test says when.
package main

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// table is the package's, see table.go there: a node has 40 bits (7 unused, 10 for its
// children, 1 for ICANN, 16 and 6 for where its label stands in text), children have
// 32 (1 unused, wildcard, 2 for the type, 14 and 14 for the nodes' range).
type table struct {
	text            string
	nodes, children []byte
	icann, private  []string
}

const parentOnly, exception = 2, 1

func main() {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/net").Output()
	if err != nil {
		log.Fatal(err)
	}
	at := filepath.Join(strings.TrimSpace(string(dir)), "publicsuffix")
	t := table{text: string(read(at, "data/text")), nodes: read(at, "data/nodes"), children: read(at, "data/children")}
	top := regexp.MustCompile(`numTLD = (\d+)`).FindSubmatch(read(at, "table.go"))
	if top == nil {
		log.Fatal("the table has another form")
	}
	var n uint32
	fmt.Sscan(string(top[1]), &n)
	t.walk(0, n, "")

	var out bytes.Buffer
	fmt.Fprintf(&out, "# Public suffixes, wildcard rules left out. Facts of %s,\n", publicsuffix.List)
	fmt.Fprintln(&out, "# which is under the Mozilla Public License 2.0, https://mozilla.org/MPL/2.0/, and so is this file.")
	fmt.Fprintln(&out, "# Written by suffixes_gen.go.")
	for _, list := range [][]string{t.icann, t.private} {
		slices.SortFunc(list, func(a, b string) int {
			return cmp.Or(cmp.Compare(strings.Count(a, "."), strings.Count(b, ".")), strings.Compare(a, b))
		})
		fmt.Fprintln(&out, strings.Join(list, "\n"))
	}
	if err := os.WriteFile("suffixes.txt", out.Bytes(), 0o644); err != nil {
		log.Fatal(err)
	}
}

func read(dir, name string) []byte {
	content, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		log.Fatal(err)
	}
	return content
}

// walk lists the suffixes among the nodes from lo to hi, and below them.
func (t *table) walk(lo, hi uint32, below string) {
	for ; lo < hi; lo++ {
		node := binary.BigEndian.Uint64(append(make([]byte, 3), t.nodes[lo*5:lo*5+5]...))
		offset, length := node>>6&(1<<16-1), node&(1<<6-1)
		name := t.text[offset:offset+length] + below
		icann := node>>22&1 != 0
		index := uint32(node>>23) & (1<<10 - 1)
		children := binary.BigEndian.Uint32(t.children[index*4:])
		switch kind := children >> 28 & 3; {
		case kind == parentOnly, kind == exception:
		case icann:
			t.icann = append(t.icann, name)
		default:
			t.private = append(t.private, name)
		}
		t.walk(children&(1<<14-1), children>>14&(1<<14-1), "."+name)
	}
}
