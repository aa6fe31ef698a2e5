package gateway

import "net/http"

// statusOf gives the HTTP status that a ClickHouse server answers with for an
// error code.
func statusOf(code int) int {
	switch code {
	case 194: // REQUIRED_PASSWORD
		return http.StatusUnauthorized
	case 192, 193, 516: // UNKNOWN_USER, WRONG_PASSWORD, AUTHENTICATION_FAILED
		return http.StatusForbidden
	case 497, 291: // ACCESS_DENIED, DATABASE_ACCESS_DENIED
		return http.StatusForbidden
	case 2, 6, 26, 27, 33, 38, 41, 53, 62, 70, 72, 117, 130, 131, 181, 184, 352, 378, 403, 457, 636:
		// what cannot be parsed or converted, and syntax errors
		return http.StatusBadRequest
	case 15, 36, 42, 43, 44, 57, 60, 46, 47, 50, 56, 63, 73, 78, 81, 82, 115, 511:
		return notFoundOrBad(code)
	case 229: // QUERY_IS_TOO_LARGE
		return http.StatusRequestEntityTooLarge
	case 48: // NOT_IMPLEMENTED
		return http.StatusNotImplemented
	case 209, 439: // SOCKET_TIMEOUT, CANNOT_SCHEDULE_TASK
		return http.StatusServiceUnavailable
	case 159: // TIMEOUT_EXCEEDED
		return http.StatusRequestTimeout
	default:
		return http.StatusInternalServerError
	}
}

// notFoundOrBad keeps apart the unknown tables, functions and so on, which
// ClickHouse answers with 404, and arguments that do not fit.
func notFoundOrBad(code int) int {
	switch code {
	case 15, 36, 42, 43, 44, 57: // duplicate or misplaced columns, wrong arguments, TABLE_ALREADY_EXISTS
		return http.StatusBadRequest
	default:
		return http.StatusNotFound
	}
}
