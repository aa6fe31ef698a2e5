// Package privacytest makes invented people and looks for traces of them, and
// measures how well personal data is recognised.
//
// A test that puts something through doxtrail fills its fixtures from a [Set]
// and, when everything has run, scans whatever was written: files, streams,
// tables as text, logs, metrics, reports.
//
//	people := privacytest.New(1, 5)
//	... fixtures from people.Persons ...
//	scanner := people.Scanner()
//	hits, err := scanner.ScanTree(dataFolder)
//	// len(hits) must be 0
//
// A value is looked for as it is and in the forms it takes on its way: lower
// and upper case, NFKC, percent-encoded, escaped in JSON and HTML, UTF-16 in
// both byte orders, base64 at all three alignments, hexadecimal; and in most of these
// in each of its [Disguises]: full-width, spelled, with something between the letters,
// percent-encoded as a whole. Names are looked for in both orders and with every usual
// joiner.
//
// # Invented people
//
// Nobody real is meant. Phone numbers begin with 999, which no subscriber has;
// identity numbers have a right check character on prefixes that are not given
// out; mail and hosts lie under .example; streets do not exist.
//
// # Labelled texts
//
// [Texts] draws posts whose personal data is known, and [Score] measures a
// recogniser on them. Nobody real is meant there either, but its numbers are
// drawn from all that their structure allows; they live in memory and are in no
// figure that Score gives. Its sentences, traps and forms were written by
// somebody who had not read the rules of the recogniser, and change only where
// the truth is wrong, never to suit a rule.
//
//	fmt.Print(privacytest.Score(privacytest.NewTexts(1).Take(20_000), find))
//
// # Limits
//
// Compressed or encrypted bytes are searched as they lie: a compressed file must
// be unpacked by the test. A value is found whole, not in part, and only if
// its form has six bytes or more; New's values all have. Of a tree, symbolic
// links are not followed and what is neither file nor folder is left out.
package privacytest
