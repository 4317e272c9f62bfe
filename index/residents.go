package index

import (
	"container/list"
	"sync"
)

// Limits of what the open indexes of a Store take together.
const (
	defaultFiles  = 3000     // below the 4,096 that many systems allow
	defaultMapped = 32 << 20 // bytes
)

// residents are the open indexes of a Store. However many connections ask, those
// that were used least lately give back first the memory into which their files
// are mapped, which costs the next search some page faults, and then their
// files.
type residents struct {
	maxFiles  int
	maxMapped int64

	mu      sync.Mutex
	awake   list.List // of *shared, last used first
	resting list.List // likewise, with nothing mapped
	files   int
	mapped  int64
}

// residence is what an index takes. It is guarded by the mutex of residents.
type residence struct {
	in     *list.List // nil while it is closed
	at     *list.Element
	files  int
	mapped int64
}

// use notes that an index is used, and says whether there is too much by now.
func (r *residents) use(h *shared, files int, mapped int64) (full bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.move(h, &r.awake)
	r.count(h, files, mapped)
	return r.files > r.maxFiles || r.mapped > r.maxMapped
}

// leave notes that an index is closed.
func (r *residents) leave(h *shared) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.move(h, nil)
	r.count(h, 0, 0)
}

func (r *residents) move(h *shared, to *list.List) {
	switch at := &h.residence; {
	case at.in == to && to != nil:
		to.MoveToFront(at.at)
		return
	case at.in != nil:
		at.in.Remove(at.at)
	}
	h.residence.in = to
	if to != nil {
		h.residence.at = to.PushFront(h)
	}
}

func (r *residents) count(h *shared, files int, mapped int64) {
	r.files += files - h.residence.files
	r.mapped += mapped - h.residence.mapped
	h.residence.files, h.residence.mapped = files, mapped
}

// surplus takes out what is too much, but never the one that was used last:
// indexes that are to rest, and others that are to be closed.
func (r *residents) surplus() (rest, end []*shared) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.mapped > r.maxMapped && r.awake.Len() > 1 {
		h := r.awake.Back().Value.(*shared)
		r.move(h, &r.resting)
		r.count(h, h.residence.files, 0)
		rest = append(rest, h)
	}
	for r.files > r.maxFiles && r.awake.Len()+r.resting.Len() > 1 {
		last := r.resting.Back()
		if last == nil {
			last = r.awake.Back()
		}
		h := last.Value.(*shared)
		r.move(h, nil)
		r.count(h, 0, 0)
		end = append(end, h)
	}
	return rest, end
}
