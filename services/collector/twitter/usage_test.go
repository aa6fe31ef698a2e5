package twitter

import (
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/services/collector/twitter/fake"
)

func TestALimitOfUsageHoldsUpNoLeg(t *testing.T) {
	r := newStreamRig(t, fake.Options{})
	r.cfg.pauses.first = 50 * time.Millisecond
	r.fake.Limit("usage", 1, time.Hour)
	r.start()
	r.state(StateCollecting, "")
	r.stop()
	r.start()
	r.streaming()
	r.arrives(r.fake.Post("invented_a", seenAt))
}
