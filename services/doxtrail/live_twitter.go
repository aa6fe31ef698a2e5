package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	twittercollector "github.com/doxtrail/doxtrail/services/collector/twitter"
)

// addTwitter adds a report of the collector of X and its troubles.
func (st *status) addTwitter(report twittercollector.Report) {
	st.TwitterCollectors = append(st.TwitterCollectors, report)
	name := "collector twitter " + report.Account
	if st.silent(name, twittercollector.Name, report.At) {
		return
	}
	if report.State != twittercollector.StateCollecting && report.State != twittercollector.StateStarting {
		st.add(name, "not collecting: "+string(report.State), report.Why)
	}
	for _, l := range report.Legs {
		if l.Why != "" {
			st.add("leg "+l.Name+" of X", l.State+": "+l.Why, legMend(l))
		}
	}
	if s := report.Spending; s != nil && !s.SpentAt.IsZero() && report.State != twittercollector.StateSpent {
		st.add(name, "at the rate of the last 24 hours the month's budget ends on "+s.SpentAt.Format(time.RFC3339),
			"watch less, turn off collector_twitter.backfill, .shares or .repoll, or raise .budget; nothing is asked beyond it")
	}
	if n := len(report.LeftOut); n > 0 {
		st.add(name, plural(n, "thing")+" of the watch list not looked for: "+strings.Join(labelsOf(report.LeftOut), ", "),
			"the lines `left out` say why")
	}
	if report.Forgotten > 0 {
		st.add(name, plurals(int(report.Forgotten), "post is", "posts are")+" no longer asked for again: there is room for two million",
			"nothing; what became of them is not seen any more")
	}
}

// legMend says what to do about a leg.
func legMend(l twittercollector.LegReport) string {
	if l.Until.IsZero() {
		return "it is tried again by itself"
	}
	return "it goes on by itself, " + momentOf(l.Until, "soon")
}

// mostLabels bounds how many labels stand in one line.
const mostLabels = 10

// labelsOf are the labels of what is left out, each once.
func labelsOf(left []twittercollector.LeftOut) (labels []string) {
	for _, l := range left {
		labels = append(labels, l.Label)
	}
	slices.Sort(labels)
	if labels = slices.Compact(labels); len(labels) > mostLabels {
		labels = append(labels[:mostLabels], "and others")
	}
	return labels
}

// printTwitter prints the lines of a collector of X.
func printTwitter(w io.Writer, r twittercollector.Report) {
	fmt.Fprintf(w, "collector\ttwitter %s\t%s\tsaid %s\n", r.Account, r.State, r.At.Format(time.RFC3339))
	for _, l := range r.Legs {
		until := ""
		if !l.Until.IsZero() {
			until = "until " + l.Until.UTC().Format(time.RFC3339)
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\tlooked %s\n", l.Name, l.State, until, momentOf(l.LookedAt, "never"))
	}
	if s := r.Spending; s != nil {
		fmt.Fprintf(w, "  budget\t%s of %s\t%s of %s reads\t%s\n", s.Money, s.MoneyLimit, grouped(uint64(max(s.Reads, 0))), grouped(uint64(max(s.ReadsLimit, 0))), s.Month)
		fmt.Fprintf(w, "  forecast\t%s\tas the month went so far; %s\tas the last 24 hours did\n", s.ByMonth, s.ByDay)
		fmt.Fprintf(w, "  known\t%s\tasked for again\n", plural(r.Known, "post"))
	}
	if r.ForeignRules > 0 {
		fmt.Fprintf(w, "  rules\t%d\tof somebody else with the same app, left alone\n", r.ForeignRules)
	}
	for _, l := range r.LeftOut {
		fmt.Fprintf(w, "  left out\t%s\t%s\n", l.Label, l.Why)
	}
	printWaits(w, r.Waits)
}
