package twitter

import "github.com/doxtrail/doxtrail/pkg/config"

// BudgetConfig is the most that may be spent in a calendar month, in UTC.
type BudgetConfig struct {
	// MoneyPerMonth is in US dollars, for example 250 or 99.50. It has no default.
	MoneyPerMonth Dollars `yaml:"money_per_month"`
	// ReadsPerMonth is how many posts may be read. Default 3000000, X's own cap for
	// pay-per-use.
	ReadsPerMonth int64 `yaml:"reads_per_month"`
	// LivePercent is the part of both that is kept for the stream, its catch-up and
	// the timelines, less as the month goes on: history and looks at what is known
	// leave it alone. Default 50.
	LivePercent int `yaml:"live_percent"`
	// Prices are what X charges.
	Prices PricesConfig `yaml:"prices"`
}

// PricesConfig is what one thing costs, in US dollars.
type PricesConfig struct {
	// Post is a post that is read, default 0.005; User an account, default 0.010.
	Post Dollars `yaml:"post"`
	User Dollars `yaml:"user"`
	// Compliance is one compliance job. X lists no price; default 0.
	Compliance Dollars `yaml:"compliance"`
}

// Validate returns every fault of c.
func (c BudgetConfig) Validate() error {
	var f config.Faults
	for _, amount := range []struct {
		key   string
		value Dollars
	}{
		{"money_per_month", c.MoneyPerMonth},
		{"prices.post", c.Prices.Post},
		{"prices.user", c.Prices.User},
		{"prices.compliance", c.Prices.Compliance},
	} {
		_, err := amount.value.Money()
		f.Add(amount.key, err)
	}
	f.Check(c.ReadsPerMonth >= 0 && c.ReadsPerMonth <= mostReads, "reads_per_month", "must lie between 0 and 1000000000000")
	f.Check(c.LivePercent >= 0 && c.LivePercent <= 100, "live_percent", "must lie between 0 and 100")
	return f.Err()
}

// mostReads bounds reads_per_month, so that sums of it stay numbers.
const mostReads = 1_000_000_000_000
