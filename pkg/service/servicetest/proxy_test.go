package servicetest_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/service/servicetest"
)

// echo answers each connection with what it sent, and tells what it got.
func echo(t *testing.T) (address string, got <-chan []byte) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	all := make(chan []byte, 16)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				var heard bytes.Buffer
				_, _ = io.Copy(conn, io.TeeReader(conn, &heard))
				all <- heard.Bytes()
			}()
		}
	}()
	return listener.Addr().String(), all
}

func newProxy(t *testing.T, target string) *servicetest.Proxy {
	t.Helper()
	p, err := servicetest.NewProxy("127.0.0.1:0", target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

func dial(t *testing.T, p *servicetest.Proxy) *net.TCPConn {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(context.Background(), "tcp", p.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
	return conn.(*net.TCPConn)
}

// says writes and wants the same back.
func says(t *testing.T, conn *net.TCPConn, text string) {
	t.Helper()
	back := make([]byte, len(text))
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(conn, back); err != nil || string(back) != text {
		t.Fatalf("got back %q, %v", back, err)
	}
}

func TestWhatIsSentPassesUnchanged(t *testing.T) {
	target, got := echo(t)
	p := newProxy(t, target)
	conn := dial(t, p)
	says(t, conn, "one")
	p.Stall()
	p.Stall()
	time.AfterFunc(10*time.Millisecond, p.Resume)
	says(t, conn, "two") // comes when it is resumed
	p.Delay(time.Millisecond)
	says(t, conn, "three")
	_ = conn.CloseWrite()
	if heard := <-got; string(heard) != "onetwothree" || p.Bytes() != int64(len(heard)) {
		t.Errorf("the target heard %q, and %d bytes are counted", heard, p.Bytes())
	}
}

func TestAResetCutsAtTheByteAndOnlyOnce(t *testing.T) {
	target, got := echo(t)
	p := newProxy(t, target)
	conn := dial(t, p)
	says(t, conn, "12345")
	p.ResetAfter(3)
	_, _ = io.WriteString(conn, "67890")
	if _, err := io.ReadAll(conn); err == nil {
		t.Error("the connection ended in order")
	}
	if heard := <-got; !bytes.HasPrefix([]byte("12345678"), heard) || p.Resets() != 1 {
		t.Errorf("the target heard %q after %d resets", heard, p.Resets())
	}
	says(t, dial(t, p), "again, and more than three bytes")
}

func TestNobodyGetsThroughWhileItRefuses(t *testing.T) {
	target, _ := echo(t)
	p := newProxy(t, target)
	before := dial(t, p)
	says(t, before, "one")
	p.Refuse()
	tried := []net.Conn{before}
	if conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", p.Address()); err == nil { // it may be closed before this is done
		tried = append(tried, conn)
		defer conn.Close()
	}
	for _, conn := range tried {
		_, _ = io.WriteString(conn, "lost")
		if back, _ := io.ReadAll(conn); len(back) > 0 {
			t.Errorf("%q came back", back)
		}
	}
	p.Resume()
	says(t, dial(t, p), "two")
}

func TestAfterAHalfCloseTheLastWordsStillComeBack(t *testing.T) {
	target, got := echo(t)
	p := newProxy(t, target)
	conn := dial(t, p)
	says(t, conn, "one")
	p.HalfClose()
	if heard := <-got; string(heard) != "one" {
		t.Errorf("the target heard %q", heard)
	}
	if _, err := io.ReadAll(conn); err != nil {
		t.Errorf("the answer ended with %v", err)
	}
}
