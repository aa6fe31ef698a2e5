package embedded

import "testing"

func TestOperatorsReadTheTablesToo(t *testing.T) {
	ch, err := StartClickHouse(t.Context(), ClickHouseConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer closeAll(t, ch.Close)
	e := ch.Endpoint()
	for _, sql := range []string{"CREATE DATABASE doxtrail", "CREATE DATABASE research", "CREATE VIEW doxtrail.posts AS SELECT 1 AS id"} {
		if _, err := askAs(t.Context(), e.URL, e.User, e.Password, sql); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		user, password, sql string
		ok                  bool
	}{
		{OperatorUser, e.Password, "SELECT id FROM doxtrail.posts", true},
		{ResearcherUser, e.ResearcherPassword, "SELECT id FROM doxtrail.posts", false},
		{OperatorUser, e.Password, "SELECT file('x')", false},
		{OperatorUser, e.Password, "DROP TABLE doxtrail.posts", false},
		{OperatorUser, e.ResearcherPassword, "SELECT 1", false},
	} {
		if _, err := askAs(t.Context(), e.URL, tt.user, tt.password, tt.sql); (err == nil) != tt.ok {
			t.Errorf("%s: %s: got %v", tt.user, tt.sql, err)
		}
	}
}
