package archive

import (
	"net/url"
	"strings"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// parseQuery reduces the address that twarc2 asked to what was asked: its path
// and its parameters, without those that only page through the answer, choose
// fields or bound the time. It also tells what sort of look that was.
func parseQuery(address string) (query string, selection doxtrailv1.Selection) {
	selection = doxtrailv1.Selection_SELECTION_CAPTURE
	if address == "" {
		return "", selection
	}
	u, err := url.Parse(address)
	if err != nil {
		return address, selection
	}
	switch {
	case strings.Contains(u.Path, "/sample"):
		selection = doxtrailv1.Selection_SELECTION_SAMPLE
	case strings.Contains(u.Path, "/search"):
		selection = doxtrailv1.Selection_SELECTION_SEARCH
	}
	values := u.Query()
	for name := range values {
		if isPaging(name) {
			values.Del(name)
		}
	}
	if len(values) == 0 {
		return u.Path, selection
	}
	return u.Path + "?" + values.Encode(), selection
}

// isPaging says whether a parameter leaves what is asked as it is. Lists of ids
// go too: they differ from page to page.
func isPaging(name string) bool {
	switch name {
	case "next_token", "pagination_token", "max_results", "expansions", "sort_order", "ids",
		"start_time", "end_time", "since_id", "until_id", "granularity", "backfill_minutes":
		return true
	default:
		return strings.HasSuffix(name, ".fields")
	}
}
