package store

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/doxtrail/doxtrail/pkg/privacy"
)

const (
	// MostLocated is how many keys SealedLocators takes at once.
	MostLocated = 1000
	// MostParts is how many locators of one key and kind it gives: the mirrors of a
	// card, the names of a channel. A host that invents subdomains makes any number.
	MostParts = 100
)

// ErrManyKeys says that SealedLocators was asked for more than MostLocated keys.
var ErrManyKeys = errors.New("find locators: more than 1,000 keys at once")

// SealedLocator is a locator as it lies in the tables, with the data key of its batch
// as that was wrapped for the custodian.
type SealedLocator struct {
	Target privacy.Key
	// Kind is post, channel or url.
	Kind      string
	Sealed    []byte
	ExpiresAt time.Time
	// KeyID names the data key. Wrapped and Custodian, which names the key pair that
	// opens it, are empty where the row of the data key is not there (yet).
	KeyID     privacy.Key
	Wrapped   []byte
	Custodian string
}

// Expired says whether the locator is not to be opened any more. The engine takes
// such a row away when it next merges its part.
func (l *SealedLocator) Expired(now time.Time) bool { return !l.ExpiresAt.After(now) }

// SealedLocators gives the locators of posts, channels and pages, those that are
// expired and not gone yet among them, up to MostParts of a key and kind, by key. It is
// for the services' account: no researcher sees a locator.
func (s *Store) SealedLocators(ctx context.Context, keys []privacy.Key) ([]SealedLocator, error) {
	const doing = "find locators"
	if len(keys) > MostLocated {
		return nil, ErrManyKeys
	}
	targets := make([][16]byte, 0, len(keys))
	for _, k := range keys {
		targets = append(targets, k)
	}
	var rows []struct {
		Target    uuid.UUID `ch:"target_key"`
		Kind      string    `ch:"kind"`
		Sealed    string    `ch:"sealed"`
		ExpiresAt time.Time `ch:"expires_at"`
		KeyID     uuid.UUID `ch:"locator_key_id"`
		Wrapped   string    `ch:"wrapped"`
		Custodian string    `ch:"custodian_key_id"`
	}
	const found = `
WITH located AS
(
    SELECT target_key, kind, part_key, sealed, expires_at, locator_key_id FROM locators FINAL
    WHERE target_key IN {targets:Array(UUID)} ORDER BY target_key, kind, expires_at DESC, part_key LIMIT {parts:UInt16} BY target_key, kind
)
SELECT target_key, toString(kind) AS kind, sealed, expires_at, locator_key_id, wrapped, custodian_key_id FROM located
LEFT JOIN (SELECT locator_key_id, wrapped, custodian_key_id FROM locator_keys FINAL WHERE locator_key_id IN (SELECT locator_key_id FROM located)) AS data_keys
USING (locator_key_id)
ORDER BY target_key, kind, expires_at DESC, part_key`
	params := map[string]string{"targets": keyArray(targets), "parts": strconv.Itoa(MostParts)}
	if err := s.SelectTables(ctx, &rows, found, params); err != nil {
		return nil, wrap(doing, err)
	}
	list := make([]SealedLocator, 0, len(rows))
	for _, r := range rows {
		list = append(list, SealedLocator{
			Target: privacy.Key(r.Target), Kind: r.Kind, Sealed: []byte(r.Sealed), ExpiresAt: r.ExpiresAt,
			KeyID: privacy.Key(r.KeyID), Wrapped: []byte(r.Wrapped), Custodian: r.Custodian,
		})
	}
	return list, nil
}
