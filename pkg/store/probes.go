package store

import (
	"github.com/google/uuid"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// probes are the columns of the table probes.
type probes struct {
	message doxtrailv1.Probe

	host                plain[uuid.UUID]
	probedAt            plain[int64]
	vantage, state      plain[string]
	statusCode          optional[uint32]
	layout, certificate plain[string]
	generation          plain[uint32]
	version             plain[uuid.UUID]
}

func newProbes() *table {
	p := &probes{}
	return &table{kind: KindProbes, columns: []column{
		{"host_key", wireKey, &p.host},
		{"probed_at", wireTime, &p.probedAt},
		{"vantage", wireWord, &p.vantage},
		{"state", wireWord, &p.state},
		{"status_code", wireOptNumber, &p.statusCode},
		{"layout_fingerprint", wireText, &p.layout},
		{"certificate_hash", wireText, &p.certificate},
		{"generation", wireNumber, &p.generation},
		{"version", wireVersion, &p.version},
	}, append: p.append}
}

func (p *probes) append(c *check, _ string, record []byte) {
	m := &p.message
	if !c.decode(record, m) {
		return
	}
	p.host.add(c.key("host_key", m.GetHostKey()))
	p.probedAt.add(c.time("probed_at", m.GetProbedAt()))
	p.vantage.add(c.token("vantage", m.GetVantage()))
	p.state.add(c.word("state", c.words.probeState, int32(m.GetState())))
	p.statusCode.add(maybe[uint32]{m.GetStatusCode(), m.HasStatusCode()})
	p.layout.add(c.bytes("layout_fingerprint", m.GetLayoutFingerprint()))
	p.certificate.add(c.bytes("certificate_hash", m.GetCertificateHash()))
	generation := c.generation(m.GetGeneration())
	p.generation.add(generation)
	p.version.add(versionOf(0, 0, generation, record))
}
