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

// matrix returns the rows of a tensor with this number of columns.
func (t tensors) matrix(name string, columns int) ([][]float32, error) {
	one, bytes, err := t.bytes(name)
	if err != nil {
		return nil, err
	}
	if len(one.Shape) != 2 || one.Shape[1] != columns {
		return nil, fmt.Errorf("%s has the shape %v, not %d columns", name, one.Shape, columns)
	}
	flat, err := numbers(one.Type, bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var scales []float32
	if one.Type == "I8" {
		if scales, err = t.vector(name+scaled, one.Shape[0]); err != nil {
			return nil, err
		}
	}
	m := make([][]float32, one.Shape[0])
	for i := range m {
		m[i] = flat[i*columns : (i+1)*columns : (i+1)*columns]
		for j := range m[i] {
			if scales != nil {
				m[i][j] *= scales[i]
			}
		}
	}
	return m, nil
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
	v, err := numbers(one.Type, bytes)
	if err != nil {
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
	size, ok := map[string]int{"F32": 4, "F16": 2, "BF16": 2, "I8": 1}[one.Type]
	if !ok {
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

func numbers(kind string, b []byte) ([]float32, error) {
	var v []float32
	switch kind {
	case "F32":
		for ; len(b) > 0; b = b[4:] {
			v = append(v, math.Float32frombits(binary.LittleEndian.Uint32(b)))
		}
	case "BF16":
		for ; len(b) > 0; b = b[2:] {
			v = append(v, math.Float32frombits(uint32(binary.LittleEndian.Uint16(b))<<16))
		}
	case "F16":
		for ; len(b) > 0; b = b[2:] {
			v = append(v, half(binary.LittleEndian.Uint16(b)))
		}
	case "I8":
		v = make([]float32, len(b))
		for i, x := range b {
			v[i] = float32(int8(x))
		}
	}
	for _, x := range v {
		if x != x || math.IsInf(float64(x), 0) {
			return nil, errors.New("a number is none")
		}
	}
	return v, nil
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
