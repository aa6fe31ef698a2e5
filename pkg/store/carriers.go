package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/doxtrail/doxtrail/pkg/privacy"
)

// CarriersOf gives the pages by which posts lead to some pages: an archive's copy, a
// translation, a redirector, each as the card of its own that a page elsewhere is. The
// address of one holds that of the page that it leads to. Of a post with several of
// them all are meant: rows do not say which carries what.
func (s *Store) CarriersOf(ctx context.Context, pages []CardPage) (carriers []CardPage, err error) {
	known := map[CardPage]bool{}
	for some := range slices.Chunk(pages, listedAtOnce) {
		var at []string
		for _, p := range some {
			at = append(at, "('"+p.Path.String()+"', '"+p.Site.String()+"')")
		}
		pairs := strings.Join(at, ", ")
		var rows []struct {
			Site uuid.UUID `ch:"site_key"`
			Path uuid.UUID `ch:"path_key"`
		}
		sql := fmt.Sprintf(`SELECT DISTINCT site_key, path_key FROM %[1]s.links WHERE role = 'carrier' AND post_key IN
    (SELECT post_key FROM %[1]s.links WHERE role = 'embedded' AND %[2]s)`, s.cfg.Tables, anyOf(in("(path_key, host_key)", pairs), in("(path_key, site_key)", pairs)))
		if err := s.server.Select(longStatements(ctx), &rows, sql); err != nil {
			return nil, wrap("find what leads to what is erased", err)
		}
		for _, row := range rows {
			site, path := privacy.Key(row.Site), privacy.Key(row.Path)
			page := CardPage{Card: CardKey(site.String(), path), Path: path, Site: site}
			if !known[page] {
				known[page] = true
				carriers = append(carriers, page)
			}
		}
	}
	return carriers, nil
}
