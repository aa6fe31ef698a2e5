package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// readyLimit bounds the question, readyText what is read of the answer.
const (
	readyLimit = 5 * time.Second
	readyText  = 4 << 10
)

// askReady asks the process that runs with this configuration whether it makes
// progress. It is for containers, whose images hold no other program that could
// ask; it returns what the process says is wrong.
func askReady(ctx context.Context, listen string) error {
	host, port, err := net.SplitHostPort(listen)
	if err != nil || port == "0" {
		return wrongUse(errors.New("--ready needs a fixed port in `listen`"))
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, readyLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return fmt.Errorf("ask whether the service is ready: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return errors.New("ask whether the service is ready: it does not answer")
	}
	defer response.Body.Close() //nolint:errcheck // only read
	text, err := io.ReadAll(io.LimitReader(response.Body, readyText))
	if err != nil {
		return errors.New("ask whether the service is ready: the answer broke off")
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s", strings.TrimSpace(string(text)))
	}
	return nil
}
