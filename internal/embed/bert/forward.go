package bert

import (
	"bytes"
	"fmt"
	"math"
)

// layer is one of the transformer's.
type layer struct {
	query, key, value, attended linear
	wide, narrow                linear
	afterAttention, afterWide   layerNorm
}

// linear is a product with a matrix, and a sum.
type linear struct {
	weight packed
	bias   []float32
}

// weigh takes the weights from a file.
func (m *Model) weigh(t tensors) error {
	c, r := m.config, reader{t: t, epsilon: m.config.Epsilon}
	pieces := r.table("embeddings.word_embeddings.weight", c.Hidden)
	places := r.table("embeddings.position_embeddings.weight", c.Hidden)
	segments := r.table("embeddings.token_type_embeddings.weight", c.Hidden)
	m.first = r.norm("embeddings.LayerNorm", c.Hidden)
	for i := range c.Layers {
		at := func(name string) string { return fmt.Sprintf("encoder.layer.%d.%s", i, name) }
		m.layers = append(m.layers, layer{
			query:          r.linear(at("attention.self.query"), c.Hidden, c.Hidden),
			key:            r.linear(at("attention.self.key"), c.Hidden, c.Hidden),
			value:          r.linear(at("attention.self.value"), c.Hidden, c.Hidden),
			attended:       r.linear(at("attention.output.dense"), c.Hidden, c.Hidden),
			wide:           r.linear(at("intermediate.dense"), c.Hidden, c.Intermediate),
			narrow:         r.linear(at("output.dense"), c.Intermediate, c.Hidden),
			afterAttention: r.norm(at("attention.output.LayerNorm"), c.Hidden),
			afterWide:      r.norm(at("output.LayerNorm"), c.Hidden),
		})
		if r.err != nil {
			break
		}
	}
	if r.err != nil {
		return r.err
	}
	if pieces.rows() < m.words.size || places.rows() < c.Positions || segments.rows() == 0 {
		return fmt.Errorf("%d pieces of words and %d positions have weights; the model has %d and %d", pieces.rows(), places.rows(), m.words.size, c.Positions)
	}
	m.pieces = pieces
	m.pieces.data = bytes.Clone(pieces.data) // so that the rest of the file can go
	m.place(places, segments)
	return nil
}

// place has each position begin with the vector of the first segment: texts
// have only one.
func (m *Model) place(places, segments table) {
	h := m.config.Hidden
	segment := make([]float32, h)
	segments.row(0, segment)
	m.places = make([]float32, m.config.Positions*h)
	for i := range m.config.Positions {
		place := m.places[i*h:][:h]
		places.row(i, place)
		add(place, segment)
	}
}

// reader takes tensors from a file until one is wrong.
type reader struct {
	t       tensors
	epsilon float64
	err     error
}

// name is that of a tensor in this file: some models have "bert." before it.
func (r *reader) name(name string) string {
	if _, ok := r.t.header["bert."+name]; ok {
		return "bert." + name
	}
	return name
}

func (r *reader) table(name string, columns int) (t table) {
	if r.err == nil {
		t, r.err = r.t.table(r.name(name), columns)
	}
	return t
}

func (r *reader) vector(name string, length int) (v []float32) {
	if r.err == nil {
		v, r.err = r.t.vector(r.name(name), length)
	}
	return v
}

func (r *reader) norm(name string, length int) layerNorm {
	return layerNorm{weight: r.vector(name+".weight", length), bias: r.vector(name+".bias", length), epsilon: r.epsilon}
}

func (r *reader) linear(name string, in, out int) linear {
	t, bias := r.table(name+".weight", in), r.vector(name+".bias", out)
	if r.err == nil && t.rows() != out {
		r.err = fmt.Errorf("%s has %d rows, not %d", name, t.rows(), out)
	}
	if r.err != nil {
		return linear{}
	}
	l := linear{weight: newPacked(in, out), bias: bias}
	row := make([]float32, in)
	for i := range out {
		t.row(i, row)
		l.weight.put(i, row)
	}
	return l
}

// apply is the layer of all rows of a, each as wide as the matrix is deep.
func (l linear) apply(a []float32) []float32 {
	n := len(a) / l.weight.depth
	c := make([]float32, n*l.weight.width)
	multiply(c, l.weight.width, a, l.weight.depth, n, l.weight)
	for i := 0; i < len(c); i += l.weight.width {
		add(c[i:i+l.weight.width], l.bias)
	}
	return c
}

func add(to, v []float32) {
	for i, x := range v {
		to[i] += x
	}
}

// forward makes the vectors of some texts, given by the numbers of their
// tokens. They lie below each other in one matrix, each from a row on that is a
// multiple of rows; only attention tells them apart.
func (m *Model) forward(texts [][]int32) [][]float32 {
	h := m.config.Hidden
	spans, states := m.states(texts)
	for _, l := range m.layers {
		q, k, v := l.query.apply(states), l.key.apply(states), l.value.apply(states)
		context := make([]float32, len(states))
		for _, s := range spans {
			part := s.from * h
			for head := range m.config.Heads {
				at := part + head*h/m.config.Heads
				m.attend(context[at:], q[at:], k[at:], v[at:], s.tokens)
			}
		}
		sum := l.attended.apply(context)
		add(sum, states)
		l.afterAttention.each(sum)
		wide := l.wide.apply(sum)
		for i, x := range wide {
			wide[i] = gelu(x)
		}
		states = l.narrow.apply(wide)
		add(states, sum)
		l.afterWide.each(states)
	}
	vectors := make([][]float32, len(spans))
	for i, s := range spans {
		vectors[i] = m.pool(states[s.from*h : (s.from+s.tokens)*h])
	}
	return vectors
}

// span is the rows of a text.
type span struct{ from, tokens int }

// states is what goes into the first layer.
func (m *Model) states(texts [][]int32) ([]span, []float32) {
	var spans []span
	total := 0
	for _, ids := range texts {
		spans = append(spans, span{total, len(ids)})
		total += up(len(ids), rows)
	}
	h := m.config.Hidden
	states := make([]float32, total*h)
	for i, ids := range texts {
		for at, id := range ids {
			row := states[(spans[i].from+at)*h:][:h]
			m.pieces.row(int(id), row)
			add(row, m.places[at*h:][:h])
		}
	}
	m.first.each(states)
	return spans, states
}

func (n layerNorm) each(states []float32) {
	for h := len(n.weight); len(states) > 0; states = states[h:] {
		n.apply(states[:h])
	}
}

// attend is one head of attention over the n tokens of a text (Vaswani and
// others: Attention Is All You Need, 2017). The slices begin at the head's first number.
func (m *Model) attend(out, q, k, v []float32, n int) {
	h := m.config.Hidden
	wide := h / m.config.Heads
	keys, values := newPacked(wide, n), newPacked(n, wide)
	for t := range n {
		keys.put(t, k[t*h:][:wide])
		for j := range wide / columns {
			copy(values.panel(j)[t*columns:], v[t*h+j*columns:][:columns])
		}
	}
	shares := make([]float32, up(n, rows)*keys.width)
	multiply(shares, keys.width, q, h, up(n, rows), keys)
	scale := float32(1 / math.Sqrt(float64(wide)))
	for i := 0; i < len(shares); i += keys.width {
		row := shares[i : i+n]
		for j := range row {
			row[j] *= scale
		}
		softmax(row)
	}
	multiply(out, h, shares, keys.width, up(n, rows), values)
}
