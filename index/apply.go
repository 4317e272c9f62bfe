package index

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/blevesearch/bleve/v2/document"
	bleve "github.com/blevesearch/bleve_index_api"

	"github.com/mcp-notion/mcp-notion/index/internal/terms"
	"github.com/mcp-notion/mcp-notion/internal/guard"
	"github.com/mcp-notion/mcp-notion/notion"
)

// groupDocs is how many documents one batch takes from waiting changes before
// the rest waits for the next: larger batches are not faster, only larger.
const groupDocs = 2000

// queue holds the changes that wait while a batch is written. The disk makes a
// batch wait about as long for a thousand documents as for one, so all that
// wait go together.
type queue struct {
	turn    chan struct{} // holds a token while somebody commits
	mu      sync.Mutex
	waiting []*prepared
}

func newQueue() queue { return queue{turn: make(chan struct{}, 1)} }

// prepared is a change with everything done that needs no look at the index.
type prepared struct {
	change  Change
	docs    [][]*document.Document // by Put
	records []*record              // by Put
	size    int
	done    chan struct{}
	err     error
}

// apply commits the change, perhaps with others. Once the batch has begun it
// is seen through, whatever happens to ctx.
func (e *engine) apply(ctx context.Context, c Change) error {
	p, err := e.prepare(ctx, c)
	if err != nil {
		return err
	}
	e.queue.add(p)
	select {
	case <-p.done:
		return p.err
	case <-ctx.Done():
		if e.queue.drop(p) {
			return ctx.Err()
		}
		<-p.done
		return p.err
	case e.queue.turn <- struct{}{}:
	}
	for !p.finished() {
		group := e.queue.take()
		err := guard.Call(func() error { return e.commit(group) })
		for _, g := range group {
			g.err = err
			close(g.done)
		}
	}
	<-e.queue.turn
	return p.err
}

func (p *prepared) finished() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

func (q *queue) add(p *prepared) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, p)
}

// drop takes p back, unless it is being committed already.
func (q *queue) drop(p *prepared) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(q.waiting, p)
	if i < 0 {
		return false
	}
	q.waiting = slices.Delete(q.waiting, i, i+1)
	return true
}

// take returns the changes of the next batch, in the order in which they came.
func (q *queue) take() []*prepared {
	q.mu.Lock()
	defer q.mu.Unlock()
	n, size := 0, 0
	for n < len(q.waiting) && (n == 0 || size+q.waiting[n].size <= groupDocs) {
		size += q.waiting[n].size
		n++
	}
	group := slices.Clone(q.waiting[:n])
	q.waiting = slices.Delete(q.waiting, 0, n)
	return group
}

// prepare checks the change and analyses its text.
func (e *engine) prepare(ctx context.Context, c Change) (*prepared, error) {
	p := &prepared{change: c, done: make(chan struct{}), size: len(c.Touch) + len(c.Remove)}
	if err := check(c); err != nil {
		return nil, err
	}
	err := e.workers.withAnalyzer(func(a *terms.Analyzer) error {
		w := writer{words: a, title: titlesWith(c.Put, e.titles(e.newest()))}
		for i := range c.Put {
			if err := ctx.Err(); err != nil {
				return err
			}
			docs, rec, err := w.entry(&c.Put[i])
			if err != nil {
				return err
			}
			p.docs, p.records = append(p.docs, docs), append(p.records, rec)
			p.size += len(docs)
		}
		return ctx.Err()
	})
	return p, err
}

// titlesWith gives the titles of entries, and others as before gives them.
func titlesWith(entries []Entry, before func(notion.ID) string) func(notion.ID) string {
	own := make(map[notion.ID]string, len(entries))
	for i := range entries {
		own[entries[i].Page.ID] = entries[i].Page.Title
	}
	return func(id notion.ID) string {
		if title, ok := own[id]; ok {
			return title
		}
		return before(id)
	}
}

func check(c Change) error {
	for i := range c.Put {
		if err := checkID(c.Put[i].Page.ID); err != nil {
			return err
		}
	}
	for i := range c.Touch {
		if err := checkID(c.Touch[i].ID); err != nil {
			return err
		}
	}
	if _, ok := c.State[""]; ok {
		return errors.New("a progress mark needs a name")
	}
	return nil
}

func checkID(id notion.ID) error {
	if id == "" || strings.Contains(string(id), "/") {
		return fmt.Errorf("%q cannot be the id of a page", id)
	}
	return nil
}

// commit writes the changes as one batch, and publishes the roster that goes
// with it. Only the holder of the turn may call it. A batch that fails leaves
// the state before it to be read.
func (e *engine) commit(group []*prepared) (err error) {
	if err := e.forWriting(); err != nil {
		return err
	}
	b := batch{engine: e, ops: bleve.NewBatch(), roster: e.newest().next()}
	err = e.workers.withAnalyzer(func(a *terms.Analyzer) error {
		b.writer.words = a
		for _, p := range group {
			b.add(p)
		}
		return nil
	})
	if err != nil {
		return err
	}
	b.ops.SetInternal([]byte(versionKey), versionBytes(b.roster.version))
	e.hold()
	if err := guard.Call(func() error { return e.scorch.Batch(b.ops) }); err != nil {
		e.letGo()
		return failedWrite(err)
	}
	e.publish(b.roster)
	return nil
}

// batch collects the operations of some changes, each seeing what those before
// it did.
type batch struct {
	engine *engine
	ops    *bleve.Batch
	roster *roster
	writer writer
}

func (b *batch) add(p *prepared) {
	for i := range p.records {
		b.merge(&p.change.Put[i], p.records[i], p.docs[i])
	}
	for _, t := range p.change.Touch {
		b.touch(t)
	}
	for _, id := range p.change.Remove {
		b.remove(id)
	}
	for key, value := range p.change.State {
		if value == nil {
			b.ops.DeleteInternal([]byte(statePrefix + key))
		} else {
			b.ops.SetInternal([]byte(statePrefix+key), value)
		}
	}
}

// merge puts an entry as it is settled now.
func (b *batch) merge(e *Entry, rec *record, docs []*document.Document) {
	if e.Merge == nil {
		b.put(rec, docs)
		return
	}
	var now *Page
	if old := b.engine.record(b.roster, rec.Page.ID); old != nil {
		now = &old.Page
	}
	merged := *rec
	if !e.Merge(now, &merged.Page) {
		return
	}
	merged.Page.ID, merged.Page.Passages = rec.Page.ID, rec.Page.Passages
	docs = slices.Clone(docs)
	docs[len(e.Passages)] = b.writer.page(&merged)
	b.put(&merged, docs)
}

func (b *batch) put(rec *record, docs []*document.Document) {
	b.remove(rec.Page.ID)
	for _, d := range docs {
		b.ops.Update(d)
	}
	b.roster.set(b.engine.assign(keyOf(rec.Page.ID)), rec)
}

// touch changes the record and keeps what belongs to the passages.
func (b *batch) touch(t Touch) {
	old := b.engine.record(b.roster, t.ID)
	if old == nil {
		return
	}
	rec := *old
	t.Do(&rec.Page)
	rec.Page.ID, rec.Page.Passages = t.ID, old.Page.Passages
	b.ops.Update(b.writer.page(&rec))
	b.roster.set(b.engine.assign(keyOf(t.ID)), &rec)
}

func (b *batch) remove(id notion.ID) {
	old := b.engine.record(b.roster, id)
	if old == nil {
		return
	}
	for n := range old.Page.Passages {
		b.ops.Delete(passageID(id, n))
	}
	b.ops.Delete(pagePrefix + string(id))
	if old.Values {
		b.ops.Delete(valuesPrefix + string(id))
	}
	if old.Draft {
		b.ops.Delete(draftPrefix + string(id))
	}
	b.roster.set(b.engine.assign(keyOf(id)), nil)
}
