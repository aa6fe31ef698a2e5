package normaliser

import (
	"strings"
	"testing"
	"time"
)

func TestTheDefaultsAreValid(t *testing.T) {
	if err := Defaults().Validate(); err != nil {
		t.Error(err)
	}
}

func TestEveryFaultOfAConfigurationIsNamed(t *testing.T) {
	err := Config{RawMaxAge: time.Minute, LocatorDays: -1}.Validate()
	if err == nil {
		t.Fatal("an empty configuration is valid")
	}
	for _, key := range []string{"workers", "max_links", "raw_max_age", "locator_days", "stop_timeout"} {
		if !strings.Contains(err.Error(), key) {
			t.Errorf("the fault of %s is not named: %v", key, err)
		}
	}
}
