package vectors

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"
)

func sample(dimension, records int) []byte {
	b := header{"small", dimension}.encode()
	for i := range records {
		v := make([]float32, dimension)
		v[i%dimension] = 1
		b = appendRecord(b, keyOf(string(rune('a'+i))), v)
	}
	return b
}

// Whatever a file holds, reading it ends, believes no vector that could spoil a
// search, and never takes more than there is.
func FuzzRead(f *testing.F) {
	whole := sample(4, 3)
	f.Add(whole)
	f.Add(whole[:len(whole)-7])
	f.Add(append(sample(4, 3), make([]byte, 100)...))
	f.Add(sample(1, 0))
	huge := sample(4, 1)
	binary.LittleEndian.PutUint32(huge[8:], math.MaxUint32)
	f.Add(huge)
	long := sample(4, 1)
	binary.LittleEndian.PutUint32(long[12:], math.MaxUint32)
	f.Add(long)
	f.Fuzz(func(t *testing.T, b []byte) {
		n := 0
		c, err := read(bytes.NewReader(b), func(_ key, v []float32) {
			n++
			if len(v) == 0 {
				t.Error("a vector without numbers")
			}
			for _, x := range v {
				if !(x >= -2 && x <= 2) {
					t.Errorf("a vector with %v", x)
				}
			}
		})
		if err != nil {
			if n > 0 {
				t.Errorf("%d vectors before %v", n, err)
			}
			return
		}
		if c.end > int64(len(b)) || c.end < int64(len(c.encode())) {
			t.Errorf("ends at %d of %d", c.end, len(b))
		}
		if int64(n+c.damaged)*int64(c.recordSize()) != c.end-int64(len(c.encode())) {
			t.Errorf("%d records and %d damaged ones up to %d", n, c.damaged, c.end)
		}
	})
}

func TestReadFindsWhatWasWritten(t *testing.T) {
	t.Parallel()
	for _, dimension := range []int{1, 4, 384, 1536} {
		b, n := sample(dimension, 9), 0
		c, err := read(bytes.NewReader(b), func(k key, v []float32) {
			if k != keyOf(string(rune('a'+n))) || v[n%dimension] != 1 {
				t.Errorf("record %d is wrong", n)
			}
			n++
		})
		if err != nil || n != 9 || c.model != "small" || c.dimension != dimension || c.end != int64(len(b)) {
			t.Errorf("dimension %d: %+v, %d records, %v", dimension, c, n, err)
		}
	}
}
