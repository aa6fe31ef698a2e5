package kinds

// cardDigits is the most digits that a bank card's number has.
const cardDigits = 19

// card looks for the number of a bank card: 13 to 19 digits, whole or grouped as
// cards show them, with a right check digit.
func (r *Recogniser) card(d *digits, g int) int {
	s := &r.line
	var room [cardDigits]byte
	total, best := 0, -1
	for h := g; h < d.n && total+d.length(h) <= cardDigits; h++ {
		if joint := d.joint(s, g); h > g && (d.joint(s, h-1) != joint || joint != ' ' && joint != '-') {
			break
		}
		total += d.length(h)
		if total >= 13 && luhn(d.collect(s, room[:0], g, h)) && r.isCard(d, g, h, d.collect(s, room[:0], g, h)) {
			best = h
		}
	}
	if best < 0 || !r.standsAlone(d, g, best) {
		return 0
	}
	c := Likely
	if issuer(d.collect(s, room[:0], g, best)) {
		c = Sure
	}
	r.emit(bankCard, d.groups[g].start, d.groups[best].end, c)
	return best - g + 1
}

// isCard says whether digits with a right check digit, which one number in ten
// has, are a card's: by who issued it, by how they are grouped or by a cue.
func (r *Recogniser) isCard(d *digits, g, h int, number []byte) bool {
	whole := g == h || grouped(d, g, h)
	if g == 0 && r.cueOf(d) == cardCue || issuer(number) {
		return whole
	}
	return h > g && whole && len(number) >= 15 && number[0] >= '2' && number[0] <= '6'
}

// grouped says whether groups are those of a card: fours, or 4, 6 and the rest.
func grouped(d *digits, g, h int) bool {
	if h == g+2 && d.length(g) == 4 && d.length(g+1) == 6 {
		return d.length(h) == 4 || d.length(h) == 5
	}
	if h == g+1 && d.length(g) == 6 {
		return d.length(h) >= 10 // as UnionPay writes them
	}
	for i := g; i < h; i++ {
		if d.length(i) != 4 {
			return false
		}
	}
	return h >= g+3 && d.length(h) <= 4
}

// issuer says whether a number has the beginning and the length of a known
// network's.
func issuer(n []byte) bool {
	two := int(n[0]-'0')*10 + int(n[1]-'0')
	four := two*100 + int(n[2]-'0')*10 + int(n[3]-'0')
	switch size := len(n); {
	case n[0] == '4': // Visa
		return size == 13 || size == 16 || size == 19
	case 51 <= two && two <= 55, 2221 <= four && four <= 2720: // Mastercard
		return size == 16
	case two == 34 || two == 37: // American Express
		return size == 15
	case two == 62 || two == 81: // UnionPay
		return size >= 16
	case two == 30, two == 36, two == 38, two == 39: // Diners Club
		return size == 14 || size == 16 || size == 19
	case two == 35: // JCB
		return size >= 16
	case two == 60, two == 64, two == 65: // Discover, RuPay
		return size >= 16
	case two == 50, 56 <= two && two <= 58, two == 63, two == 67, two == 69: // Maestro
		return size == 13 || size == 16 || size >= 18
	case four/100 == 22: // Mir
		return size >= 16
	}
	return false
}

// standsAlone says whether groups g to h are a value by themselves: not a part
// of a word, a path, an amount or a longer number.
func (r *Recogniser) standsAlone(d *digits, g, h int) bool {
	s := &r.line
	switch c := s.at(d.groups[g].start - 1); {
	case isLetter(c), c == '_', c == '.', c == '=', c == '@', c == '%', c == '\\', c == '$':
		return false
	case c == '/':
		if s.inPath(d.groups[g].start) {
			return false
		}
	case c == '-':
		if isAlnum(s.at(d.groups[g].start - 2)) {
			return false
		}
	}
	switch c := s.at(d.groups[h].end); {
	case isLetter(c), c == '_', c == '@', c == '%':
		return false
	case c == '-' || c == '.':
		return !isAlnum(s.at(d.groups[h].end + 1))
	}
	return true
}

// ibanLengths gives how long an IBAN is in each country that has them.
const ibanLengths = "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24FI18FK18FO18FR27" +
	"GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27" +
	"MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30"

func ibanLength(a, b byte) int {
	for i := 0; i < len(ibanLengths); i += 4 {
		if ibanLengths[i] == a && ibanLengths[i+1] == b {
			return int(ibanLengths[i+2]-'0')*10 + int(ibanLengths[i+3]-'0')
		}
	}
	return 0
}

// iban looks for an IBAN, whole or in groups.
func (r *Recogniser) iban(first, k int) int {
	s := &r.line
	if k-first != 2 || isAlnum(s.at(first-1)) || !isDigit(s.at(k+1)) {
		return 0
	}
	size := ibanLength(upper(s.c[first]), upper(s.c[first+1]))
	var room [34]byte
	number, i := room[:0], first
	for ; i < s.hi && len(number) < size; i++ {
		switch c := s.c[i]; {
		case isAlnum(c):
			number = append(number, upper(c))
		case (c == ' ' || c == '-') && isAlnum(s.at(i+1)):
		default:
			return 0
		}
	}
	if size == 0 || len(number) < size || isAlnum(s.at(i)) || !mod97(number) {
		return 0
	}
	r.emit(bankCard, first, i, Sure)
	return i
}
