package index

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/index/internal/terms"
	"github.com/mcp-notion/mcp-notion/notion"
)

// model is what an index should hold, and scores it from scratch, by formulas
// written a second time.
type model map[notion.ID]Entry

func (m model) apply(c Change) {
	for _, e := range c.Put {
		e.Page.Passages = len(e.Passages)
		m[e.Page.ID] = e
	}
	for _, t := range c.Touch {
		if e, ok := m[t.ID]; ok {
			t.Do(&e.Page)
			m[t.ID] = e
		}
	}
	for _, id := range c.Remove {
		delete(m, id)
	}
}

// countedText is one text with its words counted.
type countedText struct {
	counts map[string]int
	length int // distinct words
	summed int // lengths of the parts
}

func (c *countedText) add(words ...string) {
	if c.counts == nil {
		c.counts = map[string]int{}
	}
	for _, w := range words {
		if c.counts[w]++; c.counts[w] == 1 {
			c.length++
		}
	}
}

func (c *countedText) addAll(o countedText) {
	for w, n := range o.counts {
		for range n {
			c.add(w)
		}
	}
	c.summed += o.length
}

func countStems(text string) (c countedText) {
	terms.New().Words(text, func(w *terms.Word) { c.add(w.Stems...) })
	return c
}

func countWords(text string) (c countedText) {
	c.length = terms.New().Words(text, func(w *terms.Word) { c.add(w.Exact) })
	return c
}

// countHead counts stems, and stop words too.
func countHead(text string) (c countedText) {
	terms.New().Words(text, func(w *terms.Word) {
		if w.Stop() {
			c.add(w.Exact)
		}
		c.add(w.Stems...)
	})
	return c
}

// collection is what one BM25 needs: all documents of one field.
type collection []countedText

func (c collection) idf(word string) float64 {
	df := 0.0
	for _, d := range c {
		if d.counts[word] > 0 {
			df++
		}
	}
	return math.Log(1 + (float64(len(c))-df+0.5)/(df+0.5))
}

func (c collection) average() float64 {
	sum := 0
	for _, d := range c {
		sum += d.length
	}
	return float64(sum) / float64(len(c))
}

func saturate(tf, length int, average float64) float64 {
	return float64(tf) * 2.2 / (float64(tf) + 1.2*(0.25+0.75*float64(length)/average))
}

func (c collection) score(d countedText, weights map[string]float64) float64 {
	sum := 0.0
	for word, weight := range weights {
		if tf := d.counts[word]; tf > 0 {
			sum += weight * c.idf(word) * saturate(tf, d.length, c.average())
		}
	}
	return sum
}

// wanted returns the weights of the words of a query.
func wanted(phrasings []string, count func(string) countedText) map[string]float64 {
	weights := map[string]float64{}
	for _, p := range phrasings {
		for w, n := range count(p).counts {
			if weights[w] == 0 {
				weights[w] = 0.5 // the first phrasing adds as much once more
			}
			weights[w] += 0.5 + float64(n-1)
		}
	}
	return weights
}

// scores returns the score of every passage that has a word of the query.
func (m model) scores(q Query) map[string]float64 {
	var text, words, head, pages, titles collection
	for _, id := range slices.Sorted(maps.Keys(m)) {
		e := m[id]
		var page countedText
		for i := range e.Passages {
			p := &e.Passages[i]
			above := m.headWhenPut(e) + "\n" + strings.Join(p.Headings, "\n")
			text = append(text, countStems(above+"\n"+string(p.Text)))
			words = append(words, countWords(string(p.Text)))
			head = append(head, countHead(above))
			page.addAll(text[len(text)-1])
		}
		page.length = page.summed
		if len(e.Passages) > 0 {
			pages = append(pages, page)
		}
		titles = append(titles, countHead(e.Page.Title))
	}
	phrasings := append([]string{q.Text}, q.Also...)
	stems := wanted(phrasings, countStems)
	out := map[string]float64{}
	n, pn := 0, 0
	for tn, id := range slices.Sorted(maps.Keys(m)) {
		e := m[id]
		var pageScore float64
		if len(e.Passages) > 0 {
			pageScore = pages.score(pages[pn], stems)
			pn++
		}
		pageScore += titles.score(titles[tn], stems)
		for i := range e.Passages {
			if w := text.score(text[n], stems) + 0.35*head.score(head[n], stems); w > 0 {
				close := closeScore(e.Page.Title+"\n"+string(e.Passages[i].Text), phrasings, text, head, words)
				cover := coverScore(phrasings, stems, text, head, n)
				named := namedScore(e.Page.Title, phrasings, text, head, n)
				out[fmt.Sprintf("%s/%d", id, i)] = w + 0.35*pageScore + cover + named + close
			}
			n++
		}
	}
	return out
}

// headWhenPut is the title that the passages were put with.
func (m model) headWhenPut(e Entry) string { return string(e.Draft) }

// rarity is the idf of a word in the field where it is least rare.
func rarity(w string, texts, heads collection) float64 {
	least := math.Log(1 + (float64(len(texts))+0.5)/0.5)
	for _, c := range []collection{texts, heads} {
		if slices.ContainsFunc(c, func(d countedText) bool { return d.counts[w] > 0 }) {
			least = min(least, c.idf(w))
		}
	}
	return least
}

// coverScore is what it is worth that passage n has many of the words.
func coverScore(phrasings []string, stems map[string]float64, texts, heads collection, n int) float64 {
	var all, share, counted float64
	for w, weight := range stems {
		all += weight * rarity(w, texts, heads)
	}
	for _, p := range phrasings {
		var has, sum float64
		for w := range countStems(p).counts {
			r := math.Pow(rarity(w, texts, heads), 1.5)
			sum += r
			if texts[n].counts[w] > 0 || heads[n].counts[w] > 0 {
				has += r
			}
		}
		if sum == 0 {
			continue // stop words alone
		}
		share += has / sum
		counted++
	}
	return 0.5 * all * share / counted
}

// namedScore is what it is worth that passage n and its title have all words of
// a phrasing.
func namedScore(title string, phrasings []string, texts, heads collection, n int) float64 {
	has, length := countHead(title).counts, countWords(title).length
	var most float64
	for _, p := range phrasings {
		var sum, words float64
		for w := range countStems(p).counts {
			if has[w] == 0 || texts[n].counts[w] == 0 && heads[n].counts[w] == 0 {
				sum = math.Inf(-1)
			}
			sum += rarity(w, texts, heads)
			words++
		}
		if words > 0 {
			most = max(most, sum*min(1, words/float64(length)))
		}
	}
	return most
}

func closeScore(text string, phrasings []string, texts, heads, counts collection) float64 {
	type pair struct{ a, b string }
	pairs := map[pair]bool{}
	for _, p := range phrasings {
		var last string
		terms.New().Words(p, func(w *terms.Word) {
			if w.Stop() {
				return
			}
			if last != "" && last != w.Stems[0] {
				pairs[pair{last, w.Stems[0]}] = true
			}
			last = w.Stems[0]
		})
	}
	var words [][]string
	terms.New().Words(text, func(w *terms.Word) { words = append(words, w.Stems) })
	sum := 0.0
	forms := wanted(phrasings, func(s string) (c countedText) {
		terms.New().Words(s, func(w *terms.Word) {
			if !w.Stop() {
				c.add(w.Exact)
			}
		})
		return c
	})
	for form, weight := range forms {
		if tf := countWords(text).counts[form]; tf > 0 {
			stem := ""
			terms.New().Words(form, func(w *terms.Word) { stem = w.Stems[0] })
			sum += 0.3 * weight * rarity(stem, texts, heads) * saturate(tf, len(words), counts.average())
		}
	}
	for p := range pairs {
		within := 0
		for i, x := range words {
			for j, y := range words {
				if i == j || max(i-j, j-i) > 8 || !slices.Contains(x, p.a) || !slices.Contains(y, p.b) {
					continue
				}
				within++
			}
		}
		if within > 0 {
			sum += 0.15 * (rarity(p.a, texts, heads) + rarity(p.b, texts, heads)) / 2 * saturate(within, len(words), counts.average())
		}
	}
	return sum
}

var vocabulary = strings.Fields("refund refunds policy europe the of invoice invoices_sent payRate holiday onboarding customer " +
	"customers quarterly review incident runbook deploys deploy rollback alpha beta gamma delta a to sales")

func randomText(r *rand.Rand, words int) string {
	var out []string
	for range words {
		n := min(r.IntN(len(vocabulary)), r.IntN(len(vocabulary)))
		out = append(out, vocabulary[n])
	}
	return strings.Join(out, " ")
}

// randomEntry keeps the title in the draft, so that the model knows it after
// the page was touched.
func randomEntry(r *rand.Rand, id string) Entry {
	var texts []string
	for range r.IntN(4) {
		texts = append(texts, randomText(r, 1+r.IntN(2))+": "+randomText(r, 1+r.IntN(30)))
	}
	e := entry(id, randomText(r, 1+r.IntN(3)), texts...)
	e.Draft = []byte(e.Page.Title)
	return e
}

func randomChange(r *rand.Rand) Change {
	var c Change
	id := func() string { return fmt.Sprintf("page%02d", r.IntN(40)) }
	for range r.IntN(6) {
		c.Put = append(c.Put, randomEntry(r, id()))
	}
	for range r.IntN(2) {
		title := randomText(r, 2)
		c.Touch = append(c.Touch, Touch{ID: notion.ID(id()), Do: func(p *Page) { p.Title = title }})
	}
	for range r.IntN(3) {
		c.Remove = append(c.Remove, notion.ID(id()))
	}
	return c
}

// TestScoresAreExact compares all scores with the reference, after each of
// many changes and reopenings.
func TestScoresAreExact(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 7))
	dir := t.TempDir()
	s := openStore(t, dir, Config{})
	x := openIndex(t, s, "somebody")
	m := model{}
	checked := 0
	for round := range 60 {
		c := randomChange(r)
		apply(t, x, c)
		m.apply(c)
		if round%15 == 14 {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = openStore(t, dir, Config{})
			x = openIndex(t, s, "somebody")
		}
		q := Query{Text: randomText(r, 1+r.IntN(5)), Limit: 1000}
		for range r.IntN(3) {
			q.Also = append(q.Also, randomText(r, 1+r.IntN(4)))
		}
		checked += compareScores(t, m, x, q)
		checkContents(t, m, x)
		if t.Failed() {
			t.Fatalf("after change %d", round)
		}
	}
	if checked < 500 {
		t.Errorf("only %d scores were compared", checked)
	}
}

func compareScores(t *testing.T, m model, x *Index, q Query) int {
	t.Helper()
	if len(wanted(append([]string{q.Text}, q.Also...), countStems)) == 0 {
		return 0 // stop words alone have rules of their own
	}
	want := m.scores(q)
	got := map[string]float64{}
	last := math.Inf(1)
	for _, h := range find(t, x, q) {
		got[fmt.Sprintf("%s/%d", h.Page.ID, h.Passage.Ordinal)] = h.Score
		if h.Score > last {
			t.Errorf("hits of %+v are out of order", q)
		}
		last = h.Score
	}
	same := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) <= 1e-9*math.Abs(a) })
	if diff := cmp.Diff(want, got, same); diff != "" {
		t.Errorf("scores of %+v (-reference +index):\n%s", q, diff)
	}
	return len(got)
}

func checkContents(t *testing.T, m model, x *Index) {
	t.Helper()
	want := Totals{Pages: len(m)}
	for id, e := range m {
		want.Passages += len(e.Passages)
		for i := range e.Passages {
			want.Bytes += len(e.Passages[i].Text)
		}
		if p, ok := x.Page(id); !ok || !cmp.Equal(p, e.Page) {
			t.Errorf("page %s is %+v, want %+v", id, p, e.Page)
		}
		if got, err := x.Passages(t.Context(), id); err != nil || !cmp.Equal(got, e.Passages) && len(got)+len(e.Passages) > 0 {
			t.Errorf("passages of %s: %v, %v", id, got, err)
		}
	}
	if got := x.Totals(); got != want {
		t.Errorf("totals %+v, want %+v", got, want)
	}
}
