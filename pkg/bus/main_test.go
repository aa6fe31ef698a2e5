package bus_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m, bustest.Leaks()...) }
