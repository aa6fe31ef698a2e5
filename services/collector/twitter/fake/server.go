package fake

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// Server is an X with the accounts and posts it was given. All its methods may
// be called from anywhere at any time.
type Server struct {
	opts    Options
	words   words
	api     *http.Server
	storage *http.Server
	apiAt   net.Addr
	storeAt net.Addr
	running sync.WaitGroup // listeners and requests

	// mu guards all below: a request is answered and the world changes in one
	// step each. Nothing is written to the network under it.
	mu        sync.Mutex
	closed    bool
	ids       snowflakes
	accounts  map[int64]*account
	usernames map[string]*account
	posts     map[int64]*post // every version
	order     []int64         // their ids, rising
	events    []Event
	flow      flow
	rules     rules
	streams   streams
	jobs      jobs
	reads     reads
	log       callLog
	limits    map[string]*limit
	faults    faults
	access    access
}

// New starts an X on two free loopback ports, one for the API and one for files.
// Like httptest.NewServer it panics where it cannot listen.
func New(opts Options) *Server {
	opts.setDefaults()
	s := &Server{
		opts: opts, words: opts.Spelling.words(),
		accounts: map[int64]*account{}, usernames: map[string]*account{}, posts: map[int64]*post{},
		rules: newRules(), streams: newStreams(), jobs: newJobs(), reads: newReads(), log: newCallLog(),
		limits: newLimits(), faults: newFaults(), access: access{token: opts.Token},
	}
	s.api, s.apiAt = s.listen(s.apiRoutes())
	s.storage, s.storeAt = s.listen(s.storageRoutes())
	return s
}

func (s *Server) listen(handler http.Handler) (*http.Server, net.Addr) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp4", "127.0.0.1:0")
	if err != nil {
		panic("fake: listen on loopback: " + err.Error())
	}
	server := &http.Server{Handler: s.tracked(handler), ReadHeaderTimeout: 10 * time.Second, ConnContext: s.connected}
	s.running.Go(func() { _ = server.Serve(listener) })
	return server, listener.Addr()
}

// connected sees to the buffer of a new connection.
func (s *Server) connected(ctx context.Context, conn net.Conn) context.Context {
	if tcp, ok := conn.(*net.TCPConn); ok && s.opts.SendBuffer > 0 {
		_ = tcp.SetWriteBuffer(s.opts.SendBuffer) // as much as the system gives
	}
	return ctx
}

// tracked lets Close wait for requests that are being answered.
func (s *Server) tracked(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		closed := s.closed
		if !closed {
			s.running.Add(1)
		}
		s.mu.Unlock()
		if closed {
			panic(http.ErrAbortHandler)
		}
		defer s.running.Done()
		handler.ServeHTTP(w, r)
	})
}

// URL is where the API is, without a slash at the end, the same as long as the
// server lives.
func (s *Server) URL() string { return "http://" + s.apiAt.String() }

// StorageURL is where compliance files are: another host:port than the API's.
func (s *Server) StorageURL() string { return "http://" + s.storeAt.String() }

// Close ends all connections and returns when nothing of the server runs any more.
func (s *Server) Close() {
	s.hangUp()
	_ = s.api.Close()
	_ = s.storage.Close()
	s.running.Wait()
}

func (s *Server) apiRoutes() http.Handler {
	mux := http.NewServeMux()
	for _, r := range []struct {
		pattern, method string
		handle          func(*http.Request) answer
	}{
		{"GET /2/tweets/search/recent", "search.recent", s.searchRecent},
		{"GET /2/tweets/search/all", "search.all", s.searchAll},
		{"GET /2/tweets/counts/recent", "counts.recent", s.countRecent},
		{"GET /2/tweets/counts/all", "counts.all", s.countAll},
		{"GET /2/tweets/search/stream/rules", "rules.read", s.readRules},
		{"POST /2/tweets/search/stream/rules", "rules.change", s.changeRules},
		{"GET /2/tweets", "posts", s.lookup},
		{"GET /2/tweets/{id}", "posts", s.lookupOne},
		{"GET /2/users", "users", s.usersByID},
		{"GET /2/users/{id}", "users", s.userByID},
		{"GET /2/users/by", "users", s.usersByName},
		{"GET /2/users/by/username/{name}", "users", s.userByName},
		{"GET /2/users/{id}/tweets", "timeline", s.timeline},
		{"GET /2/tweets/{id}/quote_tweets", "quotes", s.quotes},
		{"GET /2/tweets/{id}/retweets", "reposts", s.reposts},
		{"GET /2/tweets/{id}/retweeted_by", "reposters", s.reposters},
		{"POST /2/compliance/jobs", "compliance", s.createJob},
		{"GET /2/compliance/jobs", "compliance", s.listJobs},
		{"GET /2/compliance/jobs/{id}", "compliance", s.readJob},
		{"GET /2/usage/tweets", "usage", s.usage},
		{"DELETE /2/connections/all", "connections", s.dropConnections},
	} {
		mux.HandleFunc(r.pattern, func(w http.ResponseWriter, req *http.Request) { s.serve(w, req, r.method, r.handle) })
	}
	mux.HandleFunc("GET /2/tweets/search/stream", s.serveStream)
	mux.HandleFunc("/", func(w http.ResponseWriter, req *http.Request) { s.serve(w, req, "unknown", s.unknown) })
	return mux
}

func (s *Server) unknown(*http.Request) answer {
	return s.problem(http.StatusNotFound, "", "Not Found", "Not Found", nil)
}
