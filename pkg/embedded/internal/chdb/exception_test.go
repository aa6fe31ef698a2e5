package chdb

import (
	"strconv"
	"testing"
)

// Clients look codes up by their numbers, so ours must be the engine's.
func TestCodesAreTheEnginesOwn(t *testing.T) {
	c := connect(t)
	for code, want := range map[int]string{
		CodeNetworkError: "NETWORK_ERROR", CodeBadArguments: "BAD_ARGUMENTS", CodeNotImplemented: "NOT_IMPLEMENTED",
		CodeSyntaxError: "SYNTAX_ERROR", CodeUnknownSetting: "UNKNOWN_SETTING", CodeReadOnly: "READONLY", CodeQueryTooLarge: "QUERY_IS_TOO_LARGE",
		CodeQueryWasCancelled: "QUERY_WAS_CANCELLED", CodeConstraintViolation: "SETTING_CONSTRAINT_VIOLATION", CodeAccessDenied: "ACCESS_DENIED",
		CodeAuthFailed: "AUTHENTICATION_FAILED", CodeUnknownException: "UNKNOWN_EXCEPTION",
	} {
		if got := ask(t, c, "SELECT errorCodeToName("+strconv.Itoa(code)+")"); got != want {
			t.Errorf("%d is %s, not %s", code, got, want)
		}
	}
}
