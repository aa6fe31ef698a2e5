package fake

import "net/http"

// access is who is let in.
type access struct {
	token               string
	suspended, expelled bool
	broke               bool
}

// SetToken changes the bearer that is let in: all others answer 401.
func (s *Server) SetToken(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.access.token = token
}

// Expel answers 403 client-not-enrolled while it is on.
func (s *Server) Expel(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.access.expelled = on
}

// SuspendApp answers 403 for an app that X suspended while it is on. The words
// of a real one are not verified.
func (s *Server) SuspendApp(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.access.suspended = on
}

// Deplete answers 402 CreditsDepleted while it is on.
func (s *Server) Deplete(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.access.broke = on
}

// refused is the answer to who is not let in.
func (s *Server) refused(r *http.Request) (answer, bool) {
	title := http.StatusText(http.StatusUnauthorized)
	switch {
	case r.Header.Get("Authorization") != "Bearer "+s.access.token:
		return s.problem(http.StatusUnauthorized, "", title, title, nil), true
	case s.access.expelled:
		return s.problem(http.StatusForbidden, "client-forbidden", "Client Forbidden",
			"The app must be attached to a project with the appropriate access.", object{
				"reason": "client-not-enrolled", "required_enrollment": "Appropriate Level of API Access",
				"registration_url": "https://developer.x.example/portal",
			}), true
	case s.access.suspended:
		return s.problem(http.StatusForbidden, "", "Forbidden", "This app has been suspended.", nil), true
	case s.access.broke:
		return s.problem(http.StatusPaymentRequired, "credits", "CreditsDepleted", "The account has no credits left.", nil), true
	}
	return answer{}, false
}
