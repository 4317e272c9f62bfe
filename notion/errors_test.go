package notion

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator/emulatortest"
)

var allKinds = []error{
	ErrUnauthorized, ErrRestricted, ErrBlocked, ErrNotFound, ErrValidation, ErrConflict,
	ErrRateLimited, ErrOverloaded, ErrServer, ErrUnreachable, ErrMalformed, ErrUnclear,
}

// isKind says whether an error is of exactly these categories.
func isKind(err error, want ...error) bool {
	for _, kind := range allKinds {
		wanted := false
		for _, w := range want {
			wanted = wanted || w == kind
		}
		if errors.Is(err, kind) != wanted {
			return false
		}
	}
	return true
}

func apiError(status int, code, more string) string {
	return fmt.Sprintf(`{"object":"error","status":%d,"code":%q,"message":"because","request_id":"req-1"%s}`, status, code, more)
}

const html = "<!DOCTYPE html>\n<html><head><title>Attention Required! | Cloudflare</title></head><body>" + "padding padding padding padding padding padding padding padding</body></html>"

func TestErrorShapes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		status int
		body   string
		read   []error // what a read must be, exactly
		write  []error // and a write; the same if nil
		words  []string
	}{
		{"bad request", 400, apiError(400, "validation_error", ""), []error{ErrValidation}, nil, []string{"read page 1111", "because", "validation_error", "req-1", "status 400"}},
		{"token", 401, apiError(401, "unauthorized", ""), []error{ErrUnauthorized}, nil, nil},
		{"capability", 403, apiError(403, "restricted_resource", ""), []error{ErrRestricted}, nil, nil},
		{"absent", 404, apiError(404, "object_not_found", ""), []error{ErrNotFound}, nil, nil},
		{"conflict", 409, apiError(409, "conflict_error", ""), []error{ErrConflict}, nil, nil},
		{"too large", 413, apiError(413, "invalid_request", ""), []error{ErrValidation}, nil, nil},
		{"fault", 500, apiError(500, "internal_server_error", ""), []error{ErrServer}, []error{ErrServer, ErrUnclear}, nil},
		{"unavailable", 503, apiError(503, "service_unavailable", ""), []error{ErrServer}, []error{ErrServer, ErrUnclear}, nil},
		{"blocked", 403, html, []error{ErrBlocked, ErrMalformed}, nil, []string{"HTML", "cf-ray ray-1", "header-req"}},
		{"proxy's 404", 404, html, []error{ErrMalformed}, nil, []string{"HTML"}},
		{"other API's 404", 404, `{"error":"no such route"}`, []error{ErrMalformed}, nil, []string{"no error of the API"}},
		{"proxy's 401", 401, "", []error{ErrUnauthorized, ErrMalformed}, nil, []string{"empty"}},
		{"proxy's 502", 502, html, []error{ErrServer, ErrMalformed}, []error{ErrServer, ErrMalformed, ErrUnclear}, []string{"HTML"}},
		{"HTML as success", 200, html, []error{ErrMalformed}, []error{ErrMalformed, ErrUnclear}, []string{"HTML"}},
		{"cut JSON", 200, `{"object":"page","id":"x","url":"ht`, []error{ErrMalformed}, []error{ErrMalformed, ErrUnclear}, []string{"cut off after 35 bytes"}},
		{"no JSON", 200, "hello\x00\x1b[31m world", []error{ErrMalformed}, []error{ErrMalformed, ErrUnclear}, []string{"not JSON"}},
		{"empty", 200, "", []error{ErrMalformed}, []error{ErrMalformed, ErrUnclear}, []string{"empty"}},
		{"wrong types", 200, `{"object":"page","id":"x","properties":[1]}`, []error{ErrMalformed}, []error{ErrMalformed, ErrUnclear}, []string{"properties", "array where"}},
		{"no object", 200, `{"ok":true}`, []error{ErrMalformed}, []error{ErrMalformed, ErrUnclear}, []string{"object"}},
		{"error as success", 200, apiError(200, "x", ""), []error{ErrMalformed}, []error{ErrMalformed, ErrUnclear}, nil},
		{"null", 200, `null`, []error{ErrMalformed}, []error{ErrMalformed, ErrUnclear}, nil},
		{"long", 200, `{"object":"page","id":"` + strings.Repeat("x", 3000) + `"}`, []error{ErrMalformed}, []error{ErrMalformed, ErrUnclear}, []string{"longer than 2000 bytes"}},
		{"long and failed", 500, strings.Repeat("x", 3000), []error{ErrServer, ErrMalformed}, []error{ErrServer, ErrMalformed, ErrUnclear}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("cf-ray", "ray-1")
				w.Header().Set("x-notion-request-id", "header-req")
				w.WriteHeader(c.status)
				fmt.Fprint(w, c.body)
			})
			client.cfg.MaxResponse = 2000
			_, err := client.Page(t.Context(), idA)
			if !isKind(err, c.read...) {
				t.Errorf("a read is %v, want %v", err, c.read)
			}
			checkWords(t, err, c.words)
			if c.write == nil {
				c.write = c.read
			}
			if _, err := client.UpdatePage(t.Context(), idA, UpdatePage{}); !isKind(err, c.write...) {
				t.Errorf("a write is %v, want %v", err, c.write)
			}
			var e *Error
			if !errors.As(err, &e) || e.Status != c.status && c.status != 200 || e.RequestID == "" {
				t.Errorf("details are %+v", e)
			}
			if n := client.Requests(); n != 2 {
				t.Errorf("%d requests were sent for two calls", n)
			}
		})
	}
}

// checkWords wants words in an error, which must be short and printable.
func checkWords(t *testing.T, err error, words []string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q is not in %q", word, err)
		}
	}
	if len(err.Error()) > 420 || strings.ContainsAny(err.Error(), "\x00\x1b\n") {
		t.Errorf("the error is too long or not printable: %q", err)
	}
}

func TestRateLimitDetails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, rateLimitDetails)
}

func rateLimitDetails(t *testing.T) {
	for _, c := range []struct {
		status int
		header string
		more   string
		kind   error
		after  time.Duration
		reason string
	}{
		{status: 429, header: "120", kind: ErrRateLimited, after: 2 * time.Minute, more: `,"additional_data":{"rate_limit_reason":"public_api_space_request_rate_limit"}`, reason: "public_api_space_request_rate_limit"},
		{status: 429, header: "120", kind: ErrRateLimited, after: 2 * time.Minute, more: `,"additional_data":{"rate_limit_reason":["a","b"]}`, reason: "a, b"},
		{status: 429, header: time.Now().Add(100 * time.Second).UTC().Format(http.TimeFormat), kind: ErrRateLimited, after: 100 * time.Second},
		{status: 529, header: "30", kind: ErrOverloaded, after: 30 * time.Second},
	} {
		client := New(testSecret, Config{BaseURL: "https://notion.test", MaxRetries: -1, HTTP: &http.Client{
			Transport: emulatortest.InProcess(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", c.header)
				answer(c.status, apiError(c.status, "code", c.more))(w, nil)
			})),
		}})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		_, err := client.CreateComment(ctx, CreateComment{Page: idA})
		var e *Error
		if !isKind(err, c.kind) || !errors.As(err, &e) {
			t.Fatalf("got %v", err)
		}
		if e.RetryAfter != c.after || e.Reason != c.reason {
			t.Errorf("retry after %v because of %q, want %v, %q", e.RetryAfter, e.Reason, c.after, c.reason)
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("waited %v in vain", took)
		}
	}
}

func TestNetworkErrors(t *testing.T) {
	t.Parallel()
	cut := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		fmt.Fprint(w, onePage)
	})
	hangUp := serve(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	refused := New(testSecret, Config{BaseURL: "http://127.0.0.1:1", MaxRetries: -1})
	for _, c := range []struct {
		name        string
		client      *Client
		read, write []error
	}{
		{"cut", cut, []error{ErrUnreachable, ErrMalformed}, []error{ErrUnreachable, ErrMalformed, ErrUnclear}},
		{"hang up", hangUp, []error{ErrUnreachable}, []error{ErrUnreachable, ErrUnclear}},
		{"refused", refused, []error{ErrUnreachable}, []error{ErrUnreachable}},
	} {
		if _, err := c.client.Page(t.Context(), idA); !isKind(err, c.read...) {
			t.Errorf("%s: a read is %v", c.name, err)
		}
		if err := c.client.DeleteBlock(t.Context(), idA); !isKind(err, c.write...) {
			t.Errorf("%s: a write is %v", c.name, err)
		}
	}
}

// silent is a client of one that takes requests and never answers. arrived, if
// it is set, hears of each.
func silent(cfg Config, arrived func()) *Client {
	cfg.BaseURL = "https://notion.test"
	cfg.HTTP = &http.Client{Transport: emulatortest.InProcess(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if arrived != nil {
			arrived()
		}
		<-r.Context().Done()
	}))}
	return New(testSecret, cfg)
}

func TestNoAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, start := silent(Config{MaxRetries: -1, Timeout: time.Second}, nil), time.Now()
		if _, err := client.Page(t.Context(), idA); !isKind(err, ErrUnreachable) {
			t.Errorf("a read is %v", err)
		}
		if err := client.DeleteBlock(t.Context(), idA); !isKind(err, ErrUnreachable, ErrUnclear) {
			t.Errorf("a write is %v", err)
		}
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("waited %v for two answers", took)
		}
	})
}

func TestCallerGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		client := silent(Config{MaxRetries: 5}, cancel)
		if err := client.DeleteBlock(ctx, idA); !isKind(err, ErrUnclear) || !errors.Is(err, context.Canceled) {
			t.Errorf("a write that was given up is %v", err)
		}
		ctx, cancel = context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		client = silent(Config{MaxRetries: 5}, nil)
		if _, err := client.Page(ctx, idA); !isKind(err, ErrUnreachable) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a read that took too long is %v", err)
		}
		if _, err := client.Page(ctx, idA); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a read without time is %v", err)
		}
		if n := client.Requests(); n != 1 {
			t.Errorf("%d requests were sent", n)
		}
	})
}
