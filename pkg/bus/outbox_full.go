package bus

import "time"

// bar gives up on a full stream: p and all that waits behind it are returned,
// and for a moment nothing else is taken. o.mu is held.
func (o *outbox) bar(p *parcel) (left []*parcel) {
	left = append(o.waiting, p)
	o.waiting, o.probe, o.holding = nil, nil, false
	o.barred = time.Now().Add(retryLimit)
	if o.timer != nil {
		o.timer.Stop()
	}
	return left
}

func (o *outbox) setFull(full bool) {
	if full == o.full {
		return
	}
	o.full = full
	if full {
		o.stats.Full.Add(1)
		return
	}
	o.stats.Full.Add(-1)
}
