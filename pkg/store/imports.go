package store

import (
	"github.com/google/uuid"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// imports are the columns of the table imports.
type imports struct {
	message doxtrailv1.Import

	importID                           plain[uuid.UUID]
	fileHash, label, format            optional[string]
	ordinal                            plain[uint32]
	platform                           plain[string]
	records, posts, nonPosts, rejected plain[uint64]
	duplicates, conflicts, bytes       plain[uint64]
	complete                           plain[bool]
	version                            plain[uuid.UUID]
}

func newImports() *table {
	i := &imports{}
	return &table{kind: KindImports, columns: []column{
		{"import_id", wireKey, &i.importID},
		{"file_hash", wireOptBytes, &i.fileHash},
		{"file_ordinal", wireNumber, &i.ordinal},
		{"label", wireOptWord, &i.label},
		{"format", wireOptWord, &i.format},
		{"platform", wireWord, &i.platform},
		{"record_count", wireCount, &i.records},
		{"post_count", wireCount, &i.posts},
		{"non_post_count", wireCount, &i.nonPosts},
		{"rejected_count", wireCount, &i.rejected},
		{"duplicate_count", wireCount, &i.duplicates},
		{"conflict_count", wireCount, &i.conflicts},
		{"byte_count", wireCount, &i.bytes},
		{"complete", wireFlag, &i.complete},
		{"version", wireVersion, &i.version},
	}, append: i.append}
}

func (i *imports) append(c *check, platform string, record []byte) {
	m := &i.message
	if !c.decode(record, m) {
		return
	}
	i.importID.add(c.key("import_id", m.GetImportId()))
	i.fileHash.add(c.fixed("file_hash", m.GetFileHash(), 32))
	i.ordinal.add(m.GetFileOrdinal())
	label := c.label("label", m.GetLabel())
	i.label.add(maybe[string]{label, label != ""})
	i.format.add(c.maybeWord("format", c.words.archiveFormat, int32(m.GetFormat())))
	i.platform.add(c.ownPlatform(m.GetPlatform(), platform))
	i.records.add(c.total("record_count", m.GetRecordCount()))
	i.posts.add(c.total("post_count", m.GetPostCount()))
	i.nonPosts.add(c.total("non_post_count", m.GetNonPostCount()))
	i.rejected.add(c.total("rejected_count", m.GetRejectedCount()))
	i.duplicates.add(c.total("duplicate_count", m.GetDuplicateCount()))
	i.conflicts.add(c.total("conflict_count", m.GetConflictCount()))
	// Each record of a file is one of four: counts that do not say so are wrong,
	// and a ledger that holds them is none.
	if m.GetRecordCount() != m.GetPostCount()+m.GetNonPostCount()+m.GetRejectedCount()+m.GetDuplicateCount() {
		c.fail("record_count", "want the sum of posts, non-posts, rejected and duplicates")
	}
	if m.GetConflictCount() > m.GetDuplicateCount() {
		c.fail("conflict_count", "want no more than duplicate_count")
	}
	i.bytes.add(c.total("byte_count", m.GetByteCount()))
	i.complete.add(m.GetComplete())
	// A file that was read to its end goes before a reading that broke off.
	var rank uint8
	if m.GetComplete() {
		rank = 1
	}
	i.version.add(versionOf(0, rank, 0, record))
}
