package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
)

// Used is what X has counted of the app's reads in this month of its own.
type Used struct {
	// Cap is how many posts may be read, Posts how many were.
	Cap, Posts int64
	// ResetDay is the day of the month on which counting begins anew.
	ResetDay int
}

// Usage asks what X has counted.
func (c *Client) Usage(ctx context.Context) (Used, error) {
	body, err := c.body(ctx, MethodUsage, nil, c.plain(http.MethodGet, "2/usage/tweets", url.Values{}))
	if err != nil {
		return Used{}, err
	}
	// Numbers come as strings; both are read.
	var told struct {
		Data struct {
			Cap      json.Number `json:"project_cap"`
			Usage    json.Number `json:"project_usage"`
			ResetDay json.Number `json:"cap_reset_day"`
		} `json:"data"`
	}
	broken := &Fault{Kind: Broken, Method: MethodUsage}
	if err := json.Unmarshal(body, &told); err != nil {
		return Used{}, broken
	}
	var used Used
	var day int64
	for _, n := range []struct {
		from json.Number
		to   *int64
	}{{told.Data.Cap, &used.Cap}, {told.Data.Usage, &used.Posts}, {told.Data.ResetDay, &day}} {
		if *n.to, err = n.from.Int64(); err != nil || *n.to < 0 {
			return Used{}, broken
		}
	}
	used.ResetDay = int(min(day, 31))
	return used, nil
}
