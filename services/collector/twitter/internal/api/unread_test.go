package api_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// What a server can send of a stream that nobody reads is what X can charge for.
func TestLittleOfAStreamLiesUnread(t *testing.T) {
	for name, first := range map[string]string{"from the beginning": "", "after a long message": message(1, 3<<20) + "\r\n"} {
		t.Run(name, func(t *testing.T) {
			sent := make(chan int, 1)
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if _, err := io.WriteString(w, first+message(2, 10)+"\r\n"); err != nil {
					t.Error(err)
				}
				control, n := http.NewResponseController(w), 0
				_ = control.Flush()
				for n < 64<<20 {
					_ = control.SetWriteDeadline(time.Now().Add(500 * time.Millisecond))
					if _, err := io.WriteString(w, strings.Repeat("x", 1022)+"\r\n"); err != nil {
						break
					}
					n += 1 << 10
				}
				sent <- n
			}))
			s.Config.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
				if err := conn.(*net.TCPConn).SetWriteBuffer(16 << 10); err != nil {
					t.Error(err)
				}
				return ctx
			}
			s.Start()
			t.Cleanup(s.Close)
			c := stream(t, open(t, s.URL))
			messages(t, c, 1+strings.Count(first, "\n"))
			if n := <-sent; n > 250<<10 {
				t.Errorf("%d KiB were sent that nobody reads", n>>10)
			} else {
				t.Logf("%d KiB were sent that nobody reads", n>>10)
			}
		})
	}
}
