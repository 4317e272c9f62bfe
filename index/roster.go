package index

import (
	"slices"

	"github.com/mcp-notion/mcp-notion/index/internal/terms"
)

// Totals says how much is in an index.
type Totals struct {
	Pages    int // records of any level and kind
	Passages int
	Bytes    int // of the text of the passages
}

// roster is what is known of all pages after one batch. It is never changed
// once it is published.
type roster struct {
	version uint64
	records []packed // by slot; "" for a page that is not there
	texts   []uint32 // by slot: Lengths.Text of the record
	totals  Totals
	lengths lengths // summed over all pages
	textual int     // pages with at least one passage
	spoken  [32]int // by terms.Language: pages that surely have it
}

// next returns a copy to be changed and published as the following version.
func (r *roster) next() *roster {
	n := *r
	n.version++
	n.records, n.texts = slices.Clone(r.records), slices.Clone(r.texts)
	return &n
}

// get returns the record at slot, or nil.
func (r *roster) get(slot int32) *record {
	p := r.packed(slot)
	if p == "" {
		return nil
	}
	rec, err := p.record()
	if err != nil {
		return nil // which cannot be: it was read, or made, before it was set
	}
	return &rec
}

func (r *roster) packed(slot int32) packed {
	if slot < 0 || int(slot) >= len(r.records) {
		return ""
	}
	return r.records[slot]
}

// title is that of the page at slot.
func (r *roster) title(slot int32) string {
	if p := r.packed(slot); p != "" {
		return p.title()
	}
	return ""
}

// set replaces the record at slot; nil takes it away.
func (r *roster) set(slot int32, rec *record) {
	if rec == nil {
		r.put(slot, "", nil)
	} else {
		r.put(slot, rec.pack(), rec)
	}
}

// put is set for a record that is packed already.
func (r *roster) put(slot int32, p packed, rec *record) {
	for int(slot) >= len(r.records) {
		r.records, r.texts = append(r.records, ""), append(r.texts, 0)
	}
	r.count(r.get(slot), -1)
	r.count(rec, 1)
	r.records[slot], r.texts[slot] = p, 0
	if rec != nil {
		r.texts[slot] = uint32(rec.Lengths.Text)
	}
}

func (r *roster) count(rec *record, sign int) {
	if rec == nil {
		return
	}
	r.totals.Pages += sign
	r.totals.Passages += sign * rec.Page.Passages
	r.totals.Bytes += sign * rec.Bytes
	r.lengths.add(rec.Lengths, sign)
	if rec.Page.Passages > 0 {
		r.textual += sign
	}
	for l := range r.spoken {
		r.spoken[l] += sign * int(rec.Languages>>l&1)
	}
}

// languages returns those of all pages, apart from English.
func (r *roster) languages() (all terms.Languages) {
	for l, pages := range r.spoken {
		if pages > 0 {
			all.Add(terms.Language(l))
		}
	}
	return all
}

// mainly returns the languages that the pages are in, those of most pages
// first, and with them those of few pages. It names none if too many pages are
// in one that has no name, or do not show theirs.
func (r *roster) mainly() (most []terms.Language, all terms.Languages) {
	top := slices.Max(r.spoken[:])
	if top == 0 || 3*top < r.textual || 5*r.spoken[terms.OtherScript] >= top {
		return nil, 0
	}
	for l, pages := range r.spoken {
		if 5*pages >= top {
			most = append(most, terms.Language(l))
		}
		if 10*pages >= top {
			all |= 1 << l
		}
	}
	slices.SortStableFunc(most, func(a, b terms.Language) int { return r.spoken[b] - r.spoken[a] })
	return most, all
}
