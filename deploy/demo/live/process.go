package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// process is `doxtrail up`.
type process struct {
	cmd   *exec.Cmd
	log   string
	ended chan error
}

// up starts it and returns when it says that it is up.
func (s study) up(ctx context.Context) (*process, error) {
	log, err := os.OpenFile(s.log, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("write the log of up: %w", err)
	}
	defer log.Close()                                                             //nolint:errcheck // the process writes it
	cmd := exec.Command(s.binary, "--config", filepath.Join(s.dir, marker), "up") //nolint:gosec,noctx // the demo's own binary; stop ends it in order
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start doxtrail up: %w", err)
	}
	p := &process{cmd: cmd, log: s.log, ended: make(chan error, 1)}
	go func() { p.ended <- cmd.Wait() }()
	if err := p.awaitUp(ctx); err != nil {
		_ = p.stop() // err is the reason
		return nil, err
	}
	return p, nil
}

func (p *process) awaitUp(ctx context.Context) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		said, err := os.ReadFile(p.log)
		if err != nil {
			return err
		}
		if bytes.Contains(said, []byte("doxtrail is up")) {
			return nil
		}
		select {
		case err := <-p.ended:
			p.ended <- err
			said, _ = os.ReadFile(p.log) // with its last words
			return fmt.Errorf("doxtrail up ended by itself: %s", bytes.TrimSpace(said))
		case <-ctx.Done():
			return fmt.Errorf("wait for doxtrail up: %w", ctx.Err())
		case <-tick.C:
		}
	}
}

// stopLimit bounds the end of up; what is left then is killed.
const stopLimit = 45 * time.Second

// errEnding says that up did not end as it should.
var errEnding = errors.New("doxtrail up did not end in order")

// stop ends the process as Ctrl-C does. The error says that it did not end well.
func (p *process) stop() error {
	_ = p.cmd.Process.Signal(syscall.SIGINT) // one that ended already says how below
	select {
	case err := <-p.ended:
		p.ended <- err
		if err != nil {
			return fmt.Errorf("%w, see %s: %w", errEnding, p.log, err)
		}
		return nil
	case <-time.After(stopLimit):
		_ = p.cmd.Process.Kill()
		return fmt.Errorf("%w within %s, see %s", errEnding, stopLimit, p.log)
	}
}
