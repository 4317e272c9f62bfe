package bert

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

// tensors are those of a file in the format safetensors: the length of a header
// in eight bytes, the header in JSON, and the numbers.
// https://huggingface.co/docs/safetensors
type tensors struct {
	header map[string]tensor
	data   []byte
}

type tensor struct {
	Type    string `json:"dtype"`
	Shape   []int  `json:"shape"`
	Offsets [2]int `json:"data_offsets"`
}

// width is how many bytes a number of a type has; 0 for types that are not read
// here.
func width(kind string) int {
	switch kind {
	case "F32":
		return 4
	case "F16", "BF16":
		return 2
	case "I8":
		return 1
	}
	return 0
}

// maxTensor is more numbers than any tensor has that is used here.
const maxTensor = 1 << 30

func readTensors(file []byte) (tensors, error) {
	if len(file) < 8 {
		return tensors{}, errors.New("no header")
	}
	n := binary.LittleEndian.Uint64(file)
	if n > uint64(len(file)-8) {
		return tensors{}, errors.New("the header is longer than the file")
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(file[8:8+n], &raw); err != nil {
		return tensors{}, fmt.Errorf("header: %w", err)
	}
	t := tensors{header: map[string]tensor{}, data: file[8+n:]}
	for name, r := range raw {
		if name == "__metadata__" {
			continue
		}
		var one tensor
		if err := json.Unmarshal(r, &one); err != nil {
			return tensors{}, fmt.Errorf("header of %q: %w", name, err)
		}
		t.header[name] = one
	}
	return t, nil
}

// scaled is what is added to the name of a tensor of small integers, for the
// number that each of its rows is to be multiplied by.
const scaled = ".scale"

// table is a tensor of two dimensions as it lies in the file: its numbers are
// made when a row is asked for, since most are small integers, and of the pieces
// of words few are ever used.
type table struct {
	kind    string
	columns int
	data    []byte
	scales  []float32 // one a row, for small integers
}

func (t table) rows() int { return len(t.data) / (t.columns * width(t.kind)) }

// row writes a row to v, which is as long.
func (t table) row(i int, v []float32) {
	size := t.columns * width(t.kind)
	decode(t.kind, t.data[i*size:(i+1)*size], v)
	if t.scales != nil {
		for j := range v {
			v[j] *= t.scales[i]
		}
	}
}

// table returns a tensor with this number of columns. It shares its bytes with
// the file.
func (t tensors) table(name string, columns int) (table, error) {
	one, bytes, err := t.bytes(name)
	if err != nil {
		return table{}, err
	}
	if len(one.Shape) != 2 || one.Shape[1] != columns {
		return table{}, fmt.Errorf("%s has the shape %v, not %d columns", name, one.Shape, columns)
	}
	found := table{kind: one.Type, columns: columns, data: bytes}
	if one.Type == "I8" {
		found.scales, err = t.vector(name+scaled, one.Shape[0])
		return found, err
	}
	row := make([]float32, columns)
	for i := range found.rows() {
		found.row(i, row)
		if err := finite(row); err != nil {
			return table{}, fmt.Errorf("%s: %w", name, err)
		}
	}
	return found, nil
}

// vector returns a tensor of this length.
func (t tensors) vector(name string, length int) ([]float32, error) {
	one, bytes, err := t.bytes(name)
	if err != nil {
		return nil, err
	}
	if len(one.Shape) != 1 || one.Shape[0] != length {
		return nil, fmt.Errorf("%s has the shape %v, not %d", name, one.Shape, length)
	}
	v := make([]float32, length)
	decode(one.Type, bytes, v)
	if err := finite(v); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return v, nil
}

// bytes checks that a tensor has the bytes that its shape needs.
func (t tensors) bytes(name string) (tensor, []byte, error) {
	one, ok := t.header[name]
	if !ok {
		return one, nil, fmt.Errorf("there is no tensor %s", name)
	}
	size := width(one.Type)
	if size == 0 {
		return one, nil, fmt.Errorf("%s has the type %q, which is not read here", name, one.Type)
	}
	for _, n := range one.Shape {
		if n <= 0 || n > maxTensor || size > maxTensor {
			return one, nil, fmt.Errorf("%s has the shape %v", name, one.Shape)
		}
		size *= n
	}
	from, to := one.Offsets[0], one.Offsets[1]
	if from < 0 || to > len(t.data) || to-from != size {
		return one, nil, fmt.Errorf("%s lies outside of the file, or has not the bytes of its shape", name)
	}
	return one, t.data[from:to], nil
}

// decode writes the numbers of b to v.
func decode(kind string, b []byte, v []float32) {
	for i := range v {
		switch kind {
		case "F32":
			v[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		case "BF16":
			v[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(b[2*i:])) << 16)
		case "F16":
			v[i] = half(binary.LittleEndian.Uint16(b[2*i:]))
		case "I8":
			v[i] = float32(int8(b[i]))
		}
	}
}

func finite(v []float32) error {
	for _, x := range v {
		if x != x || math.IsInf(float64(x), 0) {
			return errors.New("a number is none")
		}
	}
	return nil
}

// half is a float16 (IEEE 754 binary16).
func half(b uint16) float32 {
	sign, exponent, fraction := float64(1), int(b>>10&31), float64(b&1023)
	if b>>15 == 1 {
		sign = -1
	}
	switch exponent {
	case 0:
		return float32(sign * math.Ldexp(fraction, -24))
	case 31:
		return float32(math.Inf(1))
	}
	return float32(sign * math.Ldexp(1024+fraction, exponent-25))
}
