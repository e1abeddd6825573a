// Numbers without limits: factorials, Fibonacci by doubling, pi and e, roots, rationals, and RSA with math/big.

package main

import (
	"fmt"
	"math/big"
	"strings"
)

func fib(n int) *big.Int {
	a, b := big.NewInt(0), big.NewInt(1)
	for bit := 31; bit >= 0; bit-- {
		// F(2k) = F(k)(2F(k+1)-F(k)), F(2k+1) = F(k)² + F(k+1)²
		c := new(big.Int).Lsh(b, 1)
		c.Sub(c, a).Mul(c, a)
		d := new(big.Int).Mul(a, a)
		d.Add(d, new(big.Int).Mul(b, b))
		a, b = c, d
		if n>>bit&1 == 1 {
			a, b = b, new(big.Int).Add(a, b)
		}
	}
	return a
}

// spigot gives the digits of pi one after the other.
func spigot(n int) string {
	var digits strings.Builder
	q, r, t, k := big.NewInt(1), big.NewInt(0), big.NewInt(1), int64(1)
	three, four := big.NewInt(3), big.NewInt(4)
	extract := func(j *big.Int) *big.Int {
		x := new(big.Int).Mul(q, j)
		return x.Div(x.Add(x, r), t)
	}
	for digits.Len() < n {
		if y := extract(three); y.Cmp(extract(four)) == 0 {
			digits.WriteString(y.String())
			r.Mul(big.NewInt(10), r.Sub(r, y.Mul(y, t)))
			q.Mul(q, big.NewInt(10))
			continue
		}
		w := big.NewInt(2*k + 1)
		r.Mul(r.Add(r, new(big.Int).Lsh(q, 1)), w)
		q.Mul(q, big.NewInt(k))
		t.Mul(t, w)
		k++
	}
	return digits.String()
}

func e(terms int64) *big.Rat {
	sum := new(big.Rat)
	for n := range terms {
		sum.Add(sum, new(big.Rat).SetFrac(big.NewInt(1), new(big.Int).MulRange(1, n)))
	}
	return sum
}

// bernoulli uses the Akiyama-Tanigawa triangle.
func bernoulli(n int) *big.Rat {
	a := make([]big.Rat, n+1)
	for m := range a {
		a[m].SetFrac64(1, int64(m+1))
		for j := m; j >= 1; j-- {
			d := &a[j-1]
			d.Mul(d.Sub(d, &a[j]), new(big.Rat).SetInt64(int64(j)))
		}
	}
	return &a[0]
}

func harmonic(n int64) *big.Rat {
	h := new(big.Rat)
	for k := int64(1); k <= n; k++ {
		h.Add(h, big.NewRat(1, k))
	}
	return h
}

func egyptian(r *big.Rat) (parts []string) {
	r = new(big.Rat).Set(r)
	for r.Sign() > 0 {
		n := new(big.Int).Div(new(big.Int).Add(r.Denom(), new(big.Int).Sub(r.Num(), big.NewInt(1))), r.Num())
		unit := new(big.Rat).SetFrac(big.NewInt(1), n)
		parts = append(parts, unit.RatString())
		r.Sub(r, unit)
	}
	return parts
}

type keyPair struct{ n, e, d *big.Int }

func newKeys(p, q *big.Int) keyPair {
	one := big.NewInt(1)
	n := new(big.Int).Mul(p, q)
	phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	e := big.NewInt(65537)
	return keyPair{n, e, new(big.Int).ModInverse(e, phi)}
}

func main() {
	fact := new(big.Int).MulRange(1, 50)
	fmt.Println(fact, len(fact.String()), fact.BitLen(), fact.TrailingZeroBits())
	fmt.Println(fib(10), fib(100), len(fib(1000).String()))
	fmt.Println(spigot(40))
	fmt.Println(e(25).FloatString(20), e(5))
	for _, n := range []int{0, 1, 2, 8, 12} {
		fmt.Print("B", n, "=", bernoulli(n).RatString(), " ")
	}
	fmt.Println(harmonic(20), egyptian(big.NewRat(4, 13)), egyptian(big.NewRat(7, 15)))

	x, _ := new(big.Int).SetString("-123456789012345678901234567890", 10)
	y := big.NewInt(987654321)
	q, m := new(big.Int).DivMod(x, y, new(big.Int))
	q2, r := new(big.Int).QuoRem(x, y, new(big.Int))
	fmt.Println(q, m, q2, r)
	fmt.Println(x.Sign(), x.Cmp(y), new(big.Int).Neg(x), new(big.Int).Abs(x).ProbablyPrime(5))
	fmt.Println(new(big.Int).Exp(big.NewInt(2), big.NewInt(200), nil), new(big.Int).Exp(big.NewInt(3), fact, y))
	fmt.Println(new(big.Int).Sqrt(fact), new(big.Int).GCD(nil, nil, fact, big.NewInt(1<<40)), new(big.Int).Binomial(60, 30))
	z, ok := new(big.Int).SetString("0xff_ff", 0)
	fmt.Println(z, ok, z.Text(2), z.Text(36), z.Bit(3), new(big.Int).SetBit(z, 20, 1))
	fmt.Println(new(big.Int).And(x, y), new(big.Int).Or(x, y), new(big.Int).Xor(y, z), new(big.Int).Not(y), new(big.Int).Rsh(x, 70), new(big.Int).AndNot(y, z))
	fmt.Printf("%d %x %X %#b %20d|%-8d|%+d %s %v\n", y, y, y, big.NewInt(5), y, big.NewInt(7), y, y, []*big.Int{y})
	fmt.Println(y.IsInt64(), x.IsInt64(), new(big.Int).SetBytes([]byte{1, 0}), x.Uint64() == uint64(x.Int64()), len(x.Bytes()))

	sum, _ := new(big.Rat).SetString("22/7")
	sum.Add(sum, big.NewRat(-3, 14))
	f, exact := sum.Float64()
	fmt.Println(sum, sum.Num(), sum.Denom(), f, exact, sum.FloatString(5), new(big.Rat).SetFloat64(0.1), new(big.Rat).Inv(sum))
	third, _ := new(big.Rat).SetString("0.125e1")
	fmt.Println(third, third.Cmp(sum), third.IsInt(), new(big.Rat).Quo(sum, third))

	two := new(big.Float).SetPrec(200).SetInt64(2)
	root := new(big.Float).SetPrec(200).Sqrt(two)
	fmt.Println(root.Text('f', 55), root.Prec(), new(big.Float).Mul(root, root).Cmp(two))
	pi, _, err := big.ParseFloat("3.14159265358979323846264338327950288", 10, 120, big.ToNearestEven)
	fmt.Printf("%.30f %v %v %.5g %s\n", pi, err, pi.Mode(), new(big.Float).Quo(pi, two), pi.Text('e', 10))
	i, acc := pi.Int(nil)
	fmt.Println(i, acc, pi.Sign(), pi.IsInt(), new(big.Float).SetInf(true))

	p, _ := new(big.Int).SetString("170141183460469231731687303715884105727", 10) // 2^127 - 1
	q3 := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 89), big.NewInt(1))
	keys := newKeys(p, q3)
	message := new(big.Int).SetBytes([]byte("attack at dawn"))
	secret := new(big.Int).Exp(message, keys.e, keys.n)
	fmt.Printf("%x\n%s\n", secret, new(big.Int).Exp(secret, keys.d, keys.n).Bytes())
	fmt.Println(p.ProbablyPrime(10), q3.ProbablyPrime(10), keys.n.ProbablyPrime(10), big.Jacobi(big.NewInt(1001), big.NewInt(9907)), new(big.Int).ModSqrt(big.NewInt(5), big.NewInt(41)))
	var text big.Int
	n, err := fmt.Sscan("  -77xyz", &text)
	fmt.Println(n, err, &text)
	data, err := text.MarshalText()
	fmt.Println(string(data), err)
}
