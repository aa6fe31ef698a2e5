package kinds

// spacedMail looks for an address with a blank on either side of the at sign from i
// to j: tai @ mail.example. A sentence may name a site in the same way, so that what
// stands before the at must not be a common word of one.
func (r *Recogniser) spacedMail(i, j int) int {
	c, _, _ := next(r.text, j)
	_, from, _ := before(r.text, i)
	if c != ' ' || isSentenceWord(r.text, from) {
		return 0
	}
	spans := len(r.spans)
	stop := r.mail(i, j, true)
	if stop == 0 {
		return 0
	}
	if c, _, _ := next(r.text, stop); c == '/' || c == ':' { // a site
		r.spans = r.spans[:spans]
		return 0
	}
	return stop
}

// isSentenceWord says whether the word that ends at i is one that people write "@"
// behind for "at".
func isSentenceWord(text string, i int) bool {
	var room [mostUnit]byte
	start, word := wordBefore(text, i, &room)
	if c, _, _ := before(text, start); isLocal(c) {
		return false
	}
	switch string(word) {
	case "me", "us", "you", "him", "her", "them", "it", "is", "are", "was", "be", "live", "now", "more", "only", "here", "out", "up", "meet", "see", "read", "news", "look", "today",
		"pm", "am", "home", "on", "and", "or", "the", "a", "i", "via", "by", "from", "price", "post":
		return true
	}
	return false
}
