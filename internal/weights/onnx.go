package main

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// tensor is one of the model's, row by row.
type tensor struct {
	shape []int
	data  []float32
}

// The numbers of fields in onnx.proto (https://github.com/onnx/onnx): ModelProto.graph;
// GraphProto.node and initializer; NodeProto.input, name and op_type;
// TensorProto.dims, data_type, name and raw_data.
const (
	modelGraph       = 7
	graphNode        = 1
	graphInitializer = 5
	nodeInput        = 1
	nodeName         = 3
	nodeKind         = 4
	tensorDims       = 1
	tensorType       = 2
	tensorName       = 8
	tensorRaw        = 9
)

// field is one of a message's: a number, or bytes.
type field struct {
	id     protowire.Number
	number uint64
	bytes  []byte
}

// fields divides a message.
func fields(message []byte) ([]field, error) {
	var out []field
	for len(message) > 0 {
		id, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		message = message[n:]
		f := field{id: id}
		switch kind {
		case protowire.VarintType:
			f.number, n = protowire.ConsumeVarint(message)
		case protowire.BytesType:
			f.bytes, n = protowire.ConsumeBytes(message)
		default:
			n = protowire.ConsumeFieldValue(id, kind, message)
		}
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		message, out = message[n:], append(out, f)
	}
	return out, nil
}

// readONNX returns the tensors of a graph by the names that they have in
// PyTorch. The matrices of products have lost theirs, and are turned: the nodes
// that use them tell.
func readONNX(model []byte) (map[string]tensor, error) {
	graph, err := fields(model)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(graph, func(f field) bool { return f.id == modelGraph })
	if i < 0 {
		return nil, errors.New("the file holds no graph")
	}
	parts, err := fields(graph[i].bytes)
	if err != nil {
		return nil, err
	}
	found, users := map[string]tensor{}, map[string]string{}
	for _, p := range parts {
		switch p.id {
		case graphInitializer:
			err = readTensor(p.bytes, found)
		case graphNode:
			err = readProduct(p.bytes, users)
		}
		if err != nil {
			return nil, err
		}
	}
	for name, user := range users {
		if t, ok := found[name]; ok {
			delete(found, name)
			found[user] = turned(t)
		}
	}
	return found, nil
}

func readTensor(message []byte, into map[string]tensor) error {
	parts, err := fields(message)
	if err != nil {
		return err
	}
	var (
		t    tensor
		name string
	)
	for _, p := range parts {
		switch p.id {
		case tensorDims:
			if p.bytes != nil {
				return errors.New("the sizes of a tensor are packed")
			}
			t.shape = append(t.shape, int(p.number))
		case tensorType:
			if p.number != 1 {
				return nil // no floats: a constant of the graph
			}
		case tensorName:
			name = string(p.bytes)
		case tensorRaw:
			for b := p.bytes; len(b) >= 4; b = b[4:] {
				t.data = append(t.data, math.Float32frombits(binary.LittleEndian.Uint32(b)))
			}
		}
	}
	into[name] = t
	return nil
}

// readProduct notes which layer a product with a matrix belongs to.
func readProduct(message []byte, users map[string]string) error {
	parts, err := fields(message)
	if err != nil {
		return err
	}
	var name, kind, matrix string
	for _, p := range parts {
		switch p.id {
		case nodeInput:
			matrix = string(p.bytes) // the last one
		case nodeName:
			name = string(p.bytes)
		case nodeKind:
			kind = string(p.bytes)
		}
	}
	if layer, ok := strings.CutSuffix(name, "/MatMul"); ok && kind == "MatMul" {
		users[matrix] = strings.ReplaceAll(strings.TrimPrefix(layer, "/"), "/", ".") + ".weight"
	}
	return nil
}

func turned(t tensor) tensor {
	in, out := t.shape[0], t.shape[1]
	u := tensor{shape: []int{out, in}, data: make([]float32, len(t.data))}
	for i := range in {
		for j := range out {
			u.data[j*in+i] = t.data[i*out+j]
		}
	}
	return u
}

// safetensors writes tensors in this format, matrices in eight bits with a scale
// for each row.
func safetensors(all map[string]tensor) []byte {
	type entry struct {
		Type    string `json:"dtype"`
		Shape   []int  `json:"shape"`
		Offsets [2]int `json:"data_offsets"`
	}
	header, data := map[string]entry{}, []byte(nil)
	add := func(name, kind string, shape []int, bytes []byte) {
		header[name] = entry{kind, shape, [2]int{len(data), len(data) + len(bytes)}}
		data = append(data, bytes...)
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		t := all[name]
		if len(t.shape) != 2 {
			add(name, "F32", t.shape, floats(t.data))
			continue
		}
		small, scales := eighths(t)
		add(name, "I8", t.shape, small)
		add(name+".scale", "F32", t.shape[:1], floats(scales))
	}
	text, err := json.Marshal(header)
	if err != nil {
		panic(fmt.Errorf("a header of names and numbers: %w", err))
	}
	for len(text)%8 != 0 {
		text = append(text, ' ')
	}
	file := binary.LittleEndian.AppendUint64(nil, uint64(len(text)))
	return append(append(file, text...), data...)
}

// eighths are the rows of a matrix in numbers from -127 to 127, and what these
// are to be multiplied by.
func eighths(t tensor) (small []byte, scales []float32) {
	for row := range slices.Chunk(t.data, t.shape[1]) {
		most := float32(0)
		for _, x := range row {
			most = max(most, float32(math.Abs(float64(x))))
		}
		scale := max(most/127, 1e-12)
		scales = append(scales, scale)
		for _, x := range row {
			small = append(small, byte(int8(math.RoundToEven(float64(x/scale)))))
		}
	}
	return small, scales
}

func floats(v []float32) []byte {
	var b []byte
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}
