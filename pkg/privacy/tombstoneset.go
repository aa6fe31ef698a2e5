package privacy

import (
	"maps"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// Verdict says what becomes of a record.
type Verdict int

const (
	// Stays says that nothing in the record was erased.
	Stays Verdict = iota
	// Unsure says that the record is a link with the path of an erased card, at a site
	// that was not known to show it. Whether it is the card says the list of sites, which the
	// tables have: the record may be stored, and is looked at there.
	Unsure
	// Goes says that the record is about something that was erased.
	Goes
)

// TombstoneSet is the tombstones of one moment. It does not change; any number of
// goroutines may ask it.
type TombstoneSet struct {
	keys  map[Key]struct{}
	pages map[[2]Key]struct{} // path and site
	paths map[Key]struct{}
}

// NewTombstoneSet makes the set of a list.
func NewTombstoneSet(list []Tombstone) *TombstoneSet { return (&TombstoneSet{}).with(list) }

// with is the set with more in it.
func (s *TombstoneSet) with(list []Tombstone) *TombstoneSet {
	n := &TombstoneSet{keys: maps.Clone(s.keys), pages: maps.Clone(s.pages), paths: maps.Clone(s.paths)}
	if n.keys == nil {
		n.keys, n.pages, n.paths = map[Key]struct{}{}, map[[2]Key]struct{}{}, map[Key]struct{}{}
	}
	for _, t := range list {
		n.keys[t.Target] = struct{}{}
		if !t.Part.IsZero() {
			n.keys[t.Part] = struct{}{}
		}
		if !t.Site.IsZero() {
			n.pages[[2]Key{t.Path, t.Site}] = struct{}{}
			n.paths[t.Path] = struct{}{}
		}
	}
	return n
}

// Empty reports whether nothing was erased.
func (s *TombstoneSet) Empty() bool { return len(s.keys) == 0 }

// Has reports whether one of the keys was erased: of a post, a channel, an account.
func (s *TombstoneSet) Has(keys ...Key) bool {
	for _, key := range keys {
		if _, erased := s.keys[key]; erased {
			return true
		}
	}
	return false
}

// Judge says what becomes of an encoded record of a kind, as the kinds stand in
// subjects and tables. Of what is not known to hold keys of posts, channels or
// cards it says that it stays, and so of a record that cannot be read: whoever
// stores it finds that out.
//
// An account is only named in a post: its links and shares go by the key of the
// post. Coverage, channel aliases, sites and decisions stay; see pkg/store.
func (s *TombstoneSet) Judge(kind string, record []byte) Verdict {
	fields := fieldsOf(kind)
	if s.Empty() || fields == nil {
		return Stays
	}
	var host, site, path Key
	for len(record) > 0 {
		number, wire, n := protowire.ConsumeTag(record)
		if n < 0 {
			return Stays
		}
		record = record[n:]
		if n = protowire.ConsumeFieldValue(number, wire, record); n < 0 {
			return Stays
		}
		value := record[:n]
		record = record[n:]
		if wire != protowire.BytesType || n != KeySize+1 { // the length, then the key
			continue
		}
		key := Key(value[1:])
		switch number {
		case fields.host:
			host = key
		case fields.site:
			site = key
		case fields.path:
			path = key
		}
		if _, erased := s.keys[key]; erased && fields.keys[number] {
			return Goes
		}
	}
	return s.page(fields, host, site, path)
}

// page judges a record by the page that it names, if it names one.
func (s *TombstoneSet) page(fields *keyFields, host, site, path Key) Verdict {
	if _, erased := s.paths[path]; !erased {
		return Stays
	}
	if fields.host == 0 {
		return Goes // a locator knows nothing but the path
	}
	for _, at := range []Key{host, site} {
		if _, erased := s.pages[[2]Key{path, at}]; erased {
			return Goes
		}
	}
	return Unsure
}

// keyFields are the fields of a kind of record by which it can be erased.
type keyFields struct {
	keys             map[protowire.Number]bool
	host, site, path protowire.Number // of a page; 0 where it has none
}

// fieldsOf is nil for a kind that stays whatever is erased.
func fieldsOf(kind string) *keyFields { return keyFieldsByKind[kind] }

var keyFieldsByKind = map[string]*keyFields{ //nolint:gochecknoglobals // constant
	"posts":        fieldsNamed((*doxtrailv1.Post)(nil), "post_key", "channel_key", "account_key", "item_keys"),
	"links":        fieldsNamed((*doxtrailv1.Link)(nil), "post_key", "channel_key").page((*doxtrailv1.Link)(nil), "host_key", "site_key", "path_key"),
	"shares":       fieldsNamed((*doxtrailv1.Share)(nil), "post_key", "channel_key", "source_post_key", "source_channel_key"),
	"observations": fieldsNamed((*doxtrailv1.Observation)(nil), "post_key", "channel_key"),
	"channels":     fieldsNamed((*doxtrailv1.Channel)(nil), "channel_key"),
	"locators":     fieldsNamed((*doxtrailv1.Locator)(nil), "target_key").page((*doxtrailv1.Locator)(nil), "", "", "target_key"),
}

func fieldsNamed(m protoreflect.ProtoMessage, names ...protoreflect.Name) *keyFields {
	f := &keyFields{keys: map[protowire.Number]bool{}}
	for _, name := range names {
		f.keys[numberOf(m, name)] = true
	}
	return f
}

func (f *keyFields) page(m protoreflect.ProtoMessage, host, site, path protoreflect.Name) *keyFields {
	f.host, f.site, f.path = numberOf(m, host), numberOf(m, site), numberOf(m, path)
	return f
}

func numberOf(m protoreflect.ProtoMessage, name protoreflect.Name) protowire.Number {
	if name == "" {
		return 0
	}
	return m.ProtoReflect().Descriptor().Fields().ByName(name).Number() // a name that is none panics at the start
}
