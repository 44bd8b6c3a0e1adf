package floats // want package:"not deterministic: "

import "math"

type celsius float64

func fused(x, y, z float64) float64 {
	a := x*y + z             // want "may fuse a float product"
	a += z + (x * y)         // want "may fuse a float product"
	a -= x * y               // want "may fuse a float product"
	a += -(x * y)            // want "may fuse a float product"
	product := x * y         // want "may fuse a float product"
	a = product + z          // because of this, in another statement
	a *= x                   // want "may fuse a float product"
	return math.Abs(x*y) + a // want "may fuse a float product"
}

func narrow(x, y, z float32, c celsius) float32 {
	_ = c*2 + 1    // want "may fuse a float product"
	return x*y - z // want "may fuse a float product"
}

func generic[F ~float32 | ~float64](x, y, z F) F {
	return x*y + z // want "may fuse a float product"
}

func complexes(x, y complex128) complex128 {
	x *= y       // want "may fuse the parts of a complex product"
	return x / y // want "may fuse the parts of a complex product"
}

func rounded(x, y, z float64, c celsius, n int) float64 {
	a := float64(x*y) + z
	a += float64(x * y)
	a = float64(-(x * y)) + z
	a = float64(x*y*z) / 2
	c = celsius(c*2) + 1
	if x*y < z {
		a = x*y/z + 1
	}
	const k = 3.0 * 4.0
	return a + k + float64(n*n+1) + x + y - z
}

func inexact(x float64) float64 {
	_ = math.Exp(x)    // want "calls math.Exp, whose bits differ between machines"
	_ = math.Log(x)    // want "calls math.Log"
	_ = math.Pow(x, 2) // want "calls math.Pow"
	f := math.Sin      // want "calls math.Sin"
	_ = math.Hypot(x, 1) // want "calls math.Hypot"
	return f(x)
}

func exact(x float64) float64 {
	x = math.Sqrt(x) + math.Floor(x) + math.Ceil(x) + math.Trunc(x) + math.FMA(x, x, x) + math.Mod(x, 2)
	if math.IsNaN(x) || math.IsInf(x, 1) {
		return math.Inf(1) + math.NaN() + math.Copysign(x, 1) + math.MaxFloat64
	}
	return math.Float64frombits(math.Float64bits(x)) + math.Round(x) + math.Ldexp(x, 2)
}
