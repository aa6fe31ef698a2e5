package normaliser

import (
	"slices"

	"github.com/doxtrail/doxtrail/pkg/privacy/kinds"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// textRead is what is kept of what a text says: how much personal data of each kind
// is in it, and which signals.
type textRead struct {
	personal []*doxtrailv1.PersonalData
	signals  []doxtrailv1.PostFlag
	// unread says that the text could not be read safely. Then nothing that follows
	// from it may be kept but its length: where personal data is not recognised,
	// nobody can say what a link or a likeness gives away.
	unread bool
}

// readText looks for personal data and signals.
func (c *converter) readText(text string) textRead {
	if text == "" {
		return textRead{}
	}
	spans, err := c.recogniser.Find(c.spans[:0], text)
	if err != nil {
		return textRead{unread: true}
	}
	c.spans = spans
	return textRead{personal: kinds.Count(spans), signals: c.signals.Find(text)}
}

// flags are those of the post.
func (t textRead) flags() []doxtrailv1.PostFlag {
	if t.unread {
		return []doxtrailv1.PostFlag{doxtrailv1.PostFlag_POST_FLAG_TEXT_UNREAD}
	}
	return t.signals
}

// mostOf gives of each kind the larger count: what the platform marked, and what was
// found in the text, are mostly the same.
func mostOf(marked, found []*doxtrailv1.PersonalData) []*doxtrailv1.PersonalData {
	if len(found) == 0 {
		return marked
	}
	for _, m := range marked {
		i := slices.IndexFunc(found, func(f *doxtrailv1.PersonalData) bool { return f.GetKind() == m.GetKind() })
		switch {
		case i < 0:
			found = append(found, m)
		case found[i].GetCount() < m.GetCount():
			found[i].SetCount(m.GetCount())
		}
	}
	return found
}
