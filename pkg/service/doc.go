// Package service is the shell around every doxtrail service: its logger, its
// metrics and health page, and the way several services live and die together.
//
// A service is something with a name and a Run that blocks until its context
// ends and then finishes what it has in hand. Run starts a set of them, stops
// all when one fails, and bounds the time they get to finish:
//
//	log := service.NewLogger(os.Stderr, slog.LevelInfo)
//	err := service.Run(ctx, log, 30*time.Second, provisioner, normaliser, recorder)
//
// Every line that is logged passes the scrubber of pkg/privacy, so that a URL
// or a name in an error text of some library does not reach a file.
//
// Limits: nothing is restarted here. A service that can go on after a fault
// goes on by itself; one that returns an error ends the process, and whoever
// started the process decides.
package service
