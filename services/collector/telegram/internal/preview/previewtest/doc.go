// Package previewtest serves web previews of invented channels over loopback,
// in the form of t.me/s/NAME, for tests of what reads them.
package previewtest
