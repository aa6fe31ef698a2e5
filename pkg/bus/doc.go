// Package bus carries records between the parts of doxtrail over NATS
// JetStream. It is the only package that knows nats.go.
//
// # What it is for
//
// Collectors put what they saw on RAW, sealed; the normaliser reads RAW and
// puts text-free records on RECORDS; the recorder reads RECORDS and writes
// rows. What cannot be handled goes to FAILED, one record a message, sealed. A
// message is a batch of records of one [Subject].
//
// # How it is used
//
//	conn, err := bus.Connect(ctx, bus.Config{URL: url, Name: "normaliser"})
//	defer conn.Close(stopCtx)
//
// The provisioner calls [Conn.Provision]; everyone else binds to what it made.
// To publish, collect records in a [Builder], make a [Message] of them and give
// it to a [Publisher]; the [Receipt] says when it is stored:
//
//	b := bus.NewBuilder(bus.StageRecords)
//	err = b.Add(post)
//	m, err := b.Records(subject) // for RAW: b.Raw(subject, origin, publicKey)
//	receipt, err := publisher.Publish(ctx, m)
//
// To read, make a [Consumer] (or [Lanes], which serves the live lane first),
// run it, and take each [Delivery] from its channel: mark the records that
// failed, then settle. [Consume] does that with a handler and N goroutines; the
// recorder takes deliveries itself, writes many of them as one insert, and
// settles them together.
//
// # Limits
//
// Delivery is at least once: a batch may come again whole, so what a handler
// writes must be keyed by its content. Messages of one subject may overtake one
// another. Record bytes of a delivery are valid until it is settled. A record
// of more than [MaxRecordBytes] is refused.
package bus
