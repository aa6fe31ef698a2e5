//go:build torture

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/embedded"
	"github.com/doxtrail/doxtrail/pkg/service/servicetest"
)

// separate is the shape of many machines: NATS and ClickHouse as processes of
// their own, which this test binary turns into when it is asked to, and a fault
// proxy before each.
type separate struct {
	direct       endpoint
	natsAt       string
	clickhouseAt string
	nats         *servicetest.Proxy
	clickhouse   *servicetest.Proxy
}

const (
	serverVariable = "DOXTRAIL_TORTURE_SERVER" // nats or clickhouse
	serverAt       = "DOXTRAIL_TORTURE_AT"
	serverDir      = "DOXTRAIL_TORTURE_DIR"
	serverSecret   = "a secret of tests"
)

// init turns this binary into a server where it was started as one.
func init() { //nolint:gochecknoinits // before any test is chosen
	buildFlags = []string{"-tags", "torture"}
	if os.Getenv("RACE") != "" {
		buildFlags = append(buildFlags, "-race")
	}
	if kind := os.Getenv(serverVariable); kind != "" {
		os.Exit(serveAs(kind))
	}
}

func serveAs(kind string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	var closing func(context.Context) error
	var err error
	switch kind {
	case "nats":
		var s *embedded.NATS
		s, err = embedded.StartNATS(embedded.NATSConfig{Dir: os.Getenv(serverDir), Listen: os.Getenv(serverAt), Token: serverSecret, MaxStore: 16 << 30})
		if err == nil {
			closing = s.Close
		}
	default:
		var s *embedded.ClickHouse
		s, err = embedded.StartClickHouse(ctx, embedded.ClickHouseConfig{
			Dir: os.Getenv(serverDir), Listen: os.Getenv(serverAt), Password: serverSecret, ResearcherPassword: serverSecret,
		})
		if err == nil {
			closing = s.Close
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Fprintln(os.Stderr, "serving")
	<-ctx.Done()
	bounded, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := closing(bounded); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	return 0
}

// freePort is one below those that outgoing connections take: a server that is
// away for a while must find its own free when it comes back.
func freePort(rnd *rand.Rand) string {
	for {
		at := fmt.Sprintf("127.0.0.1:%d", 12_000+rnd.IntN(18_000))
		if l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", at); err == nil {
			_ = l.Close()
			return at
		}
	}
}

// newApart starts both servers and writes a configuration that names them. The
// services reach them through the proxies.
func newApart(t *testing.T, w *world, seed uint64) (*tortured, error) {
	t.Helper()
	r := newTortured(t, w, seed)
	// Two runs of one seed must not want the same ports.
	ports := rand.New(rand.NewPCG(seed, uint64(time.Now().UnixNano())))
	a := &separate{natsAt: freePort(ports), clickhouseAt: freePort(ports)}
	a.direct = endpoint{
		url: "http://" + a.clickhouseAt, user: embedded.ServiceUser, password: serverSecret,
		nats: "nats://" + a.natsAt, token: serverSecret,
	}
	r.apart = a
	for _, name := range []string{"nats", "clickhouse"} {
		if err := r.serveApart(name); err != nil {
			return r, err
		}
	}
	var err error
	if a.nats, err = servicetest.NewProxy("127.0.0.1:0", a.natsAt); err != nil {
		return r, err
	}
	t.Cleanup(a.nats.Close)
	if a.clickhouse, err = servicetest.NewProxy("127.0.0.1:0", a.clickhouseAt); err != nil {
		return r, err
	}
	t.Cleanup(a.clickhouse.Close)
	r.write("secret", serverSecret)
	r.write("doxtrail.yaml", r.settings()+strings.Join([]string{
		"nats: {url: 'nats://" + a.nats.Address() + "', token_file: secret}",
		"clickhouse:",
		"  url: http://" + a.clickhouse.Address(),
		"  layout: embedded",
		"  user: " + embedded.ServiceUser,
		"  password_file: secret",
		"  researcher_user: " + embedded.ResearcherUser,
		"  researcher_password_file: secret",
		"  operator_user: " + embedded.OperatorUser,
		"  operator_password_file: secret",
		"collector_archive: {inbox: inbox, inbox_poll: 100ms}",
		"",
	}, "\n"))
	if err := os.Mkdir(r.path("inbox"), 0o700); err != nil {
		return r, err
	}
	for _, service := range apartServices {
		r.runService(service)
	}
	go r.supervise()
	r.recovering.from("start", time.Now())
	if p := r.current("provisioner"); p != nil && r.rnd.IntN(4) > 0 {
		p.stderr.await("watch list in force", p.ended) // else there is less to hit
	}
	return r, nil
}

var apartServices = []string{"provisioner", "normaliser", "recorder", "collector-archive"}

// serveApart starts one of the servers on its port and store and waits until
// it serves.
func (r *tortured) serveApart(name string) error {
	at := map[string]string{"nats": r.apart.natsAt, "clickhouse": r.apart.clickhouseAt}[name]
	self, err := os.Executable()
	if err != nil {
		return err
	}
	p := r.spawnCommand(name, exec.Command(self), []string{
		serverVariable + "=" + name, serverAt + "=" + at, serverDir + "=" + filepath.Join(r.path("data"), name),
	})
	if !p.stderr.await("serving", p.ended) {
		return fmt.Errorf("%s does not come up: %.500s", name, p.stderr.String())
	}
	return nil
}

func (r *tortured) runService(service string, env ...string) *proc {
	return r.spawn(service, env, "run", service)
}

// supervise starts every service that has ended by itself, as whatever runs
// services apart does, until the run is over. One that is away on purpose is
// left alone.
func (r *tortured) supervise() {
	for r.ctx.Err() == nil {
		for _, service := range apartServices {
			r.mu.Lock()
			wanted := !r.over && !r.away[service]
			r.mu.Unlock()
			if wanted && r.current(service) == nil {
				r.runService(service)
			}
		}
		r.pause(200 * time.Millisecond)
	}
}

// setAway says that a service is to be left alone, or no more.
func (r *tortured) setAway(service string, away bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.away[service] = away
}
