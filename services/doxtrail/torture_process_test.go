//go:build torture

package main

import (
	"context"
	"os/exec"
	"syscall"
	"time"
)

// proc is one process of a run, in a process group of its own.
type proc struct {
	name           string
	cmd            *exec.Cmd
	started        time.Time
	stdout, stderr syncBuffer
	ended          chan struct{}
}

// spawn starts the binary in the study's folder.
func (r *tortured) spawn(name string, env []string, args ...string) *proc {
	return r.spawnCommand(name, exec.Command(binary, args...), env)
}

func (r *tortured) spawnCommand(name string, cmd *exec.Cmd, env []string) *proc {
	p := &proc{name: name, cmd: cmd, ended: make(chan struct{})}
	cmd.Dir = r.dir
	cmd.Env = append(append(cmd.Environ(), "TMPDIR="+r.temp, "HOME="+r.path("home")), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Stdout, cmd.Stderr = &p.stdout, &p.stderr
	cmd.WaitDelay = 5 * time.Second
	r.mu.Lock()
	defer r.mu.Unlock()
	p.started = time.Now()
	if r.over || cmd.Start() != nil { // it counts as one that ended at once
		close(p.ended)
		return p
	}
	r.procs[name] = p
	r.all = append(r.all, p)
	go func() {
		_ = cmd.Wait() // the exit code tells
		close(p.ended)
	}()
	return p
}

// current is the process last started under a name, nil if it has ended.
func (r *tortured) current(name string) *proc {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p := r.procs[name]; p != nil && !p.dead() {
		return p
	}
	return nil
}

// died says whether a process of that name was started, the last of which has ended.
func (r *tortured) died(name string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.procs[name]
	return p != nil && p.dead()
}

// killAll ends whatever still runs, stopped or not, and waits for it.
func (r *tortured) killAll() {
	r.mu.Lock()
	r.over = true
	all := r.all
	r.mu.Unlock()
	for _, p := range all {
		p.signal(syscall.SIGKILL)
	}
	for _, p := range all {
		<-p.ended
	}
}

// signal goes to the process group; nil is no process.
func (p *proc) signal(s syscall.Signal) {
	if p != nil && p.cmd.Process != nil && !p.dead() {
		_ = syscall.Kill(-p.cmd.Process.Pid, s)
	}
}

func (p *proc) dead() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// wait gives the exit code; -1 for a process that a signal ended, and -2 when
// ctx ended first.
func (p *proc) wait(ctx context.Context) int {
	select {
	case <-p.ended:
		if p.cmd.ProcessState == nil {
			return -1
		}
		return p.cmd.ProcessState.ExitCode()
	case <-ctx.Done():
		return -2
	}
}

// kill is kill -9, waited for.
func (p *proc) kill(ctx context.Context) {
	if p != nil {
		p.signal(syscall.SIGKILL)
		p.wait(ctx)
	}
}
