package campaign

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
)

// dice is a seeded source of choices. Each part of the campaign throws dice of
// its own, so that a change in one part does not reshuffle all others.
type dice struct{ r *rand.Rand }

func newDice(seed uint64, part string) *dice {
	h := fnv.New64a()
	_, _ = h.Write([]byte(part))
	//nolint:gosec // the campaign must be repeatable, not unpredictable
	return &dice{r: rand.New(rand.NewPCG(seed, h.Sum64()))}
}

// below returns a number from 0 to n-1.
func (d *dice) below(n int) int { return d.r.IntN(n) }

// below64 is below for large ranges, such as seconds.
func (d *dice) below64(n int64) int64 { return d.r.Int64N(n) }

// between returns a number from low to high, both included.
func (d *dice) between(low, high int) int { return low + d.r.IntN(high-low+1) }

// chance is true with probability p.
func (d *dice) chance(p float64) bool { return d.r.Float64() < p }

func (d *dice) fraction() float64 { return d.r.Float64() }

// after returns a waiting time in seconds around the median, long-tailed as
// human delays are.
func (d *dice) after(median, spread float64) int64 {
	return int64(median * math.Exp(spread*d.r.NormFloat64()))
}

// growth returns a place between 0 and 1 on an S-curve: few early, most in the
// middle, a tail.
func (d *dice) growth() float64 {
	const edge = 4.0
	u := 0.001 + 0.998*d.r.Float64()
	x := math.Log(u / (1 - u))
	return (math.Max(-edge, math.Min(edge, x)) + edge) / (2 * edge)
}

// early returns a place below n, small ones more often: rank popularity.
func (d *dice) early(n int) int {
	u := d.r.Float64()
	return int(float64(n) * u * u)
}

// letters returns n characters of the alphabet that t.co uses.
func (d *dice) letters(n int) string {
	const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[d.r.IntN(len(alphabet))]
	}
	return string(b)
}

func pick[T any](d *dice, from []T) T { return from[d.r.IntN(len(from))] }
