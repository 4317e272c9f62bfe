package tokens

import (
	"container/list"
	"iter"
)

// recent is a map of bounded size that drops what was not used for the longest
// time. It is not safe for concurrent use.
type recent[K comparable, V any] struct {
	max   int
	items map[K]*list.Element
	order *list.List // of pair, the last used in front
}

type pair[K comparable, V any] struct {
	key   K
	value V
}

func newRecent[K comparable, V any](limit int) *recent[K, V] {
	return &recent[K, V]{max: limit, items: map[K]*list.Element{}, order: list.New()}
}

func (r *recent[K, V]) get(k K) (V, bool) {
	e, ok := r.items[k]
	if !ok {
		var none V
		return none, false
	}
	r.order.MoveToFront(e)
	return e.Value.(pair[K, V]).value, true
}

// add stores what is not there yet.
func (r *recent[K, V]) add(k K, v V) {
	r.items[k] = r.order.PushFront(pair[K, V]{k, v})
	if r.order.Len() > r.max {
		r.remove(r.order.Back().Value.(pair[K, V]).key)
	}
}

func (r *recent[K, V]) remove(k K) {
	if e, ok := r.items[k]; ok {
		r.order.Remove(e)
		delete(r.items, k)
	}
}

// all may be used while items are removed.
func (r *recent[K, V]) all() iter.Seq[K] {
	return func(yield func(K) bool) {
		for k := range r.items {
			if !yield(k) {
				return
			}
		}
	}
}
