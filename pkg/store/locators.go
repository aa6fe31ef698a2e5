package store

import (
	"github.com/google/uuid"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// locators are the columns of the table locators.
type locators struct {
	message doxtrailv1.Locator

	target, part, key plain[uuid.UUID]
	kind, sealed      plain[string]
	expiresAt         plain[int64]
	generation        plain[uint32]
	version           plain[uuid.UUID]
}

func newLocators() *table {
	l := &locators{}
	return &table{kind: KindLocators, columns: []column{
		{"target_key", wireKey, &l.target},
		{"kind", wireWord, &l.kind},
		{"part_key", wireKey, &l.part},
		{"locator_key_id", wireKey, &l.key},
		{"sealed", wireText, &l.sealed},
		{"expires_at", wireTime, &l.expiresAt},
		{"generation", wireNumber, &l.generation},
		{"version", wireVersion, &l.version},
	}, append: l.append}
}

func (l *locators) append(c *check, _ string, record []byte) {
	m := &l.message
	if !c.decode(record, m) {
		return
	}
	l.target.add(c.key("target_key", m.GetTargetKey()))
	l.kind.add(c.word("kind", c.words.locatorKind, int32(m.GetKind())))
	l.part.add(c.zeroKey("part_key", m.GetPartKey()))
	l.key.add(c.key("locator_key_id", m.GetLocatorKeyId()))
	l.sealed.add(c.requiredBytes("sealed", m.GetSealed()))
	expires := c.time("expires_at", m.GetExpiresAt())
	l.expiresAt.add(expires)
	generation := c.generation(m.GetGeneration())
	l.generation.add(generation)
	// A locator is sealed anew each time; the one that lasts longest stands, so
	// that the data key it needs is the one that is still there.
	l.version.add(versionOf(expires, 0, generation, record))
}

// locatorKeys are the columns of the table locator_keys.
type locatorKeys struct {
	message doxtrailv1.LocatorKey

	key                plain[uuid.UUID]
	wrapped, custodian plain[string]
	expiresAt          plain[int64]
	version            plain[uuid.UUID]
}

func newLocatorKeys() *table {
	l := &locatorKeys{}
	return &table{kind: KindLocatorKeys, columns: []column{
		{"locator_key_id", wireKey, &l.key},
		{"wrapped", wireText, &l.wrapped},
		{"custodian_key_id", wireText, &l.custodian},
		{"expires_at", wireTime, &l.expiresAt},
		{"version", wireVersion, &l.version},
	}, append: l.append}
}

func (l *locatorKeys) append(c *check, _ string, record []byte) {
	m := &l.message
	if !c.decode(record, m) {
		return
	}
	l.key.add(c.key("locator_key_id", m.GetLocatorKeyId()))
	l.wrapped.add(c.requiredBytes("wrapped", m.GetWrapped()))
	l.custodian.add(c.requiredBytes("custodian_key_id", m.GetCustodianKeyId()))
	expires := c.time("expires_at", m.GetExpiresAt())
	l.expiresAt.add(expires)
	l.version.add(versionOf(expires, 0, 0, record))
}
