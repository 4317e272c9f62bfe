// Package wire asks token brokers over HTTP. Answers are bounded, repeated
// where a broker says that it is busy, and never followed to another address.
// No error shows a secret, whatever the broker answers.
package wire

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/tokens"
)

const (
	defaultAttempts = 3
	maxBody         = 1 << 20
	attemptTimeout  = 30 * time.Second // where the context has no deadline of its own
)

// Client asks one broker. The zero value works.
type Client struct {
	Name     string       // of the broker, for errors
	HTTP     *http.Client // nil for one of the default settings
	Attempts int          // how often one request is sent at most; 0 means 3
}

// Request is one question. Secrets belong into Header and Body only, because a
// URL may show in logs along the way.
type Request struct {
	Method string
	URL    string
	Header http.Header
	Body   []byte
}

// Answer is what the broker said with a status of success.
type Answer struct {
	Status int
	Body   []byte
}

// Do sends a request until it is answered, with the same headers and body each
// time. A status other than 2xx is an *Error. The error is
// tokens.ErrUnavailable where the broker is too busy, broken or out of reach.
func (c Client) Do(ctx context.Context, r Request) (Answer, error) {
	attempts := cmp.Or(c.Attempts, defaultAttempts)
	for n := 1; ; n++ {
		a, again, err := c.once(ctx, r)
		if err == nil {
			return a, nil
		}
		if again == nil || n >= attempts || !sleep(ctx, again.wait(n)) {
			return Answer{}, fmt.Errorf("ask %s: %w", cmp.Or(c.Name, "the token broker"), err)
		}
	}
}

// once sends a request one time. The retry is nil where another attempt would
// be of no use.
func (c Client) once(ctx context.Context, r Request) (Answer, *retry, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return Answer{}, nil, errors.New("its address is not valid")
	}
	if req.Header = r.Header.Clone(); req.Header == nil {
		req.Header = http.Header{}
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "mcp-notion")
	resp, err := c.client().Do(req)
	if err != nil {
		return Answer{}, retryUnlessDone(ctx), unreachable(err)
	}
	defer resp.Body.Close()
	body, err := readAll(resp.Body)
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return Answer{}, retryAfter(resp), newError(resp, body)
	}
	if err != nil { // it has done what was asked, so asking again is no repair
		return Answer{}, nil, err
	}
	return Answer{Status: resp.StatusCode, Body: body}, nil, nil
}

// client is the configured one, except that it never follows a redirect: the
// next address would be shown our credentials.
func (c Client) client() *http.Client {
	h := http.Client{}
	if c.HTTP != nil {
		h = *c.HTTP
	}
	h.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &h
}

// Decode reads JSON that may say more than v knows. The error does not quote it.
func (a Answer) Decode(v any) error {
	if err := json.Unmarshal(a.Body, v); err != nil {
		return fmt.Errorf("the token broker's answer (status %d, %d bytes) is not the JSON that is expected", a.Status, len(a.Body))
	}
	return nil
}

func readAll(r io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, maxBody+1))
	if err != nil {
		return nil, unreachable(err)
	}
	if len(body) > maxBody {
		return nil, errors.New("its answer is too long")
	}
	return body, nil
}

// unreachable drops the URL, which may hold names of users.
func unreachable(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return fmt.Errorf("%w: %w", tokens.ErrUnavailable, err)
}

// Base checks a broker's address, and returns it without a slash at the end.
// Plain HTTP is for this machine, unless plain allows it for others.
func Base(address string, plain bool) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", errors.New("the token broker's address must be a URL like https://host/path")
	}
	if u.Scheme != "https" && !(u.Scheme == "http" && (plain || loopback(u.Hostname()))) {
		return "", errors.New("the token broker's address must begin with https, because secrets are sent there")
	}
	return strings.TrimRight(address, "/"), nil
}

// Link checks an address that people are sent to.
func Link(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "https" && u.Scheme != "http") {
		return "", errors.New("the token broker gave no usable link")
	}
	return address, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Segment is a name as one element of a URL's path. Dots alone would address
// something else.
func Segment(name string) (string, error) {
	if name == "" || strings.Trim(name, ".") == "" {
		return "", errors.New("an empty name cannot be looked up at the token broker")
	}
	return url.PathEscape(name), nil
}
