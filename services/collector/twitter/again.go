package twitter

// againLegs are the legs that ask again for what is known already, and those of the
// accounts that are watched.
func againLegs(a *app) []leg {
	list := newShareList(a)
	lookups := &repoll{app: a, shares: list}
	legs := []leg{lookups}
	if a.cfg.Compliance.On {
		lookups.jobs = &jobTime{}
		legs = append(legs, &compliance{app: a, jobs: lookups.jobs})
	}
	if a.cfg.Shares.Reposts || a.cfg.Shares.Quotes {
		legs = append(legs, &shares{app: a, list: list})
	}
	if a.cfg.Timelines.On {
		accounts := newRoster(a)
		legs = append(legs, &timelines{app: a, roster: accounts}, &histories{app: a, roster: accounts})
	}
	return legs
}
