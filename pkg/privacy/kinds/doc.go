// Package kinds recognises personal data in the text of a post: which kinds there
// are, where and how surely. Of all that a post keeps kinds and counts alone;
// values are never copied, kept or printed.
//
// # Use
//
// A [Recogniser] holds scratch memory and serves one goroutine:
//
//	recogniser := kinds.New()
//	spans, err := recogniser.Find(spans[:0], text)
//	if err != nil {
//		// nothing that was derived from the text but its length may be kept
//	}
//	post.SetPersonalData(kinds.Count(spans))
//
// # Kinds
//
//   - phone: Hong Kong (eight digits from 2 to 9 on), mainland mobiles, Taiwan,
//     Macau, Great Britain, and any country with a plus sign. Eight digits alone
//     count unless something claims them: a currency, a unit, "order no.", a path,
//     a longer number. Among three or more other numbers they need a cue.
//   - email: also with an "at" and dots in brackets, with blanks about the at, and in
//     other scripts.
//   - hkid: every form, masked ones too. The shape counts, since people mistype;
//     a right check digit makes it likely or sure.
//   - mainland_id: 18 characters with a region, a day and a check character (MOD
//     11-2); those of 15 after a cue; masked ones.
//   - bank_card: 13 to 19 digits with a right check digit (Luhn) that a network
//     issues, or grouped, or after a cue; IBANs (MOD 97) are among them.
//   - date_of_birth, plate, passport, name: only beside a word that says so. Plates
//     of the mainland (a province, a letter, five or six signs) need none.
//   - address: two or more different links of a chain (region, street, estate,
//     house, number, block, floor, room), Chinese or English.
//
// A value is one span. Where two overlap the kind that says more stays.
//
// # How it reads
//
// One pass over the text as it is. What cannot begin a value costs a look-up a
// byte or a Chinese character; at a digit, an at sign, a bracket, a colon or a
// character that ends a link or a cue the rules look around. They read through
// [next] and [before], which pass over invisible characters and take full-width,
// styled and circled characters, and the digits of every script, for the ASCII
// ones they stand for. So offsets are those of the text, and no copy of it is
// made. Every rule reads a bounded stretch: the cost is linear.
//
// Limits of words are judged by the characters beside a value: a Chinese
// character is one, a letter or digit is none.
//
// # What it refuses
//
// Known are Latin, Han, Kana, Bopomofo, Hangul, Cyrillic and Greek letters, and
// what belongs to no script. A text with three letters of others in a row, or of
// which they fill a quarter, is refused with [ErrUnknownScript]: the rules do
// not know its words. Fewer stand in faces made of signs. Private use counts as
// another script. What is not UTF-8 is refused with [ErrEncoding], and a panic
// inside becomes [ErrFailed].
//
// # Limits
//
// Names without a cue are not found, nor numbers spelled in words or Chinese
// numerals (but for dates of birth), nor addresses without links. An address of a public place counts as
// one of a person. What stands in a URL is not read.
package kinds
