package bus

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestSuspectsTakeTurns(t *testing.T) {
	const crowd = 3 * fewSuspects
	for deaths, want := range map[int]int64{0: crowd, 1: fewSuspects, 2: 1, 3: 1} {
		synctest.Test(t, func(t *testing.T) {
			s := newSuspects(time.Second)
			var in, went atomic.Int64
			done := make(chan struct{})
			for range crowd {
				go func() {
					over, ok := s.turn(t.Context(), nil, deaths)
					if !ok {
						t.Error("no turn came")
						return
					}
					in.Add(1)
					<-done
					in.Add(-1)
					over()
					went.Add(1)
				}()
			}
			synctest.Wait()
			if n := in.Load(); deaths > 0 && n > 0 {
				t.Errorf("after %d deaths %d are handed out at once", deaths, n)
			}
			time.Sleep(2 * time.Second)
			synctest.Wait()
			if n := in.Load(); n != want {
				t.Errorf("after %d deaths %d are in hand together, want %d", deaths, n, want)
			}
			close(done)
			synctest.Wait()
			if n := went.Load(); n != crowd {
				t.Errorf("after %d deaths %d had their turn, want %d", deaths, n, crowd)
			}
		})
	}
}

func TestASuspectDoesNotOutlastItsReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSuspects(time.Second)
		over, ok := s.turn(t.Context(), nil, 2)
		if !ok {
			t.Fatal("no turn came")
		}
		defer over()
		short, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if _, ok := s.turn(short, nil, 2); ok {
			t.Error("two suspects are in hand together")
		}
		quit := make(chan struct{})
		close(quit)
		if _, ok := s.turn(t.Context(), quit, 1); ok {
			t.Error("a suspect is handed out after the stop")
		}
	})
}
