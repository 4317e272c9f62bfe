package auth

import (
	"crypto/sha256"
	"sync"
	"time"
)

// verdicts are what an introspection endpoint said lately. Tokens that it
// accepted are apart from all others, of which anybody can send any number.
type verdicts struct {
	mu       sync.Mutex
	accepted map[digest]verdict
	refused  map[digest]verdict
}

// digest stands for a token, so that none is kept.
type digest = [sha256.Size]byte

// verdict is an answer and how long it holds.
type verdict struct {
	who   Principal // without its token
	err   error
	until time.Time
}

func newVerdicts() *verdicts {
	return &verdicts{accepted: map[digest]verdict{}, refused: map[digest]verdict{}}
}

// of is what holds of a token, if anything does, and whether it was accepted
// before.
func (v *verdicts) of(key digest, now time.Time) (holds verdict, ok, known bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	yes, known := v.accepted[key]
	if no, refused := v.refused[key]; refused && now.Before(no.until) {
		return no, true, known
	}
	return yes, known && now.Before(yes.until), known
}

// keep remembers a verdict in place of the one before.
func (v *verdicts) keep(key digest, new verdict, now time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.accepted, key)
	delete(v.refused, key)
	if new.err == nil {
		makeRoom(v.accepted, now.Add(-knownFor))
		v.accepted[key] = new
		return
	}
	makeRoom(v.refused, now)
	v.refused[key] = new
}

// makeRoom forgets what ended before a time, and else anything: all that costs
// is a request.
func makeRoom(all map[digest]verdict, before time.Time) {
	if len(all) < maxRemember {
		return
	}
	for k, old := range all {
		if !before.Before(old.until) || len(all) >= maxRemember {
			delete(all, k)
		}
	}
}
