//go:build !torture

package telegram

// longHistory is the length of the history that is swept.
const longHistory = 5_000

// manyChannels is how many channels have their posts asked for again.
const manyChannels = 15
