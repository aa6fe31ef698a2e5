package main

import (
	"strings"
	"testing"
)

// An address is printed, so it must not hold what opens a server.
func TestAddressesHoldNoSecrets(t *testing.T) {
	for key, addresses := range map[string]struct{ nats, monitor, clickhouse string }{
		"nats.url":         {nats: "nats://s3cret@127.0.0.1:4222", clickhouse: "http://127.0.0.1:8123"},
		"nats.monitor_url": {nats: "nats://127.0.0.1:4222", monitor: "http://a:s3cret@127.0.0.1:8222", clickhouse: "http://127.0.0.1:8123"},
		"clickhouse.url":   {nats: "nats://a:4222,nats://b:4222", clickhouse: "http://127.0.0.1:8123/?password=s3cret"},
	} {
		c := defaults()
		c.NATS.URL, c.NATS.MonitorURL, c.ClickHouse.URL = addresses.nats, addresses.monitor, addresses.clickhouse
		err := c.Validate()
		if err == nil || !strings.HasPrefix(err.Error(), key+": ") || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s with a secret in it gives %v", key, err)
		}
	}
}
