package archive

import (
	"fmt"
	"strings"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// FormatNames are the names that ParseFormat knows.
func FormatNames() []string { return []string{"auto", "telegram-desktop", "twarc2"} }

// ParseFormat gives the format of a name as it is used on the command line;
// "auto" and nothing leave it to the content.
func ParseFormat(name string) (doxtrailv1.ArchiveFormat, error) {
	switch name {
	case "", "auto":
		return formatUnknown, nil
	case "telegram-desktop":
		return formatTelegram, nil
	case "twarc2":
		return formatTwarc2, nil
	default:
		return formatUnknown, fmt.Errorf("unknown format: it is one of %s", strings.Join(FormatNames(), ", "))
	}
}
