package ingest

import (
	"container/heap"
	"context"
	"maps"
	"sync"
	"time"

	"github.com/mcp-notion/mcp-notion/notion"
)

// Stages of work on a page, in the order in which they are done for the whole
// workspace: 180 requests a minute are best spent on breadth first.
const (
	stageFirst  = iota // metadata where unknown, properties, first level of blocks
	stageNested        // the text of everything below
	stageIDs           // the blocks of which only the text is known; in a pass only where somebody wants them
)

type job struct {
	stage  int
	edited time.Time
	id     notion.ID
	wanted int // how much sooner than others
}

// queue hands out jobs: those for text before those for ids, among them wanted
// ones first, then lower stages and newest pages, until it is empty and no job that could add another is under way.
type queue struct {
	mu     sync.Mutex
	ready  chan struct{} // closed and replaced whenever something changes
	jobs   jobHeap
	queued map[notion.ID]int // stage+1 last queued
	wanted map[notion.ID]int
	active int
}

func newQueue() *queue {
	return &queue{ready: make(chan struct{}), queued: map[notion.ID]int{}}
}

// reorder takes up what is wanted by now, more where the number is larger.
func (q *queue) reorder(wanted map[notion.ID]int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.wanted = maps.Clone(wanted)
	for i := range q.jobs {
		q.jobs[i].wanted = wanted[q.jobs[i].id]
	}
	heap.Init(&q.jobs)
}

// push adds a job unless the page was queued for that stage before.
func (q *queue) push(j job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.queued[j.id] > j.stage {
		return
	}
	q.queued[j.id] = j.stage + 1
	j.wanted = q.wanted[j.id]
	heap.Push(&q.jobs, j)
	q.changed()
}

// next waits for a job. It returns false when the work is done or ctx ends.
// Every job handed out must be given back by done.
func (q *queue) next(ctx context.Context) (job, bool) {
	for {
		q.mu.Lock()
		if len(q.jobs) > 0 {
			j := heap.Pop(&q.jobs).(job)
			q.active++
			q.mu.Unlock()
			return j, true
		}
		ready, idle := q.ready, q.active == 0
		q.mu.Unlock()
		if idle {
			return job{}, false
		}
		select {
		case <-ready:
		case <-ctx.Done():
			return job{}, false
		}
	}
}

// hold keeps the queue open, until done is called.
func (q *queue) hold() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.active++
}

func (q *queue) done() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.active--
	q.changed()
}

func (q *queue) changed() {
	close(q.ready)
	q.ready = make(chan struct{})
}

type jobHeap []job

func (h jobHeap) Len() int { return len(h) }
func (h jobHeap) Less(i, j int) bool {
	a, b := h[i], h[j]
	if (a.stage == stageIDs) != (b.stage == stageIDs) {
		return b.stage == stageIDs
	}
	if a.wanted != b.wanted {
		return a.wanted > b.wanted
	}
	if a.stage != b.stage {
		return a.stage < b.stage
	}
	if !a.edited.Equal(b.edited) {
		return a.edited.After(b.edited)
	}
	return a.id < b.id
}
func (h jobHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *jobHeap) Push(x any)   { *h = append(*h, x.(job)) }
func (h *jobHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
