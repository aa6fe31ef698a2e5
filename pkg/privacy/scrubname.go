package privacy

import (
	"net/netip"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// isPath tells a file path or a page from a fraction, a media type, and our own
// health pages and import paths.
func isPath(piece string) bool {
	switch piece {
	case "/", "/livez", "/readyz", "/metrics":
		return false
	}
	first, rest, _ := strings.Cut(piece, "/")
	switch first {
	case "text", "application", "image", "video", "audio", "multipart":
		return !isName(rest) || strings.Contains(rest, "/")
	case "github.com":
		return !strings.HasPrefix(rest, "doxtrail/doxtrail/")
	}
	return !isPlainWord(first) || !isPlainWord(rest)
}

// isPlainWord accepts letters only, or digits only.
func isPlainWord(s string) bool {
	letters, digits := 0, 0
	for i := range len(s) {
		switch {
		case isLetter(s[i]):
			letters++
		case isDigit(s[i]):
			digits++
		default:
			return false
		}
	}
	return len(s) > 0 && (letters == 0 || digits == 0)
}

// isName accepts letters, digits and what joins them in names of our own.
func isName(s string) bool {
	for i := range len(s) {
		if !isAlnum(s[i]) && !strings.Contains("-_.+*>$", s[i:i+1]) {
			return false
		}
	}
	return s != ""
}

// isSource accepts a Go source file, as stack traces and panics name them.
func isSource(piece string) bool {
	name, ok := strings.CutSuffix(piece, ".go")
	return ok && isName(strings.ReplaceAll(name, "/", ""))
}

// isHostOrFile tells a host, an IP address or a file name from numbers,
// versions, subjects, tables, Go types and configuration keys, which have dots
// too.
func isHostOrFile(piece, before, after string) bool {
	if !isName(piece) {
		return true
	}
	labels := strings.Split(strings.TrimPrefix(piece, "*"), ".")
	last := strings.ToLower(labels[len(labels)-1])
	switch {
	case isNumeric(labels):
		addr, err := netip.ParseAddr(piece)
		return err == nil && !isLocal(addr) && !isVersion(before, after)
	case strings.HasPrefix(piece, "doxtrail.v"), strings.HasPrefix(piece, "$JS."), isGoType(labels), isOwnFile(piece):
		return false
	case isSingleLetters(labels):
		return false
	case isFileExtension(last), isReservedName(last):
		return true
	}
	_, icann := publicsuffix.PublicSuffix(last)
	return icann
}

func isNumeric(labels []string) bool {
	for i, label := range labels {
		if i == 0 {
			label = strings.TrimPrefix(label, "v")
		}
		if label == "" || !isDigit(label[0]) {
			return false
		}
	}
	return true
}

// isVersion says by what stands around it that four numbers are a version. An
// address has a port behind it, or a verb of the network before.
func isVersion(before, after string) bool {
	if strings.HasPrefix(after, ":") && len(after) > 1 && isDigit(after[1]) {
		return false
	}
	switch strings.ToLower(lastWord(before)) {
	case "version", "clickhouse", "release":
		return true
	}
	return false
}

// isGoType accepts the type names that fmt prints for %T, which classes of
// errors and panics are made of: a package, and an identifier in mixed case.
func isGoType(labels []string) bool {
	if len(labels) != 2 || labels[0] == "" || labels[0] != strings.ToLower(labels[0]) {
		return false
	}
	name := labels[1]
	lower, mixed := 0, false
	for i := range len(name) {
		switch {
		case 'a' <= name[i] && name[i] <= 'z':
			lower++
		case i > 0 && 'A' <= name[i] && name[i] <= 'Z' && lower > 0:
			mixed = true
		case !isAlnum(name[i]):
			return false
		}
	}
	return name != "" && (mixed || 'A' <= name[0] && name[0] <= 'Z' && lower > 2)
}

func isSingleLetters(labels []string) bool {
	for _, label := range labels {
		if len(label) > 1 {
			return false
		}
	}
	return true
}

func isOwnFile(piece string) bool {
	switch piece {
	case "doxtrail.yaml", "watchlist.yaml", "run.json", "ring.json", "study.json":
		return true
	}
	return false
}

// isFileExtension knows what archives, pages, pictures and tables end in.
func isFileExtension(label string) bool {
	switch label {
	case "json", "jsonl", "ndjson", "html", "htm", "xhtml", "mhtml", "php", "csv", "tsv", "txt", "xml", "yaml", "yml",
		"gz", "bz2", "xz", "zst", "tar", "tgz", "7z", "rar", "warc", "har", "pdf", "doc", "docx", "xls", "xlsx", "odt",
		"jpg", "jpeg", "png", "gif", "webp", "heic", "mp4", "mp3", "ogg", "webm", "db", "sqlite", "parquet", "gexf", "part", "tmp":
		return true
	}
	return false
}

// isReservedName knows the endings of hosts that no registry gives out.
func isReservedName(label string) bool {
	switch label {
	case "example", "test", "invalid", "onion", "local", "localhost", "internal", "lan", "home", "corp", "arpa":
		return true
	}
	return false
}
