// Package berttest makes models for tests: small, random, and of no use.
package berttest

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"strings"
	"testing/fstest"
)

// The sizes of the model.
const (
	Hidden       = 32
	Heads        = 2
	Intermediate = 48
	Layers       = 2
	Positions    = 40
)

// Words are what the model knows as a whole; every other word is divided into
// letters.
const Words = "the a of is page handbook travel request review days five"

// Tensors are the weights by name, each a row or several.
type Tensors map[string][][]float32

// Folder is a model as a folder, the same for the same seed.
func Folder(seed uint64) fs.FS {
	vocab := strings.Join(vocabulary(), "\n") + "\n"
	return fstest.MapFS{
		"config.json": {Data: fmt.Appendf(nil, `{"_name_or_path": "tiny", "model_type": "bert", "hidden_act": "gelu", "layer_norm_eps": 1e-12,
 "hidden_size": %d, "num_attention_heads": %d, "intermediate_size": %d, "num_hidden_layers": %d, "max_position_embeddings": %d}`,
			Hidden, Heads, Intermediate, Layers, Positions)},
		"vocab.txt":         {Data: []byte(vocab)},
		"model.safetensors": {Data: File(Weights(seed))},
	}
}

func vocabulary() []string {
	words := append([]string{"[PAD]", "[UNK]", "[CLS]", "[SEP]"}, strings.Fields(Words)...)
	for r := '!'; r <= '~'; r++ {
		words = append(words, string(r), "##"+string(r))
	}
	return words
}

// Weights are those of the model.
func Weights(seed uint64) Tensors {
	random := rand.New(rand.NewPCG(seed, 0))
	t := Tensors{}
	matrix := func(name string, rows, columns int) {
		for range rows {
			row := make([]float32, columns)
			for i := range row {
				row[i] = float32(random.NormFloat64() * 0.3)
			}
			t[name] = append(t[name], row)
		}
	}
	norm := func(name string) {
		matrix(name+".weight", 1, Hidden)
		matrix(name+".bias", 1, Hidden)
		for i := range t[name+".weight"][0] {
			t[name+".weight"][0][i]++
		}
	}
	linear := func(name string, in, out int) {
		matrix(name+".weight", out, in)
		matrix(name+".bias", 1, out)
	}
	matrix("embeddings.word_embeddings.weight", len(vocabulary()), Hidden)
	matrix("embeddings.position_embeddings.weight", Positions, Hidden)
	matrix("embeddings.token_type_embeddings.weight", 2, Hidden)
	norm("embeddings.LayerNorm")
	for i := range Layers {
		at := fmt.Sprintf("encoder.layer.%d.", i)
		for _, name := range []string{"attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"} {
			linear(at+name, Hidden, Hidden)
		}
		norm(at + "attention.output.LayerNorm")
		linear(at+"intermediate.dense", Hidden, Intermediate)
		linear(at+"output.dense", Intermediate, Hidden)
		norm(at + "output.LayerNorm")
	}
	return t
}

// File writes tensors in the format safetensors. Single rows become vectors.
func File(all Tensors) []byte {
	header, data := map[string]any{}, []byte(nil)
	for name, rows := range all {
		shape, from := []int{len(rows), len(rows[0])}, len(data)
		if strings.HasSuffix(name, ".bias") || strings.Contains(name, "LayerNorm") {
			shape = shape[1:]
		}
		for _, row := range rows {
			for _, x := range row {
				data = binary.LittleEndian.AppendUint32(data, math.Float32bits(x))
			}
		}
		header[name] = map[string]any{"dtype": "F32", "shape": shape, "data_offsets": []int{from, len(data)}}
	}
	text, err := json.Marshal(header)
	if err != nil {
		panic(err)
	}
	return append(append(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), text...), data...)
}
