package webhook

import (
	"sync"
	"time"
)

const (
	remember = 24 * time.Hour // how long an event is known at least, unless there are very many
	maxSeen  = 20_000         // events in each of the two halves
)

// seen knows the ids of the events that were taken lately, in two halves of
// which the older is dropped when the newer is full or old.
type seen struct {
	mu         sync.Mutex
	newer      map[string]bool
	older      map[string]bool
	newerSince time.Time
}

// first says whether an event was not there before, and remembers it. Events
// without an id are all new.
func (s *seen) first(id string, now time.Time) bool {
	if id == "" {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.newer[id] || s.older[id] {
		return false
	}
	if s.newer == nil || len(s.newer) >= maxSeen || now.Sub(s.newerSince) > remember {
		s.older, s.newer, s.newerSince = s.newer, map[string]bool{}, now
	}
	s.newer[id] = true
	return true
}

// forget takes back that an event was there.
func (s *seen) forget(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.newer, id)
	delete(s.older, id)
}
