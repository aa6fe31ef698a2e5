package archive

import (
	"github.com/go-faster/jx"
)

// maxCountries is how many countries of a withheld post are read; the world has
// fewer.
const maxCountries = 300

// hold is what withheld says: where the platform does not show a post or an
// account.
type hold struct {
	present, copyright bool
	countries          [][]byte
	scope              string
}

func (h *hold) read(d *jx.Decoder) error {
	h.present = d.Next() == jx.Object
	return members(d, func(d *jx.Decoder, key []byte) (err error) {
		switch string(key) {
		case "copyright":
			h.copyright, err = boolean(d)
		case "country_codes":
			err = elements(d, h.readCountry)
		case "scope":
			var word []byte
			word, err = token(d)
			h.scope = resourceWord(word)
		default:
			err = d.Skip()
		}
		return err
	})
}

// readCountry takes two capital letters and passes over anything else.
func (h *hold) readCountry(d *jx.Decoder) error {
	code, err := token(d)
	if err == nil && len(code) == 2 && isCapital(code[0]) && isCapital(code[1]) && len(h.countries) < maxCountries {
		h.countries = append(h.countries, code)
	}
	return err
}

// codes copies the countries.
func (h *hold) codes() []string {
	if len(h.countries) == 0 {
		return nil
	}
	codes := make([]string, len(h.countries))
	for i, code := range h.countries {
		codes[i] = string(code)
	}
	return codes
}

func isCapital(c byte) bool { return c >= 'A' && c <= 'Z' }
