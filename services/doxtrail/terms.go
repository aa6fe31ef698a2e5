package main

import twittercollector "github.com/doxtrail/doxtrail/services/collector/twitter"

// accountsOfX says whether questions about single accounts of X are answered: X's
// terms leave these grounds alone.
func (c *Config) accountsOfX() bool {
	basis := c.CollectorTwitter.TermsBasis
	return basis == twittercollector.TermsWrittenApproval || basis == twittercollector.TermsDSA
}
