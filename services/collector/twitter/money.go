package twitter

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Money is an amount of US dollars, in millionths of one: X's prices are fractions
// of a cent, and what is added up a million times must not be rounded.
type Money int64

// dollar is one US dollar.
const dollar Money = 1_000_000

// mostDollars bounds what may be written: beyond it nobody means it.
const mostDollars = 100_000_000

var errMoney = errors.New("must be US dollars such as 250 or 0.005: digits, and up to six after the point")

// Dollars is an amount as it stands in the configuration file: US dollars in
// decimal digits, for example 250 or 0.005. It is never a binary fraction.
type Dollars string

// Money reads the amount. Nothing written is no money.
func (d Dollars) Money() (Money, error) {
	if d == "" {
		return 0, nil
	}
	whole, rest, point := strings.Cut(string(d), ".")
	if !digits(whole) || point && !digits(rest) || len(rest) > 6 {
		return 0, errMoney
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n > mostDollars {
		return 0, errMoney
	}
	millionths, err := strconv.ParseInt((rest + "000000")[:6], 10, 64)
	if err != nil {
		return 0, errMoney
	}
	return Money(n)*dollar + Money(millionths), nil
}

// amount is Money where Validate has seen that it can be read.
func (d Dollars) amount() Money {
	m, err := d.Money()
	if err != nil {
		return 0
	}
	return m
}

// String gives dollars and cents, rounded up: what was spent is never shown as
// less.
func (m Money) String() string {
	sign := ""
	if m < 0 {
		sign, m = "-", -m
	}
	cents := (m + dollar/100 - 1) / (dollar / 100)
	return fmt.Sprintf("%s$%d.%02d", sign, cents/100, cents%100)
}

func digits(s string) bool {
	return s != "" && len(s) <= 18 && strings.Trim(s, "0123456789") == ""
}
