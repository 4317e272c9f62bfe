package auth

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// How many codes of the issuer are tried: for one sign-in, which comes back once
// or is opened again by hand, and for all, in a second and at once. Each is a
// request to the issuer with this server's secret.
const (
	triesForEach  = 3
	triesASecond  = 10
	triesAtOnce   = 50
	maxTriesKnown = 10_000
)

// tries bounds what anybody can make this server ask its issuer by beginning a
// sign-in and making up codes.
type tries struct {
	all *rate.Limiter

	mu   sync.Mutex
	made map[digest]tried // by the state of a sign-in
}

type tried struct {
	times int
	until time.Time
}

func newTries() *tries {
	return &tries{all: rate.NewLimiter(triesASecond, triesAtOnce), made: map[digest]tried{}}
}

// again says whether one more code may be tried.
func (t *tries) again(state digest, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	one := t.made[state]
	if one.times >= triesForEach || !t.all.AllowN(now, 1) {
		return false
	}
	t.makeRoom(now)
	t.made[state] = tried{one.times + 1, now.Add(loginLife)}
	return true
}

// makeRoom forgets sign-ins that are over, and else any: those are bounded by
// what all of them may try.
func (t *tries) makeRoom(now time.Time) {
	if len(t.made) < maxTriesKnown {
		return
	}
	for state, one := range t.made {
		if !now.Before(one.until) || len(t.made) >= maxTriesKnown {
			delete(t.made, state)
		}
	}
}
