package campaign

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// watchedAccounts is how many Twitter accounts are on the watch list; all
// Telegram channels are.
const watchedAccounts = 12

// labels are the neutral labels of watched channels.
func (c *Campaign) labels() map[*Channel]string {
	labels := make(map[*Channel]string)
	for i, channel := range c.channels {
		labels[channel] = fmt.Sprintf("channel-%02d", i+1)
	}
	for i, account := range c.accounts[:min(watchedAccounts, len(c.accounts))] {
		labels[account] = fmt.Sprintf("account-%02d", i+1)
	}
	return labels
}

// family is the beginning of a watch list: the family with these sites.
func (c *Campaign) family(sites []string) string {
	var s strings.Builder
	s.WriteString("# The watch list of an invented campaign: every host, id and person is made up.\nfamilies:\n")
	s.WriteString("  - label: " + FamilyLabel + "\n    sensitive: false\n    sites:\n")
	for _, site := range sites {
		s.WriteString("      - " + site + "\n")
	}
	s.WriteString("    # Pages of every site that are no cards.\n    pages:\n")
	for _, path := range c.Pages() {
		s.WriteString("      - " + strconv.Quote(path) + "\n")
	}
	return s.String()
}

// WriteWatchlist writes the watch list of the campaign with these sites as
// YAML.
func (c *Campaign) WriteWatchlist(w io.Writer, sites []string) error {
	var s strings.Builder
	s.WriteString(c.family(sites))
	s.WriteString("channels:\n")
	labels := c.labels()
	for _, channels := range [][]*Channel{c.channels, c.accounts} {
		for _, channel := range channels {
			if label := labels[channel]; label != "" {
				fmt.Fprintf(&s, "  - label: %s\n    platform: %s\n    id: %q\n    reason: %s\n",
					label, channel.Platform, channel.ID, "posted cards in the demo campaign")
			}
		}
	}
	_, err := io.WriteString(w, s.String())
	return err
}
