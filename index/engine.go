package index

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/blevesearch/bleve/v2/index/scorch"
	bleve "github.com/blevesearch/bleve_index_api"

	"github.com/mcp-notion/mcp-notion/index/internal/terms"
	"github.com/mcp-notion/mcp-notion/notion"
)

// engine is an open index.
type engine struct {
	folder  *folder
	workers *workers

	mu      sync.RWMutex
	scorch  bleve.Index           // nil until the first batch, after a batch has failed until the next is tried, and at rest
	held    *scorch.IndexSnapshot // what is read then, and while a batch is under way
	current *roster               // of the newest batch that is on disk
	slots   map[pageKey]int32     // numbers of all pages seen since opening, never used again

	tables tables
	words  *words

	queue queue
}

// mostAnalyzers is how many analyzers are kept: each knows up to 50,000 words of a
// language.
const mostAnalyzers = 8

// workers are what all indexes of a Store share.
type workers struct {
	analysis  *bleve.AnalysisQueue
	analyzers chan *terms.Analyzer    // kept, because the words they know make a search quick: no more than can run at once, or than there is memory for
	scratches sync.Pool               // of *scratch
	spelling  func() (speller, error) // made once, when first needed
	cache     *cache
}

func newWorkers() *workers {
	registerOnError()
	return &workers{
		analysis:  bleve.NewAnalysisQueue(1), // documents come analysed
		analyzers: make(chan *terms.Analyzer, min(runtime.GOMAXPROCS(0), mostAnalyzers)),
		scratches: sync.Pool{New: func() any { return new(scratch) }},
		spelling:  sync.OnceValues(newSpeller),
		cache:     newCache(cacheBytes),
	}
}

func (w *workers) withAnalyzer(do func(*terms.Analyzer) error) error {
	var a *terms.Analyzer
	select {
	case a = <-w.analyzers:
	default:
		a = terms.New()
	}
	defer func() {
		select {
		case w.analyzers <- a:
		default:
		}
	}()
	return do(a)
}

// start opens bleve's files and reads what is known of the pages, as of the
// batch with the given number. It does not panic, whatever the files hold.
func start(f *folder, w *workers, version uint64) (e *engine, err error) {
	e = newEngine(f, w)
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("read the index: %v", r)
		}
		if err != nil {
			e.abandon()
			e = nil
		}
	}()
	if err := e.openScorch(false); err != nil {
		return e, err
	}
	if e.current, err = e.load(version); err == nil {
		e.hold()
		e.letGo()
	}
	return e, err
}

func newEngine(f *folder, w *workers) *engine {
	return &engine{
		folder: f, workers: w, current: new(roster),
		slots: map[pageKey]int32{}, words: w.cache.newWords(),
		queue: newQueue(),
	}
}

// openScorch opens bleve's files. Those who only read spare the write with which
// it begins.
func (e *engine) openScorch(writable bool) error {
	config := map[string]any{"path": e.folder.data(), "bolt_timeout": "1s", "asyncErrorCallbackName": onError, "read_only": !writable}
	s, err := scorch.NewScorch(scorch.Name, config, e.workers.analysis)
	if err != nil {
		return fmt.Errorf("open the index: %w", err)
	}
	e.setScorch(s) // also if Open panics half-way
	if err := s.Open(); err != nil {
		e.setScorch(nil) // it has closed itself
		return fmt.Errorf("open the index: %w", err)
	}
	return nil
}

func (e *engine) setScorch(s bleve.Index) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.scorch = s
}

// abandon lets go of what start had opened, as far as that is possible.
func (e *engine) abandon() {
	defer func() { _ = recover() }()
	if e.scorch != nil {
		_ = e.scorch.Close()
	}
}

// load reads the roster that goes with bleve's newest state, and makes the
// tables of its segments.
func (e *engine) load(version uint64) (*roster, error) {
	snap := newest(e.scorch)
	if snap == nil {
		return nil, ErrClosed
	}
	defer snap.Close()
	l := loading{engine: e, roster: &roster{version: versionOf(snap)}}
	if l.roster.version != version {
		return nil, damage("its newest state cannot be loaded")
	}
	for _, seg := range snap.Segments() {
		if err := l.segment(seg); err != nil {
			return nil, err
		}
	}
	if err := l.check(); err != nil {
		return nil, err
	}
	for i, seg := range snap.Segments() {
		if err := l.complete(seg, l.read[i]); err != nil {
			return nil, err
		}
	}
	return l.roster, nil
}

// complete takes in the documents that are deleted, too: they may not be in the
// state that others still read, if the batch that deleted them was thought to have
// failed.
func (l *loading) complete(seg *scorch.SegmentSnapshot, t *table) error {
	for n := range uint64(len(t.slots)) {
		if t.slots[n] >= 0 {
			continue
		}
		id, err := seg.DocID(n)
		if err != nil {
			return fmt.Errorf("read id of document %d: %w", n, err)
		}
		page, _ := pageOf(id)
		t.put(n, l.slot(keyOf(page)), isPassage(id))
	}
	t.divide()
	l.tables.add(seg, t)
	return nil
}

// loading is one pass over the documents of an index that is being opened.
type loading struct {
	*engine
	roster   *roster
	read     []*table
	passages int
}

func (l *loading) segment(seg *scorch.SegmentSnapshot) error {
	t := emptyTable(seg)
	err := eachLive(seg, func(n uint64, id []byte) error {
		page, own := pageOf(id)
		t.put(n, l.assign(keyOf(page)), isPassage(id))
		if own {
			return l.record(seg, n, page)
		}
		if isPassage(id) {
			l.passages++
		}
		return nil
	})
	l.read = append(l.read, t)
	return err
}

func (l *loading) record(seg *scorch.SegmentSnapshot, n uint64, page []byte) error {
	var p packed
	var rec record
	err := visit(seg, n, func(field string, v []byte) (err error) {
		if field == fieldRecord {
			p, rec, err = repacked(v)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("read record of page %s: %w", page, err)
	}
	if string(rec.Page.ID) != string(page) {
		return fmt.Errorf("read record of page %s: it is of page %q", page, rec.Page.ID)
	}
	l.roster.put(l.assign(keyOf(page)), p, &rec)
	return nil
}

// check makes sure that each document belongs to a page, which searches rely
// on, and that the passages are all there.
func (l *loading) check() error {
	for _, t := range l.read {
		if i := slices.IndexFunc(t.slots, func(slot int32) bool { return slot >= 0 && l.roster.packed(slot) == "" }); i >= 0 {
			return fmt.Errorf("document %d of a segment belongs to no page", i)
		}
	}
	if want := l.roster.totals.Passages; l.passages != want {
		return fmt.Errorf("it holds %d of %d passages", l.passages, want)
	}
	return nil
}

// eachLive calls do with the documents of a segment that are not deleted.
func eachLive(seg *scorch.SegmentSnapshot, do func(n uint64, id []byte) error) error {
	deleted := seg.Deleted()
	for n := range uint64(seg.FullSize()) {
		if deleted != nil && deleted.Contains(uint32(n)) {
			continue
		}
		id, err := seg.DocID(n)
		if err != nil {
			return fmt.Errorf("read id of document %d: %w", n, err)
		}
		if err := do(n, id); err != nil {
			return err
		}
	}
	return nil
}

// assign returns the number of a page, a new one if it has none yet.
func (e *engine) assign(page pageKey) int32 {
	e.mu.Lock()
	defer e.mu.Unlock()
	slot, ok := e.slots[page]
	if !ok {
		slot = int32(len(e.slots))
		e.slots[page] = slot
	}
	return slot
}

// slot returns the number of a page, -1 if it has none.
func (e *engine) slot(page pageKey) int32 {
	e.mu.RLock()
	defer e.mu.RUnlock()
	if slot, ok := e.slots[page]; ok {
		return slot
	}
	return -1
}

// record returns the record of a page as of r, or nil.
func (e *engine) record(r *roster, id notion.ID) *record {
	return r.get(e.slot(keyOf(id)))
}

// titles gives the titles of the pages in a roster, "" for all others.
func (e *engine) titles(r *roster) func(notion.ID) string {
	return func(id notion.ID) string { return r.title(e.slot(keyOf(id))) }
}

func (e *engine) newest() *roster {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.current
}

// create writes the first, empty batch, which marks the index as ours.
func create(f *folder, w *workers) (*engine, error) {
	e := newEngine(f, w)
	if err := e.openScorch(true); err != nil {
		return nil, err
	}
	if err := e.commit([]*prepared{{}}); err != nil {
		e.abandon()
		return nil, fmt.Errorf("create the index: %w", err)
	}
	return e, nil
}

func versionBytes(v uint64) []byte { return binary.BigEndian.AppendUint64(nil, v) }
