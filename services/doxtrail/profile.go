package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/metrics"
	"runtime/pprof"
	"sync"
	"time"
)

// profileVariable names the folder into which a process writes where its time
// and its memory went. It is a variable and no flag because it serves those who
// work on doxtrail, not those who work with it. A profile holds names of
// functions and no data.
const profileVariable = "DOXTRAIL_PROFILE"

// heapEvery is how often the heap is looked at.
const heapEvery = 200 * time.Millisecond

// startProfile begins cpu.pprof and heap.pprof in the folder that the variable
// names, and does nothing where it names none. The function it returns ends
// them. The heap is that of the moment when most was alive.
func startProfile() (stop func() error, err error) {
	dir := os.Getenv(profileVariable)
	if dir == "" {
		return func() error { return nil }, nil
	}
	file, err := os.Create(filepath.Join(dir, "cpu.pprof"))
	if err != nil {
		return nil, fmt.Errorf("start a profile: %w", bare(err))
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, errors.Join(fmt.Errorf("start a profile: %w", err), file.Close())
	}
	ended := make(chan struct{})
	var following sync.WaitGroup
	var heapErr error
	following.Go(func() { heapErr = followHeap(filepath.Join(dir, "heap.pprof"), ended) })
	return func() error {
		pprof.StopCPUProfile()
		close(ended)
		following.Wait()
		return errors.Join(heapErr, file.Close())
	}, nil
}

// followHeap writes a heap profile each time clearly more is alive than ever
// before.
func followHeap(path string, ended <-chan struct{}) error {
	const step = 1.05
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	tick := time.NewTicker(heapEvery)
	defer tick.Stop()
	var highest float64
	for {
		select {
		case <-ended:
			return nil
		case <-tick.C:
		}
		metrics.Read(live)
		if now := float64(live[0].Value.Uint64()); now > highest*step {
			highest = now
			if err := writeHeap(path); err != nil {
				return err
			}
		}
	}
}

func writeHeap(path string) error {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write a heap profile: %w", err)
	}
	return errors.Join(pprof.WriteHeapProfile(file), file.Close())
}
