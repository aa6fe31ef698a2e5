package privacy

import (
	"bytes"
	"debug/elf"
	"strings"
	"sync"
)

// ProgramNames says of a name whether a function of the program in a file, or a file
// of its source code, bears it, as the Go runtime prints it in a trace. The table in
// which the runtime looks them up is read when the first name is asked about; of a file
// that has none, no name is known. It may be used by one goroutine at a time.
func ProgramNames(file string) func(name string) bool {
	table := sync.OnceValue(func() []byte { return runtimeTable(file) })
	known := map[string]bool{}
	return func(name string) bool {
		found, asked := known[name]
		if !asked {
			found = named(table(), name)
			known[name] = found
		}
		return found
	}
}

// runtimeTable is the part of a program that holds names of functions and files.
func runtimeTable(file string) []byte {
	program, err := elf.Open(file)
	if err != nil {
		return nil
	}
	defer func() { _ = program.Close() }()
	for _, section := range program.Sections {
		if strings.HasSuffix(section.Name, ".gopclntab") { // .data.rel.ro.gopclntab where code has no fixed place
			table, _ := section.Data() // what cannot be read has no names
			return table
		}
	}
	return nil
}

// named says whether a table, in which a zero byte follows each name, has a name.
func named(table []byte, name string) bool {
	if name == "panic" { // so the runtime calls its own function
		name = "runtime.gopanic"
	}
	if !strings.Contains(name, ".") { // all have a package, or an ending; bytes between others do not
		return false
	}
	// Types between brackets are not printed.
	before, after, generic := strings.Cut(name, "[...]")
	if !generic {
		return bytes.Contains(table, []byte("\x00"+name+"\x00"))
	}
	return bytes.Contains(table, []byte("\x00"+before+"[")) && bytes.Contains(table, []byte("]"+after+"\x00"))
}
