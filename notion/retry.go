package notion

import (
	"context"
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/pace"
)

// wait says whether to repeat a call that failed, and after what time. 429 and
// 529 mean that Notion did nothing, so every call may be repeated, as long as
// the caller has time. Otherwise only reads are.
func (c *Client) wait(ctx context.Context, k call, e *Error, try int) (time.Duration, bool) {
	wait := backoff(try)
	if e.RetryAfter > 0 {
		wait = max(e.RetryAfter, backoff(0))
	}
	tries := 0
	switch {
	case e.again:
		tries = c.cfg.MaxRetries
	case e.odd:
		tries = min(c.cfg.MaxRetries, oddTries)
	}
	again := e.busy() || !k.write && try < tries
	return wait, again && pace.InTime(ctx, wait, c.cfg.MaxWait)
}

// oddTries is how often a read is repeated after an answer that makes no sense.
const oddTries = 2

// busy is Notion's way to say that it did nothing and when to come again.
func (e *Error) busy() bool {
	return e.Status == http.StatusTooManyRequests || e.Status == statusOverloaded
}

// backoff doubles from half a second to 30 s, less up to a half, so that
// clients that failed together do not come again together.
func backoff(try int) time.Duration {
	most := min(30*time.Second, 500*time.Millisecond<<min(try, 10))
	return most/2 + rand.N(most/2)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// neverSent says that a request failed before a byte of it was written.
func neverSent(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	return errors.As(err, &dns) || errors.As(err, &cert) || errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect")
}

// withoutURL drops the address that net/http puts before its errors; Op says
// it better.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
