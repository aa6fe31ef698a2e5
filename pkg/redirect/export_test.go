package redirect

import "testing"

// ClientOfThisMachine is for tests of who uses a Client: its only shortener is
// short.test, on this machine, whose paths have the answers.
func ClientOfThisMachine(t *testing.T, cfg Config, answers map[string]string) *Client {
	t.Helper()
	r := newRig(t)
	for path, answer := range answers {
		r.mux.Handle("short.test"+path, raw(answer))
	}
	t.Cleanup(func() { r.untouched(t) })
	cfg.Shorteners = r.names()
	return r.client(t, cfg)
}
