package store

import (
	"context"
	"fmt"
)

// SetAccountsOfX says whether rows of X may answer questions about single
// accounts, which X's terms leave open on some grounds only. The view terms tells
// the named questions, so they answer alike wherever they are asked. It writes
// nothing where that stands already. Only the provisioner calls it.
func (s *Store) SetAccountsOfX(ctx context.Context, allowed bool) error {
	const doing = "set terms"
	n, err := s.count(ctx, fmt.Sprintf("SELECT count() AS n FROM %s.terms WHERE platform = 'twitter' AND account_level = %t", s.cfg.Research, allowed))
	if err != nil {
		return wrap(doing, err)
	}
	if n > 0 {
		return nil
	}
	names := s.cfg.names()
	if err := s.server.Exec(ctx, fmt.Sprintf("CREATE OR REPLACE VIEW %s.terms%s%s AS SELECT 'twitter' AS platform, %t AS account_level",
		s.cfg.Research, names.OnCluster(), names.Security(), allowed)); err != nil {
		return wrap(doing, err)
	}
	return nil
}

// LeavesOut reports whether the answer to q leaves out what this study may hold of
// single accounts: q is about them, X was looked at, and the terms are not such
// that it may show them.
func (s *Store) LeavesOut(ctx context.Context, q Query) (bool, error) {
	if q.Accounts == "" {
		return false, nil
	}
	var found []struct {
		Platform string `ch:"platform"`
	}
	err := s.Select(ctx, &found, fmt.Sprintf("SELECT toString(platform) AS platform FROM %[1]s.terms WHERE NOT account_level"+
		" AND platform IN (SELECT platform FROM %[1]s.coverage)", s.cfg.Research), nil)
	return len(found) > 0, err
}
