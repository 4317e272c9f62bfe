package bert

// A product of matrices is made tile by tile: rows rows of the left one by
// columns columns of the right one, which is packed so that a tile reads it from
// one end to the other.
const (
	rows    = 6
	columns = 16
)

// up rounds n up to a multiple of unit.
func up(n, unit int) int { return (n + unit - 1) / unit * unit }

// packed is the right side of a product, depth by width, in panels of 16 columns.
type packed struct {
	depth, width int // width is a multiple of columns
	panels       []float32
}

func newPacked(depth, width int) packed {
	width = up(width, columns)
	return packed{depth: depth, width: width, panels: make([]float32, depth*width)}
}

func (p packed) panel(i int) []float32 { return p.panels[i*p.depth*columns : (i+1)*p.depth*columns] }

// put writes the vector v down a column.
func (p packed) put(column int, v []float32) {
	panel := p.panel(column / columns)
	at := column % columns
	for k, x := range v {
		panel[k*columns+at] = x
	}
}

// multiply writes a times b to c. The matrices a and c have as many floats a row
// as lda and ldc say, and a number of rows that is a multiple of rows.
func multiply(c []float32, ldc int, a []float32, lda, n int, b packed) {
	for j := range b.width / columns {
		panel := b.panel(j)
		for i := 0; i < n; i += rows {
			tile(c[i*ldc+j*columns:], ldc, a[i*lda:], lda, panel)
		}
	}
}

// checked panics unless the slices hold a tile, and returns its depth: the
// kernels look at no bounds.
func checked(c []float32, ldc int, a []float32, lda int, b []float32) int {
	k := len(b) / columns
	_ = c[(rows-1)*ldc+columns-1]
	_ = a[(rows-1)*lda+k-1]
	if k == 0 || ldc < columns || lda < 0 {
		panic("bert: no tile")
	}
	return k
}

// tileGo is what the kernels do, slowly.
func tileGo(c []float32, ldc int, a []float32, lda int, b []float32) {
	k := checked(c, ldc, a, lda, b)
	for i := range rows {
		var sum [columns]float32
		for d, x := range a[i*lda : i*lda+k] {
			for j, y := range b[d*columns : (d+1)*columns] {
				sum[j] += x * y
			}
		}
		copy(c[i*ldc:], sum[:])
	}
}
