//go:build !torture

package telegram

// longHistory is the length of the history that is swept.
const longHistory = 5_000
