package kinds

// hkidCheck gives the check character of the letters and digits of a Hong Kong
// identity number, one or two capitals and six digits: 0 to 9 or A.
//
// A is worth 10 and Z 35, the place before a single letter 36; the weights fall
// from 9 to 2.
func hkidCheck(letters, digits []byte) byte {
	sum := 36 * 9
	if len(letters) == 2 {
		sum = letterValue(letters[0]) * 9
	}
	sum += letterValue(letters[len(letters)-1]) * 8
	for i, c := range digits {
		sum += int(c-'0') * (7 - i)
	}
	// The outer remainder matters: a sum that 11 divides gives 0, not 11.
	return "0123456789A"[(11-sum%11)%11]
}

func letterValue(c byte) int { return int(upper(c)-'A') + 10 }

// luhn checks the last digit of a bank card's number.
func luhn(digits []byte) bool {
	sum := 0
	for i, c := range digits {
		d := int(c - '0')
		if (len(digits)-i)%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// mod97 checks an IBAN without spaces: with its first four characters moved to
// the end and letters as 10 to 35, its remainder by 97 is 1.
func mod97(iban []byte) bool {
	remainder := 0
	for i := range iban {
		c := iban[(i+4)%len(iban)]
		if isDigit(c) {
			remainder = (remainder*10 + int(c-'0')) % 97
		} else {
			remainder = (remainder*100 + letterValue(c)) % 97
		}
	}
	return remainder == 1
}

// mod11 checks the last character of a mainland identity number of 18 (ISO
// 7064, MOD 11-2), where X is worth 10.
func mod11(id []byte) bool {
	sum := 0
	for _, c := range id[:17] {
		sum = (sum + int(c-'0')) * 2 % 11
	}
	last := 10
	if isDigit(id[17]) {
		last = int(id[17] - '0')
	}
	return (sum+last)%11 == 1
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

func isAlnum(c byte) bool { return isDigit(c) || isLetter(c) }

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }

func upper(c byte) byte {
	if 'a' <= c && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

func lower(c byte) byte {
	if isUpper(c) {
		return c - 'A' + 'a'
	}
	return c
}
