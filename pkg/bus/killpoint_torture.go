//go:build torture

package bus

import (
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
)

// KillVariable is the environment variable that names a kill point as
// "edge-at:n", such as stored-raw:3.
const KillVariable = "DOXTRAIL_TORTURE_KILL"

var passings atomic.Int64 //nolint:gochecknoglobals // one count a process

var killAt = sync.OnceValues(func() (string, int64) { //nolint:gochecknoglobals // the environment does not change
	point, text, _ := strings.Cut(os.Getenv(KillVariable), ":")
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return "", 0
	}
	return point, n
})

// KillPoint kills this process as kill -9 does, at the nth passing of the edge
// that KillVariable names. It does not return then.
func KillPoint(edge, at string) {
	point, n := killAt()
	if point == "" || edge+"-"+at != point || passings.Add(1) != n {
		return
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}
