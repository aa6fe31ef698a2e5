package store_test

import (
	"context"
	"strings"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/store"
)

func TestOpenNamesAllFaultsOfItsConfig(t *testing.T) {
	_, err := store.Open(context.Background(), store.Config{
		URL: "tcp://user:secret@host", Tables: "Dox trail", Layout: store.LayoutReplicas, MaxConns: -1,
	})
	if err == nil {
		t.Fatal("a wrong config was taken")
	}
	for _, want := range []string{"url:", "tables:", "cluster:", "max_conns:"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error does not name %s: %v", want, err)
		}
	}
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("error shows the password: %v", err)
	}
}

func TestOpenWithoutAServerIsWorthAnotherTry(t *testing.T) {
	_, err := store.Open(t.Context(), store.Config{URL: "http://127.0.0.1:1"})
	if err == nil {
		t.Fatal("a store without a server was opened")
	}
	if store.Classify(err) != store.Retry {
		t.Errorf("class of %v: want retry", err)
	}
}
