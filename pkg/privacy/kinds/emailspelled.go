package kinds

// spelledMail looks behind a colon that ends at i for an address with "at" and
// "dot" as words. Only a cue tells one from a sentence.
func (r *Recogniser) spelledMail(colon, i int) int {
	if r.cueBefore(colon) != mailCue {
		return 0
	}
	start := skipBlank(r.text, i)
	at := localEnd(r.text, start)
	for stop := at; stop > start; { // chan dot tai
		if stop = wordAt(r.text, at, 'd', 'o', 't'); stop > 0 {
			at = localEnd(r.text, stop)
		}
	}
	domain := wordAt(r.text, at, 'a', 't')
	if at == start || domain == 0 {
		return 0
	}
	stop := r.domainEnd(domain, true)
	if stop > 0 {
		r.add(email, start, stop, Likely)
	}
	return stop
}

// localEnd gives where the characters end that may stand before an at.
func localEnd(text string, i int) int {
	for range mostLocal {
		c, _, to := next(text, i)
		if !isLocal(c) {
			break
		}
		i = to
	}
	return i
}

// wordAt gives the place behind a word between blanks that stands at i, 0 if
// there is another.
func wordAt(text string, i int, letters ...rune) int {
	c, _, i := next(text, i)
	if c != ' ' {
		return 0
	}
	for _, letter := range letters {
		if c, _, i = next(text, i); lowerRune(c) != letter {
			return 0
		}
	}
	if c, _, i = next(text, i); c != ' ' {
		return 0
	}
	return i
}
