package bert

import "math"

// exp is e to the power of x, for x up to 0, as near as float32 needs it: the
// whole powers of two go into the exponent, and a polynomial of Taylor's does
// the rest, between -ln(2)/2 and ln(2)/2.
func exp(x float32) float32 {
	if x < -87 {
		return 0
	}
	n := float32(math.Floor(float64(x*math.Log2E + 0.5)))
	r := x - n*math.Ln2
	p := 1 + r*(1+r*(1.0/2+r*(1.0/6+r*(1.0/24+r*(1.0/120+r/720)))))
	return p * math.Float32frombits(uint32(int32(n)+127)<<23)
}

// gelu is x times the share of a normal distribution that is below x
// (Hendrycks, Gimpel: Gaussian Error Linear Units, 2016). The error function is
// formula 7.1.26 of Abramowitz, Stegun: Handbook of Mathematical Functions, right to 1.5e-7.
func gelu(x float32) float32 {
	z := x * math.Sqrt2 / 2
	if z < 0 {
		z = -z
	}
	t := 1 / (1 + 0.3275911*z)
	tail := t * (0.254829592 + t*(-0.284496736+t*(1.421413741+t*(-1.453152027+t*1.061405429)))) * exp(-z*z) / 2
	if x < 0 {
		return x * tail
	}
	return x * (1 - tail)
}

// softmax turns scores into shares of 1.
func softmax(v []float32) {
	top := v[0]
	for _, x := range v {
		top = max(top, x)
	}
	sum := float32(0)
	for i, x := range v {
		v[i] = exp(x - top)
		sum += v[i]
	}
	for i := range v {
		v[i] /= sum
	}
}

// layerNorm is a layer normalization (Ba, Kiros, Hinton: Layer Normalization, 2016).
type layerNorm struct {
	weight, bias []float32
	epsilon      float64
}

func (n layerNorm) apply(v []float32) {
	mean, variance := 0.0, 0.0
	for _, x := range v {
		mean += float64(x)
	}
	mean /= float64(len(v))
	for _, x := range v {
		d := float64(x) - mean
		variance += d * d
	}
	scale := float32(1 / math.Sqrt(variance/float64(len(v))+n.epsilon))
	for i, x := range v {
		v[i] = (x-float32(mean))*scale*n.weight[i] + n.bias[i]
	}
}
