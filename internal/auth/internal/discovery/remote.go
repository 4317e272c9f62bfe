package discovery

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
	"golang.org/x/time/rate"
)

// How long what an issuer published is believed, and how often it is asked.
const (
	// Fresh is how long keys are used without a thought. Older ones are used
	// while they are being read anew.
	Fresh = 5 * time.Minute
	// Keep is how long keys outlive an issuer that cannot be reached.
	Keep = time.Hour
	// Burst and Every bound the attempts: key ids that nobody knows, and
	// outages, must not turn into requests.
	Burst = 3
	Every = 20 * time.Second

	attemptTimeout = 10 * time.Second
)

// Errors of a Remote.
var (
	ErrUnknownKey  = errors.New("the issuer has no such key")
	ErrUnavailable = errors.New("the issuer cannot be reached")
)

// Remote is an issuer that publishes its keys. It is safe for concurrent use.
type Remote struct {
	issuer string
	jwks   string // where the keys are, or empty to discover it
	client *http.Client
	now    func() time.Time

	flight singleflight.Group
	limit  *rate.Limiter

	mu       sync.Mutex
	metadata Metadata
	found    time.Time // when metadata was read
	keys     Keys
	read     time.Time // when keys were read
	failed   error     // of the last attempt
}

// NewRemote returns an issuer of which nothing is known yet. A jwks URL makes
// discovery unnecessary for keys.
func NewRemote(issuer, jwks string, client *http.Client, now func() time.Time) *Remote {
	return &Remote{issuer: issuer, jwks: jwks, client: client, now: now, limit: rate.NewLimiter(rate.Every(Every), Burst)}
}

// Keys returns the keys with that id. An id that is not known is looked up at
// once, as far as the rate allows. The error is ErrUnknownKey, ErrUnavailable
// or that of ctx.
func (r *Remote) Keys(ctx context.Context, id string) (Keys, error) {
	keys, age := r.cached()
	if found := keys.Named(id); len(found) > 0 && age < Keep {
		if age >= Fresh {
			r.start(ctx)
		}
		return found, nil
	}
	if err := r.refresh(ctx); err != nil {
		return nil, err
	}
	keys, age = r.cached()
	if age >= Keep {
		return nil, ErrUnavailable
	}
	if found := keys.Named(id); len(found) > 0 {
		return found, nil
	}
	return nil, ErrUnknownKey
}

// Metadata returns what the issuer says of itself.
func (r *Remote) Metadata(ctx context.Context) (Metadata, error) {
	if m, ok := r.known(); ok {
		return m, nil
	}
	if err := r.refresh(ctx); err != nil {
		return Metadata{}, err
	}
	m, ok := r.known()
	if !ok {
		return Metadata{}, ErrUnavailable
	}
	return m, nil
}

func (r *Remote) cached() (Keys, time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.keys, r.now().Sub(r.read)
}

func (r *Remote) known() (Metadata, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.metadata, r.metadata.Issuer != "" && r.now().Sub(r.found) < Keep
}

// refresh waits for the attempt that is under way, or for a new one.
func (r *Remote) refresh(ctx context.Context) error {
	select {
	case res := <-r.start(ctx):
		return res.Err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// start begins an attempt unless one is under way. It serves all who wait, so
// it does not end with the request that happened to be first.
func (r *Remote) start(ctx context.Context) <-chan singleflight.Result {
	return r.flight.DoChan("", func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), attemptTimeout)
		defer cancel()
		return nil, r.attempt(ctx)
	})
}

// attempt reads the keys anew. Where the rate forbids it, the outcome of the
// last attempt stands.
func (r *Remote) attempt(ctx context.Context) error {
	if !r.limit.AllowN(r.now(), 1) {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.failed
	}
	keys, err := r.fetch(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.failed = fmt.Errorf("%w: %w", ErrUnavailable, err)
		r.found = time.Time{} // the keys may have moved
		return r.failed
	}
	r.keys, r.read, r.failed = keys, r.now(), nil
	return nil
}

func (r *Remote) fetch(ctx context.Context) (Keys, error) {
	if r.jwks != "" {
		return fetchKeys(ctx, r.client, r.jwks)
	}
	m, ok := r.known()
	if !ok {
		var err error
		if m, err = discover(ctx, r.client, r.issuer); err != nil {
			return nil, err
		}
		r.mu.Lock()
		r.metadata, r.found = m, r.now()
		r.mu.Unlock()
	}
	return fetchKeys(ctx, r.client, m.JWKS)
}
