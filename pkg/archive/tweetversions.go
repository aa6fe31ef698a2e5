package archive

import "github.com/go-faster/jx"

// maxVersions is how many versions of a post are read; the platform allows six.
const maxVersions = 100

// readHistory reads the ids of a post's versions and passes over what is no id.
func (t *tweet) readHistory(d *jx.Decoder) error {
	return elements(d, func(d *jx.Decoder) error {
		id, err := token(d)
		if isID(id) && len(t.versions) < maxVersions {
			t.versions = append(t.versions, id)
		}
		return err
	})
}

// versionIDs copies the ids of a post's versions, first to last. The first is the
// post's identity, and id, the version at hand, is always there.
func versionIDs(tw *tweet, id string) []string {
	ids, here := make([]string, 0, len(tw.versions)+1), false
	for _, version := range tw.versions {
		if string(version) == id {
			ids, here = append(ids, id), true
		} else {
			ids = append(ids, string(version))
		}
	}
	if !here {
		ids = append(ids, id)
	}
	return ids
}
