package kinds

// months are the names of months, and how many letters their short forms have.
const months = "january february march april may june july august september october november december "

// monthAt says whether the name of a month stands at i, whole or short, and
// where it ends.
func monthAt(text string, i int) (bool, int) {
	var word [9]byte
	n := 0
	for {
		c, _, to := next(text, i)
		if c < 'A' || c > 'z' || !isLetter(byte(c)) {
			break
		}
		if n == len(word) {
			return false, i
		}
		word[n] = lower(byte(c))
		n++
		i = to
	}
	return isMonth(word[:n]), i
}

// monthBefore says whether the name of a month ends before i, and where it
// begins.
func monthBefore(text string, i int) (int, bool) {
	for range 2 {
		if c, from, _ := before(text, i); c == ' ' || c == '.' {
			i = from
		}
	}
	var word [9]byte
	n := len(word)
	for {
		c, from, _ := before(text, i)
		if c < 'A' || c > 'z' || !isLetter(byte(c)) {
			break
		}
		if n == 0 {
			return i, false
		}
		n--
		word[n] = lower(byte(c))
		i = from
	}
	return i, isMonth(word[n:])
}

// isMonth accepts a month's name, or its beginning of three letters (and sept).
func isMonth(word []byte) bool {
	if len(word) < 3 {
		return false
	}
	for i := 0; i < len(months); {
		size := 0
		for months[i+size] != ' ' {
			size++
		}
		name := months[i : i+size]
		if len(word) <= size && string(word) == name[:len(word)] {
			return len(word) == 3 || len(word) == size || len(word) == 4
		}
		i += size + 1
	}
	return false
}
