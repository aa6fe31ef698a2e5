// Package archive reads archive files of posts and turns them into raw records,
// one file at a time, streaming.
//
// Open walks what an operator named (files, folders, .gz, .zip, standard input)
// and yields Sources; Read recognises a Source by its content, never by its
// name, and hands its records to a Handler. Two formats are read: Telegram
// Desktop's result.json and the JSON lines of twarc2.
//
//	for source, err := range archive.Open(paths, os.Stdin) {
//		if err != nil {
//			// One file could not be opened; the walk goes on.
//			continue
//		}
//		result, err := archive.Read(ctx, source, archive.Options{}, handler)
//		...
//	}
//
// TweetReader reads bodies of X's API one by one, for a live collector: the same
// decoder, so that a post is the same record whether it came live or from an
// archive.
//
// Broken content never stops the rest of a file: it is counted, and named by a
// class and a byte offset. Nothing that this package returns, neither result
// nor error, holds content or the name of a file, for both may name a person.
//
// Limits. Memory does not grow with the file but for about 20 bytes a post,
// which find repeats. One record, or one line of twarc2, may have 16 MiB. A
// damaged message of a Telegram export costs itself, or a few neighbours; where
// it blurs which chat the rest belongs to, the rest is not read. Sealing,
// batching and the bus are the business of callers.
package archive
