package pace

import "slices"

// queue gives its owners turns: each has a line, in order of arrival, and the
// first of one line goes after the first of another, however long the lines.
type queue struct {
	lines []*line // none is empty
}

type line struct {
	owner   string
	waiters []*waiter
}

func (q *queue) empty() bool { return len(q.lines) == 0 }

func (q *queue) push(w *waiter) {
	i := slices.IndexFunc(q.lines, func(l *line) bool { return l.owner == w.owner })
	if i < 0 {
		q.lines = append(q.lines, &line{owner: w.owner, waiters: []*waiter{w}})
		return
	}
	q.lines[i].waiters = append(q.lines[i].waiters, w)
}

// first is who goes next. The queue is not empty.
func (q *queue) first() *waiter { return q.lines[0].waiters[0] }

// pop takes the first out, and puts its line at the end.
func (q *queue) pop() *waiter {
	l := q.lines[0]
	w := l.waiters[0]
	l.waiters = l.waiters[1:]
	q.lines = slices.Delete(q.lines, 0, 1)
	if len(l.waiters) > 0 {
		q.lines = append(q.lines, l)
	}
	return w
}

// remove takes out a waiter that gave up, and says whether it was there.
func (q *queue) remove(w *waiter) bool {
	found := false
	q.removeFunc(func(one *waiter) bool {
		found = found || one == w
		return one == w
	})
	return found
}

func (q *queue) removeFunc(leaves func(*waiter) bool) {
	for _, l := range q.lines {
		l.waiters = slices.DeleteFunc(l.waiters, leaves)
	}
	q.lines = slices.DeleteFunc(q.lines, func(l *line) bool { return len(l.waiters) == 0 })
}
