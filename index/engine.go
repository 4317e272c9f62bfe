package index

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
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
	scorch  bleve.Index           // nil after a batch has failed, until the next is tried
	held    *scorch.IndexSnapshot // what is read while a batch is under way, and after one has failed
	current *roster               // of the newest batch that is on disk
	slots   map[notion.ID]int32   // numbers of all pages seen since opening, never used again

	tables tables
	words  *cache

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
}

func newWorkers() *workers {
	registerOnError()
	return &workers{
		analysis:  bleve.NewAnalysisQueue(1), // documents come analysed
		analyzers: make(chan *terms.Analyzer, min(runtime.GOMAXPROCS(0), mostAnalyzers)),
		scratches: sync.Pool{New: func() any { return new(scratch) }},
		spelling:  sync.OnceValues(newSpeller),
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
	if err := e.openScorch(); err != nil {
		return e, err
	}
	e.current, err = e.load(version)
	return e, err
}

func newEngine(f *folder, w *workers) *engine {
	return &engine{
		folder: f, workers: w, current: new(roster),
		slots: map[notion.ID]int32{}, words: newCache(cacheBytes),
		queue: newQueue(),
	}
}

func (e *engine) openScorch() error {
	config := map[string]any{"path": e.folder.data(), "bolt_timeout": "1s", "asyncErrorCallbackName": onError}
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

// load reads the roster that goes with bleve's newest state.
func (e *engine) load(version uint64) (*roster, error) {
	snap := newest(e.scorch)
	if snap == nil {
		return nil, ErrClosed
	}
	defer snap.Close()
	r := &roster{version: versionOf(snap)}
	if r.version != version {
		return nil, damage("its newest state cannot be loaded")
	}
	for _, seg := range snap.Segments() {
		if err := eachLive(seg, func(n uint64, id []byte) error { return e.loadRecord(seg, n, id, r) }); err != nil {
			return nil, err
		}
	}
	return r, e.checkOwners(snap, r)
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

func (e *engine) loadRecord(seg *scorch.SegmentSnapshot, n uint64, id []byte, r *roster) error {
	page, own := pageOf(id)
	if !own {
		return nil
	}
	rec := new(record)
	err := visit(seg, n, func(field string, v []byte) error {
		if field == fieldRecord {
			return json.Unmarshal(v, rec)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read record of page %s: %w", page, err)
	}
	if string(rec.Page.ID) != string(page) {
		return fmt.Errorf("read record of page %s: it is of page %q", page, rec.Page.ID)
	}
	r.set(e.assign(rec.Page.ID), rec)
	return nil
}

// checkOwners makes sure that each document belongs to a page, which searches
// rely on, and that the passages are all there.
func (e *engine) checkOwners(snap *scorch.IndexSnapshot, r *roster) error {
	passages := 0
	for _, seg := range snap.Segments() {
		err := eachLive(seg, func(_ uint64, id []byte) error {
			page, own := pageOf(id)
			slot, ok := e.slot(notion.ID(page))
			if !ok || r.get(slot) == nil {
				return fmt.Errorf("document %s belongs to no page", id)
			}
			if !own && strings.HasPrefix(string(id), passagePrefix) {
				passages++
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if want := r.totals.Passages; passages != want {
		return fmt.Errorf("it holds %d of %d passages", passages, want)
	}
	return nil
}

// assign returns the number of a page, a new one if it has none yet.
func (e *engine) assign(id notion.ID) int32 {
	e.mu.Lock()
	defer e.mu.Unlock()
	slot, ok := e.slots[id]
	if !ok {
		slot = int32(len(e.slots))
		e.slots[id] = slot
	}
	return slot
}

func (e *engine) slot(id notion.ID) (int32, bool) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	slot, ok := e.slots[id]
	return slot, ok
}

// record returns the record of a page as of r, or nil.
func (e *engine) record(r *roster, id notion.ID) *record {
	slot, ok := e.slot(id)
	if !ok {
		return nil
	}
	return r.get(slot)
}

// titles gives the titles of the pages in a roster, "" for all others.
func (e *engine) titles(r *roster) func(notion.ID) string {
	return func(id notion.ID) string {
		if rec := e.record(r, id); rec != nil {
			return rec.Page.Title
		}
		return ""
	}
}

func (e *engine) newest() *roster {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.current
}

// create writes the first, empty batch, which marks the index as ours.
func create(f *folder, w *workers) (*engine, error) {
	e := newEngine(f, w)
	if err := e.openScorch(); err != nil {
		return nil, err
	}
	if err := e.commit([]*prepared{{}}); err != nil {
		e.abandon()
		return nil, fmt.Errorf("create the index: %w", err)
	}
	return e, nil
}

func versionBytes(v uint64) []byte { return binary.BigEndian.AppendUint64(nil, v) }
