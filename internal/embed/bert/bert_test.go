package bert

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/mcp-notion/mcp-notion/internal/embed/bert/berttest"
)

// folder is the tiny model, to be changed.
func folder() fstest.MapFS { return maps.Clone(berttest.Folder(1).(fstest.MapFS)) }

func load(t *testing.T, f fs.FS) *Model {
	t.Helper()
	m, err := Open(f)
	if err == nil {
		err = m.load()
	}
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// plainly is the model as the papers write it, number by number.
type plainly struct {
	t berttest.Tensors
}

func (p plainly) linear(name string, in []float64) []float64 {
	var out []float64
	for i, row := range p.t[name+".weight"] {
		sum := float64(p.t[name+".bias"][0][i])
		for j, x := range row {
			sum += float64(x) * in[j]
		}
		out = append(out, sum)
	}
	return out
}

func (p plainly) norm(name string, v []float64) []float64 {
	mean, variance := 0.0, 0.0
	for _, x := range v {
		mean += x / float64(len(v))
	}
	for _, x := range v {
		variance += (x - mean) * (x - mean) / float64(len(v))
	}
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = (x-mean)/math.Sqrt(variance+1e-12)*float64(p.t[name+".weight"][0][i]) + float64(p.t[name+".bias"][0][i])
	}
	return out
}

func (p plainly) attend(queries, keys, values [][]float64, i int) []float64 {
	const wide = berttest.Hidden / berttest.Heads
	out := make([]float64, berttest.Hidden)
	for head := range berttest.Heads {
		var shares []float64
		sum := 0.0
		for j := range keys {
			dot := 0.0
			for d := range wide {
				dot += queries[i][head*wide+d] * keys[j][head*wide+d]
			}
			shares = append(shares, math.Exp(dot/math.Sqrt(wide)))
			sum += shares[j]
		}
		for j, share := range shares {
			for d := range wide {
				out[head*wide+d] += share / sum * values[j][head*wide+d]
			}
		}
	}
	return out
}

func both(a, b []float64) []float64 {
	out := make([]float64, len(a))
	for i := range a {
		out[i] = a[i] + b[i]
	}
	return out
}

func (p plainly) vector(ids []int32, mean bool) []float64 {
	var states [][]float64
	for at, id := range ids {
		v := make([]float64, berttest.Hidden)
		for i := range v {
			v[i] = float64(p.t["embeddings.word_embeddings.weight"][id][i] + p.t["embeddings.position_embeddings.weight"][at][i] + p.t["embeddings.token_type_embeddings.weight"][0][i])
		}
		states = append(states, p.norm("embeddings.LayerNorm", v))
	}
	for n := range berttest.Layers {
		at := "encoder.layer." + string(rune('0'+n)) + "."
		var q, k, v, next [][]float64
		for _, s := range states {
			q = append(q, p.linear(at+"attention.self.query", s))
			k = append(k, p.linear(at+"attention.self.key", s))
			v = append(v, p.linear(at+"attention.self.value", s))
		}
		for i, s := range states {
			a := p.norm(at+"attention.output.LayerNorm", both(s, p.linear(at+"attention.output.dense", p.attend(q, k, v, i))))
			wide := p.linear(at+"intermediate.dense", a)
			for i, x := range wide {
				wide[i] = x * (1 + math.Erf(x/math.Sqrt2)) / 2
			}
			next = append(next, p.norm(at+"output.LayerNorm", both(a, p.linear(at+"output.dense", wide))))
		}
		states = next
	}
	sum, length := make([]float64, berttest.Hidden), 0.0
	for i, s := range states {
		if mean || i == 0 {
			sum = both(sum, s)
		}
	}
	for _, x := range sum {
		length += x * x
	}
	for i := range sum {
		sum[i] /= math.Sqrt(length)
	}
	return sum
}

func TestVectorsAreWhatThePapersSay(t *testing.T) {
	texts := []string{"", "the travel request", strings.Repeat("five days of travel! ", 30), "é", "a page, a handbook"}
	for _, pooling := range []string{`{"pooling_mode_cls_token": true}`, `{"pooling_mode_mean_tokens": true}`} {
		f := folder()
		f["1_Pooling/config.json"] = &fstest.MapFile{Data: []byte(pooling)}
		m := load(t, f)
		got, err := m.Passages(t.Context(), texts)
		if err != nil {
			t.Fatal(err)
		}
		for i, text := range texts {
			want := plainly{berttest.Weights(1)}.vector(m.words.tokens(text, berttest.Positions), strings.Contains(pooling, "mean"))
			for j := range want {
				if d := math.Abs(want[j] - float64(got[i][j])); !(d < 1e-5) {
					t.Fatalf("%s %.20q: number %d is %v, not %v", pooling, text, j, got[i][j], want[j])
				}
			}
		}
	}
}

func TestQueriesHaveTheirPrefix(t *testing.T) {
	f := folder()
	f["config_sentence_transformers.json"] = &fstest.MapFile{Data: []byte(`{"prompts": {"query": "review: ", "passage": "page: "}}`)}
	with, without := load(t, f), load(t, folder())
	for _, c := range []struct {
		embed  func(context.Context, []string) ([][]float32, error)
		before string
	}{{with.Queries, "review: "}, {with.Passages, "page: "}} {
		got, _ := c.embed(t.Context(), []string{"five days"})
		want, _ := without.Passages(t.Context(), []string{c.before + "five days"})
		if !slices.Equal(got[0], want[0]) {
			t.Errorf("%q is not what is put before", c.before)
		}
	}
}

func TestEndOfTheCaller(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := load(t, folder()).Passages(ctx, []string{"a"}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestModelsThatCannotBeRun(t *testing.T) {
	change := func(name, old, now string) fstest.MapFS {
		f := folder()
		f[name] = &fstest.MapFile{Data: []byte(strings.Replace(string(f[name].Data), old, now, 1))}
		return f
	}
	lacking := berttest.Weights(1)
	delete(lacking, "encoder.layer.1.output.dense.bias")
	short := folder()
	short["model.safetensors"] = &fstest.MapFile{Data: berttest.File(lacking)}
	cut := folder()
	cut["model.safetensors"] = &fstest.MapFile{Data: cut["model.safetensors"].Data[:20000]}
	for says, f := range map[string]fs.FS{
		"config.json":                           fstest.MapFS{},
		`"roberta"; only bert`:                  change("config.json", `"bert"`, `"roberta"`),
		`"relu"; only gelu`:                     change("config.json", `"gelu"`, `"relu"`),
		"only multiples of 16":                  change("config.json", `"num_attention_heads": 2`, `"num_attention_heads": 4`),
		"lacks a size":                          change("config.json", `"hidden_size": 32`, `"hidden_size": -32`),
		"lacks [CLS]":                           change("vocab.txt", "[CLS]\n", "[CLASS]\n"),
		"not 64 columns":                        change("config.json", `"hidden_size": 32`, `"hidden_size": 64`),
		"encoder.layer.1.output.dense.bias":     short,
		"lies outside":                          cut,
		"have weights; the model has":           change("vocab.txt", "[PAD]\n", "[PAD]\none more\n"),
		"there is no tensor encoder.layer.2":    change("config.json", `"num_hidden_layers": 2`, `"num_hidden_layers": 3`),
		"positions have weights; the model has": change("config.json", `"max_position_embeddings": 40`, `"max_position_embeddings": 41`),
	} {
		m, err := Open(f)
		if err == nil {
			_, err = m.Queries(t.Context(), []string{"a"})
		}
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v does not say %q", err, says)
		}
	}
}

func TestTilesAreTheSamePlainAndFast(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	numbers := func(n int) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = random.Float32() - 0.5
		}
		return v
	}
	for depth := 1; depth < 80; depth++ {
		lda, ldc := depth+random.IntN(3), columns+random.IntN(9)
		a, b := numbers(lda*rows), numbers(depth*columns)
		got, want := numbers(ldc*rows), []float32(nil)
		want = slices.Clone(got)
		tile(got, ldc, a, lda, b)
		tileGo(want, ldc, a, lda, b)
		for i := range want {
			if math.Abs(float64(got[i]-want[i])) > 1e-5 {
				t.Fatalf("depth %d: number %d is %v, not %v", depth, i, got[i], want[i])
			}
		}
	}
}

func TestFunctionsAreNearEnough(t *testing.T) {
	for x := -100.0; x <= 0; x += 0.01 {
		if got, want := float64(exp(float32(x))), math.Exp(float64(float32(x))); math.Abs(got-want) > 1e-5*want+1e-37 {
			t.Fatalf("exp(%v) is %v, not %v", x, got, want)
		}
	}
	for x := -12.0; x <= 12; x += 0.01 {
		if got, want := float64(gelu(float32(x))), x*(1+math.Erf(x/math.Sqrt2))/2; math.Abs(got-want) > 4e-6 {
			t.Fatalf("gelu(%v) is %v, not %v", x, got, want)
		}
	}
}

func TestHalves(t *testing.T) {
	for bits, want := range map[uint16]float32{0: 0, 0x3C00: 1, 0xC000: -2, 0x3555: 0.33325195, 1: 5.9604645e-8, 0x7BFF: 65504} {
		if got := half(bits); got != want {
			t.Errorf("%x is %v, not %v", bits, got, want)
		}
	}
}

func FuzzTensors(f *testing.F) {
	f.Add(berttest.File(berttest.Tensors{"a.bias": {{1, 2}}, "m": {{1, 2}, {3, 4}}}))
	f.Add([]byte("\x02\x00\x00\x00\x00\x00\x00\x00{}"))
	f.Fuzz(func(_ *testing.T, file []byte) {
		t, err := readTensors(file)
		if err != nil {
			return
		}
		for name := range t.header {
			_, _ = t.table(name, 2)
			_, _ = t.vector(name, 2)
		}
	})
}

func FuzzTokens(f *testing.F) {
	for _, r := range reference(f) {
		f.Add(r.Text)
	}
	v, err := readVocabulary("[PAD]\n[UNK]\n[CLS]\n[SEP]\na\n##b\n", false)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ids := v.tokens(text, 20)
		if len(ids) < 2 || len(ids) > 20 || ids[0] != 2 || ids[len(ids)-1] != 3 || slices.Index(ids, 3) != len(ids)-1 {
			t.Errorf("%v", ids)
		}
	})
}

// referenced is what the reference makes of a text: the tokenizers of Hugging
// Face and, of bge-small-en-v1.5 in full precision, ONNX Runtime.
type referenced struct {
	Text   string
	IDs    []int32
	Vector []float32 // the first numbers
}

func reference(tb testing.TB) []referenced {
	tb.Helper()
	data, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		tb.Fatal(err)
	}
	var all []referenced
	if err := json.Unmarshal(data, &all); err != nil {
		tb.Fatal(err)
	}
	return all
}

func builtModel(tb testing.TB) *Model {
	tb.Helper()
	folder, ok := Built()
	if !ok {
		tb.Skip("built without a model; go run ./internal/weights makes it")
	}
	m, err := Open(folder)
	if err == nil {
		err = m.load()
	}
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

func TestBuiltModelIsTheReference(t *testing.T) {
	m := builtModel(t)
	for _, r := range reference(t) {
		if got := m.words.tokens(r.Text, m.config.Positions); !slices.Equal(got, r.IDs) {
			t.Errorf("%q is divided into %v, not %v", r.Text, got, r.IDs)
		}
		v, err := m.Passages(t.Context(), []string{r.Text})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range r.Vector {
			if math.Abs(float64(v[0][i]-want)) > 0.01 { // eight bits are not all of them
				t.Errorf("%q: number %d is %v, not %v", r.Text, i, v[0][i], want)
				break
			}
		}
	}
}

func BenchmarkPassage(b *testing.B) {
	m := builtModel(b)
	text := strings.Repeat("The office reviews every travel request within five working days of its receipt. ", 14) // 200 tokens
	for b.Loop() {
		if _, err := m.Passages(b.Context(), []string{text}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkQuestionAndThreeRephrasings(b *testing.B) {
	m := builtModel(b)
	texts := []string{"how long does a travel request take", "travel request review time", "days until travel is approved", "travel approval five working days"}
	for b.Loop() {
		if _, err := m.Queries(b.Context(), texts); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		builtModel(b)
	}
}
