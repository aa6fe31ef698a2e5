package embedded

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// Config says what Open opens. Folders, passwords and tokens in ClickHouse and
// NATS are filled in from Dir.
type Config struct {
	// Dir is the data folder.
	Dir string
	// ClickHouse and NATS are for the process that becomes the holder.
	ClickHouse ClickHouseConfig
	NATS       NATSConfig
	// Patience is how long to wait for a holder that is starting or leaving.
	// Zero: 30 seconds.
	Patience time.Duration
	// Log takes what is worth knowing. Nil: nothing is logged.
	Log *slog.Logger
}

// NATSEndpoint is where NATS answers.
type NATSEndpoint struct {
	URL, Token string
	// InProcess gives connections without a socket in the holder. It is nil in
	// a process that is attached.
	InProcess InProcessServer
}

// Servers are the embedded servers of a data folder, held by this process or
// by another.
type Servers struct {
	clickhouse ClickHouseEndpoint
	nats       NATSEndpoint

	attached *attachment // nil in the holder
	held     *held       // nil in an attached process

	close    sync.Once
	closeErr error
	gone     chan struct{}
}

// Open makes this process the holder of a data folder, or attaches it to the
// holder there is. While a holder is starting or leaving it waits and tries
// again, up to cfg.Patience.
func Open(ctx context.Context, cfg Config) (*Servers, error) {
	setDefault(&cfg.Patience, 30*time.Second)
	folder, err := OpenFolder(cfg.Dir)
	if err != nil {
		return nil, err
	}
	waiting, cancel := context.WithTimeout(ctx, cfg.Patience)
	defer cancel()
	for {
		err := folder.TryLock()
		if err == nil {
			return hold(ctx, cfg, folder)
		}
		if !errors.Is(err, ErrHeld) {
			return nil, err
		}
		servers, err := join(waiting, folder)
		if err == nil {
			return servers, nil
		}
		const again = 50 * time.Millisecond
		select {
		case <-time.After(again):
		case <-waiting.Done():
			return nil, fmt.Errorf("open the data folder: another process holds it and does not let this one in: %w", errors.Join(waiting.Err(), err))
		}
	}
}

// join attaches to the holder that run.json names.
func join(ctx context.Context, folder *Folder) (*Servers, error) {
	info, err := ReadRun(folder.dir)
	if err != nil {
		return nil, err
	}
	a, err := attach(ctx, info)
	if err != nil {
		return nil, err
	}
	s := &Servers{
		attached: a, gone: make(chan struct{}),
		clickhouse: ClickHouseEndpoint{
			URL: info.ClickHouse.URL, User: info.ClickHouse.User, ResearcherUser: info.ClickHouse.ResearcherUser,
		},
		nats: NATSEndpoint{URL: info.NATS.URL},
	}
	var errs [3]error
	s.clickhouse.Password, errs[0] = readSecret(info.ClickHouse.PasswordFile)
	s.clickhouse.ResearcherPassword, errs[1] = readSecret(info.ClickHouse.ResearcherPasswordFile)
	s.nats.Token, errs[2] = readSecret(info.NATS.TokenFile)
	if err := errors.Join(errs[:]...); err != nil {
		a.close()
		return nil, err
	}
	go func() {
		<-a.gone
		close(s.gone)
	}()
	return s, nil
}

// held is what the holder runs.
type held struct {
	folder      *Folder
	attachments *attachments
	clickhouse  *ClickHouse
	nats        *NATS
}

// hold starts everything in a folder that is locked.
func hold(ctx context.Context, cfg Config, folder *Folder) (*Servers, error) {
	h := &held{folder: folder}
	info, err := h.start(ctx, &cfg)
	if err != nil {
		const closeTimeout = 10 * time.Second
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
		defer cancel()
		return nil, errors.Join(err, h.stop(closing))
	}
	if cfg.Log != nil {
		cfg.Log.Info("embedded servers started", "clickhouse", info.ClickHouse.URL, "nats", info.NATS.URL)
	}
	return &Servers{
		held: h, gone: make(chan struct{}), clickhouse: h.clickhouse.Endpoint(),
		nats: NATSEndpoint{URL: h.nats.URL(), Token: h.nats.Token(), InProcess: h.nats.InProcess()},
	}, nil
}

// start starts the servers and then says so in run.json. What a killed holder
// left of that file goes first: it names ports that may be anybody's now.
func (h *held) start(ctx context.Context, cfg *Config) (RunInfo, error) {
	info := RunInfo{PID: os.Getpid(), Instance: rand.Text(), StartedAt: time.Now().UTC()}
	if err := h.folder.removeRun(); err != nil {
		return info, err
	}
	ch, nats := cfg.ClickHouse, cfg.NATS
	ch.Dir, nats.Dir = h.folder.path("clickhouse"), h.folder.path("nats")
	setDefault(&ch.Log, cfg.Log)
	setDefault(&nats.Log, cfg.Log)
	info.ClickHouse.User, info.ClickHouse.ResearcherUser = ServiceUser, ResearcherUser
	var token string
	for _, s := range []struct {
		name        string
		value, path *string
	}{
		{"clickhouse_password", &ch.Password, &info.ClickHouse.PasswordFile},
		{"researcher_password", &ch.ResearcherPassword, &info.ClickHouse.ResearcherPasswordFile},
		{"nats_token", &nats.Token, &info.NATS.TokenFile},
		{"attach_token", &token, &info.Attach.TokenFile},
	} {
		var err error
		if *s.value, *s.path, err = h.folder.secret(s.name); err != nil {
			return info, err
		}
	}
	var err error
	if h.nats, err = StartNATS(nats); err != nil {
		return info, err
	}
	if h.clickhouse, err = StartClickHouse(ctx, ch); err != nil {
		return info, err
	}
	if h.attachments, err = startAttachments(ctx, token, info.Instance); err != nil {
		return info, err
	}
	info.ClickHouse.URL, info.NATS.URL, info.Attach.URL = h.clickhouse.Endpoint().URL, h.nats.URL(), h.attachments.url
	return info, h.folder.writeRun(info)
}

// stop ends what runs, the lock last: who gets it may start at once.
func (h *held) stop(ctx context.Context) error {
	err := h.folder.removeRun()
	if h.attachments != nil {
		h.attachments.close()
	}
	if h.clickhouse != nil {
		err = errors.Join(err, h.clickhouse.Close(ctx))
	}
	if h.nats != nil {
		err = errors.Join(err, h.nats.Close(ctx))
	}
	return errors.Join(err, h.folder.Unlock())
}

// Holder tells whether this process serves the folder.
func (s *Servers) Holder() bool { return s.held != nil }

// NATS tells where NATS answers.
func (s *Servers) NATS() NATSEndpoint { return s.nats }

// ClickHouse tells where ClickHouse answers.
func (s *Servers) ClickHouse() ClickHouseEndpoint { return s.clickhouse }

// ClickHouseStats gives the counts of the holder's HTTP interface, and nothing
// in a process that is attached.
func (s *Servers) ClickHouseStats() ClickHouseStats {
	if s.held == nil {
		return ClickHouseStats{}
	}
	return s.held.clickhouse.Stats()
}

// Linger waits until no other process is attached. Nobody can attach from then
// on: who tries waits until this process has closed and becomes the holder. In
// an attached process it returns at once.
func (s *Servers) Linger(ctx context.Context) error {
	if s.held == nil {
		return nil
	}
	return s.held.attachments.leave(ctx)
}

// Gone is closed when the servers serve no more: after Close, and in an
// attached process when the holder has ended.
func (s *Servers) Gone() <-chan struct{} { return s.gone }

// Close ends the attachment or, in the holder, the servers: attached processes
// see Gone, statements may finish until ctx ends, and the lock is free when it
// returns. Only the first call does anything.
func (s *Servers) Close(ctx context.Context) error {
	s.close.Do(func() {
		if s.held != nil {
			s.closeErr = s.held.stop(ctx)
			close(s.gone)
			return
		}
		s.attached.close()
	})
	return s.closeErr
}
