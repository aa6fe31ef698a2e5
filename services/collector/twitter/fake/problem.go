package fake

import (
	"maps"
	"net/http"
)

// object is one of JSON.
type object = map[string]any

// answer is what a request gets.
type answer struct {
	status int
	body   any
}

func ok(body any) answer { return answer{status: http.StatusOK, body: body} }

func (s *Server) problemType(kind string) string {
	return "https://" + s.opts.ProblemHost + "/2/problems/" + kind
}

// problem is an answer that is nothing but a problem.
func (s *Server) problem(status int, kind, title, detail string, more object) answer {
	body := object{"title": title, "detail": detail, "type": s.problemType(kind)}
	if kind == "" {
		body["type"], body["status"] = "about:blank", status
	}
	maps.Copy(body, more)
	return answer{status: status, body: body}
}

// invalid is the answer to a parameter that will not do. Like X it repeats the
// value.
func (s *Server) invalid(parameter, value, message string) answer {
	return s.problem(http.StatusBadRequest, "invalid-request", "Invalid Request",
		"One or more parameters to your request was invalid.", object{"errors": []any{object{
			"parameters": object{parameter: []string{value}}, "message": message,
		}}})
}

// partial is an error beside data: why one resource of several is not there.
func (s *Server) partial(kind, resource, parameter, id string) object {
	e := object{
		"value": id, "resource_id": id, "resource_type": resource, "parameter": parameter, "type": s.problemType(kind),
	}
	switch kind {
	case NotAuthorized:
		e["title"], e["section"] = "Authorization Error", "data"
		e["detail"] = "Sorry, you are not authorized to see the " + resource + " with " + parameter + ": [" + id + "]."
	case Disallowed:
		e["title"], e["section"] = "Disallowed Resource", "data"
		e["detail"] = "The " + resource + " with " + parameter + " [" + id + "] is withheld by rule."
	case Unavailable:
		e["title"], e["detail"] = "Resource Unavailable Error", "The "+resource+" is not available at present."
	default:
		e["title"] = "Not Found Error"
		e["detail"] = "Could not find " + resource + " with " + parameter + ": [" + id + "]."
	}
	return e
}

// inside is the answer about a path's resource that cannot be shown: X says 200
// and a partial error.
func (s *Server) inside(kind, resource, id string) answer {
	return ok(object{"errors": []any{s.partial(kind, resource, "id", id)}})
}
