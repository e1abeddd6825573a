// Number theory: sieves, Miller-Rabin, Pollard's rho, totients, Chinese remainders, continued fractions.

package main

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
)

func sieve(limit int) (primes []int) {
	composite := make([]bool, limit+1)
	for n := 2; n <= limit; n++ {
		if composite[n] {
			continue
		}
		primes = append(primes, n)
		for m := n * n; m <= limit; m += n {
			composite[m] = true
		}
	}
	return primes
}

// smallestFactors finds for each number its smallest prime factor, each number once.
func smallestFactors(limit int) []int {
	least := make([]int, limit+1)
	var primes []int
	for n := 2; n <= limit; n++ {
		if least[n] == 0 {
			least[n] = n
			primes = append(primes, n)
		}
		for _, p := range primes {
			if p > least[n] || p*n > limit {
				break
			}
			least[p*n] = p
		}
	}
	return least
}

func mulMod(a, b, m uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	_, r := bits.Div64(hi%m, lo, m)
	return r
}

func powMod(b, e, m uint64) uint64 {
	r := uint64(1)
	for ; e > 0; e >>= 1 {
		if e&1 == 1 {
			r = mulMod(r, b, m)
		}
		b = mulMod(b, b, m)
	}
	return r
}

func isPrime(n uint64) bool {
	for _, p := range []uint64{2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37} {
		if n%p == 0 {
			return n == p
		}
	}
	if n < 2 {
		return false
	}
	d, s := n-1, bits.TrailingZeros64(n-1)
	d >>= s
witness:
	for _, a := range []uint64{2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37} {
		x := powMod(a, d, n)
		if x == 1 || x == n-1 {
			continue
		}
		for range s - 1 {
			if x = mulMod(x, x, n); x == n-1 {
				continue witness
			}
		}
		return false
	}
	return true
}

func gcd[T ~int | ~uint64](a, b T) T {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// rho finds a factor by looking for a cycle.
func rho(n uint64) uint64 {
	if n%2 == 0 {
		return 2
	}
	for c := uint64(1); ; c++ {
		next := func(x uint64) uint64 { return (mulMod(x, x, n) + c) % n }
		slow, fast, d := uint64(2), uint64(2), uint64(1)
		for d == 1 {
			slow, fast = next(slow), next(next(fast))
			d = gcd(max(slow, fast)-min(slow, fast), n)
		}
		if d != n {
			return d
		}
	}
}

func factor(n uint64) []uint64 {
	if n < 2 {
		return nil
	}
	if isPrime(n) {
		return []uint64{n}
	}
	d := rho(n)
	all := append(factor(d), factor(n/d)...)
	slices.Sort(all)
	return all
}

func power(factors []uint64) string {
	var parts []string
	for i := 0; i < len(factors); {
		j := i
		for j < len(factors) && factors[j] == factors[i] {
			j++
		}
		text := fmt.Sprint(factors[i])
		if j-i > 1 {
			text += fmt.Sprint("^", j-i)
		}
		parts = append(parts, text)
		i = j
	}
	return strings.Join(parts, " * ")
}

func totient(n int, least []int) int {
	result := n
	for n > 1 {
		p := least[n]
		result -= result / p
		for n%p == 0 {
			n /= p
		}
	}
	return result
}

// euclid returns g = gcd(a, b) and x, y with a*x + b*y = g.
func euclid(a, b int) (g, x, y int) {
	if b == 0 {
		return a, 1, 0
	}
	g, x, y = euclid(b, a%b)
	return g, y, x - a/b*y
}

// chinese solves x = r[i] mod m[i] for all i.
func chinese(r, m []int) (x, modulus int, ok bool) {
	x, modulus = 0, 1
	for i := range r {
		g, p, _ := euclid(modulus, m[i])
		if (r[i]-x)%g != 0 {
			return 0, 0, false
		}
		lcm := modulus / g * m[i]
		x += (r[i] - x) / g * p % (m[i] / g) * modulus
		x = (x%lcm + lcm) % lcm
		modulus = lcm
	}
	return x, modulus, true
}

func continuedFraction(p, q int) (terms []int) {
	for q != 0 {
		terms = append(terms, p/q)
		p, q = q, p%q
	}
	return terms
}

// rootFraction is the continued fraction of the root of n; its period ends with twice the first term.
func rootFraction(n int) (first int, period []int) {
	for first*first <= n {
		first++
	}
	if first--; first*first == n {
		return first, nil
	}
	m, d, a := 0, 1, first
	for a != 2*first {
		m = d*a - m
		d = (n - m*m) / d
		a = (first + m) / d
		period = append(period, a)
	}
	return first, period
}

func pell(n int) (x, y int) {
	first, period := rootFraction(n)
	h0, h1, k0, k1 := 1, first, 0, 1
	for i := 0; h1*h1-n*k1*k1 != 1; i++ {
		a := period[i%len(period)]
		h0, h1 = h1, a*h1+h0
		k0, k1 = k1, a*k1+k0
	}
	return h1, k1
}

func main() {
	primes := sieve(100)
	fmt.Println(len(primes), primes[20:], len(sieve(2000)))
	least := smallestFactors(1000)
	perfect, twins, goldbach := []int{}, 0, 0
	for n := 2; n < 600; n++ {
		sum := 0
		for d := 1; d < n && d*d <= n; d++ {
			if n%d == 0 {
				sum += d
				if e := n / d; e != d && e != n {
					sum += e
				}
			}
		}
		if sum == n {
			perfect = append(perfect, n)
		}
		if least[n] == n && least[n+2] == n+2 {
			twins++
		}
	}
	for _, p := range primes {
		if q := 96 - p; q >= p && least[q] == q {
			goldbach++
		}
	}
	fmt.Println(perfect, twins, goldbach)
	for _, n := range []int{1, 2, 36, 97, 360, 999} {
		fmt.Print(n, ":", totient(n, append(least, 0)), " ")
	}
	fmt.Println()

	for _, n := range []uint64{561, 1_000_003, 1<<61 - 1, 18446744073709551557, 3215031751, 341550071728321} {
		fmt.Print(n, " ", isPrime(n), "; ")
	}
	fmt.Println()
	for _, n := range []uint64{1, 97, 1024, 360360, 999999999999, 10403 * 10403, 4294967297} {
		fmt.Println(n, "=", power(factor(n)))
	}

	g, x, y := euclid(240, 46)
	fmt.Println(g, x, y, 240*x+46*y, gcd(1071, 462))
	fmt.Println(chinese([]int{2, 3, 2}, []int{3, 5, 7}))
	fmt.Println(chinese([]int{1, 2}, []int{4, 6}))
	fmt.Println(chinese([]int{3, 5}, []int{4, 6}))
	fmt.Println(continuedFraction(415, 93), continuedFraction(314159, 100000))
	for _, n := range []int{2, 7, 13, 16, 61} {
		first, period := rootFraction(n)
		fmt.Print(n, " ", first, period, " ")
		if period != nil {
			fmt.Print(pell(n))
			fmt.Print(" ")
		}
	}
	fmt.Println()
	fmt.Println(powMod(2, 1<<62, 1_000_000_007), powMod(3, 0, 7), mulMod(1<<63, 1<<63, 1<<63+29))
}
