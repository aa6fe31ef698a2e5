package fake

import (
	"bufio"
	"bytes"
	"time"
)

// results are lines about ids that are not as they were; others are not listed.
func (s *Server) results(j *job) []byte {
	var out bytes.Buffer
	w := bufio.NewWriter(&out)
	n := 0
	for _, v := range j.ids {
		id, _ := parseID(v)
		reason := s.complianceReason(id, j.kind)
		if reason == "" {
			continue
		}
		o := object{"id": v, "action": "delete", "reason": reason, "created_at": complianceStamp(s.madeAt(id, j.kind), n)}
		j.rows = append(j.rows, ComplianceTruth{Job: j.id, ID: v, Reason: reason})
		if n++; n%2 == 1 && !s.opts.NoRedactedAt {
			o["redacted_at"] = complianceStamp(s.goneAt(id, j.kind), n)
		}
		_, _ = w.Write(encode(o))
		if s.opts.CRLF {
			_ = w.WriteByte('\r')
		}
		_ = w.WriteByte('\n')
	}
	_ = w.Flush()
	return out.Bytes()
}

// madeAt and goneAt are when an id was made and when it was redacted.
func (s *Server) madeAt(id int64, kind string) time.Time {
	if a := s.accounts[id]; kind == "users" && a != nil {
		return a.spec.Created
	}
	return timeOf(id)
}

func (s *Server) goneAt(id int64, kind string) time.Time {
	a, p := s.accounts[id], s.posts[id]
	switch {
	case kind == "users" && a != nil:
		return a.since
	case kind == "users" || p == nil:
		return s.opts.Now()
	case p.thread.deleted:
		return p.thread.since
	case p.original != nil && p.original.thread.deleted:
		return p.original.thread.since
	}
	return p.account.since
}

// complianceStamp writes a time in the two forms of X in turn.
func complianceStamp(at time.Time, n int) string {
	if n%2 == 0 {
		return stamp(at)
	}
	return at.UTC().Format("2006-01-02T15:04:05") + "+00:00"
}

// complianceReason is why an id must go, "" if it is as it was.
func (s *Server) complianceReason(id int64, kind string) string {
	if kind == "users" {
		a := s.accounts[id]
		switch {
		case a == nil:
			return "deleted"
		case a.standing != Up:
			return string(a.standing)
		case a.protected:
			return string(Protected)
		}
		return ""
	}
	p := s.posts[id]
	if p == nil {
		return "deleted"
	}
	state := p.state()
	first := s.posts[p.thread.versions[0]]
	switch {
	case state == Deleted && first.reason == string(Bounced):
		return string(Bounced)
	case state == Up || state == Restricted:
		if first.reason == "scrub_geo" {
			return first.reason
		}
		return ""
	}
	return string(state)
}
