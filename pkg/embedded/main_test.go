package embedded

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// childVariable makes the test binary a process that opens the data folder it
// names, says so, and does what it reads from its standard input.
const childVariable = "DOXTRAIL_EMBEDDED_TEST_FOLDER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childVariable); dir != "" {
		if err := child(dir); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

func child(dir string) error {
	ctx := context.Background()
	s, err := Open(ctx, Config{Dir: dir})
	if err != nil {
		return err
	}
	fmt.Println(map[bool]string{true: "holder", false: "attached"}[s.Holder()])
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		switch command, rest, _ := strings.Cut(lines.Text(), " "); command {
		case "ask":
			answer, err := ask(ctx, s, rest)
			fmt.Printf("%q %v\n", answer, err)
		case "gone":
			<-s.Gone()
			fmt.Println("gone")
		case "linger":
			fmt.Println("lingered", s.Linger(ctx))
		}
	}
	return s.Close(ctx)
}

// ask runs a statement by the service's account.
func ask(ctx context.Context, s *Servers, sql string) (string, error) {
	e := s.ClickHouse()
	return askAs(ctx, e.URL, e.User, e.Password, sql)
}

func askAs(ctx context.Context, url, user, password, sql string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(sql))
	if err != nil {
		return "", err
	}
	req.SetBasicAuth(user, password)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("status %d: %s", resp.StatusCode, data)
	}
	return strings.TrimSpace(string(data)), err
}

// process is the test binary run as a child.
type process struct {
	*exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

func startChild(t *testing.T, dir string) *process {
	t.Helper()
	p := &process{Cmd: exec.CommandContext(t.Context(), os.Args[0])}
	p.Env = append(os.Environ(), childVariable+"="+dir)
	p.Stderr = os.Stderr
	var err error
	if p.in, err = p.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.out = bufio.NewScanner(out)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.in.Close()
		_ = p.Wait() // some are killed
	})
	return p
}

// line is the next line the child writes.
func (p *process) line(t *testing.T) string {
	t.Helper()
	got := make(chan string, 1)
	go func() {
		p.out.Scan()
		got <- p.out.Text()
	}()
	select {
	case line := <-got:
		return line
	case <-time.After(30 * time.Second):
		t.Fatal("a child process says nothing")
		return ""
	}
}

func (p *process) say(t *testing.T, line string) {
	t.Helper()
	if _, err := fmt.Fprintln(p.in, line); err != nil {
		t.Fatal(err)
	}
}

func closeAll(t *testing.T, closers ...func(context.Context) error) {
	t.Helper()
	for _, c := range closers {
		if err := c(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	}
}
