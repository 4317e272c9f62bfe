package embed_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/embed"
	"github.com/mcp-notion/mcp-notion/internal/embed/embedtest"
)

func newEmbedder(t *testing.T, e *embedtest.Endpoint) *embed.Embedder {
	t.Helper()
	em, err := embed.New(embed.Config{URL: e.URL, Model: "small", Key: embed.NewKey("sk-secret"), Wait: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	return em
}

func TestEmbed(t *testing.T) {
	t.Parallel()
	e := embedtest.New(t)
	e.Set(embedtest.Behavior{Key: "sk-secret", Dimension: 48, Models: []string{"small"}})
	em := newEmbedder(t, e)
	texts := []string{"red apples", "green pears", ""}
	got, err := em.Passages(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range got {
		sum, want := 0.0, embedtest.Vector("small", texts[i], 48)
		dot, length := 0.0, 0.0
		for j := range v {
			sum += float64(v[j]) * float64(v[j])
			dot += float64(v[j]) * float64(want[j])
			length += float64(want[j]) * float64(want[j])
		}
		if math.Abs(sum-1) > 1e-5 || math.Abs(dot-math.Sqrt(length)) > 1e-4 {
			t.Errorf("vector %d has length² %v and is not that of its text", i, sum)
		}
	}
	if none, err := em.Passages(t.Context(), nil); none != nil || err != nil {
		t.Errorf("no texts: %v, %v", none, err)
	}
	var failed *embed.Error
	e.Set(embedtest.Behavior{Models: []string{"other"}})
	if _, err := em.Passages(t.Context(), texts); !errors.As(err, &failed) || failed.Kind != embed.Refused {
		t.Errorf("a model that is not there: %v", err)
	}
}

func reply(status int, header, body string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		if name, value, ok := strings.Cut(header, ": "); ok {
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// Whatever an endpoint does is an Error of the right kind, which shows nothing
// that the endpoint wrote, nor the key.
func TestFailures(t *testing.T) {
	t.Parallel()
	const api = `{"error":{"message":"sk-secret apples","type":"x","code":"y"}}`
	for name, c := range map[string]struct {
		instead func(http.ResponseWriter, *http.Request)
		kind    embed.Kind
		after   time.Duration
	}{
		"unauthorized":    {reply(401, "", api), embed.Refused, 0},
		"no such path":    {reply(404, "", "<html>sk-secret</html>"), embed.Refused, 0},
		"too many":        {reply(429, "Retry-After: 7", api), embed.Busy, 7 * time.Second},
		"overloaded":      {reply(503, "Retry-After: 99999999", "busy"), embed.Busy, 10 * time.Minute},
		"nonsense after":  {reply(503, "Retry-After: NaN", "busy"), embed.Busy, 0},
		"fails":           {reply(500, "", api), embed.Unavailable, 0},
		"bad gateway":     {reply(502, "", "<html>apples</html>"), embed.Unavailable, 0},
		"too long":        {reply(413, "", ""), embed.TooLarge, 0},
		"redirect":        {reply(302, "Location: https://example.com/", ""), embed.Garbled, 0},
		"html":            {reply(200, "Content-Type: text/html", "<html>sk-secret apples</html>"), embed.Garbled, 0},
		"empty":           {reply(200, "", ""), embed.Garbled, 0},
		"an error at 200": {reply(200, "", api), embed.Garbled, 0},
		"no vectors":      {reply(200, "", `{"data":[]}`), embed.Garbled, 0},
		"one too few":     {reply(200, "", `{"data":[{"index":0,"embedding":[1,0]}]}`), embed.Garbled, 0},
		"wrong numbers":   {reply(200, "", `{"data":[{"index":1,"embedding":[1,0]},{"index":1,"embedding":[1,0]}]}`), embed.Garbled, 0},
		"far number":      {reply(200, "", `{"data":[{"index":0,"embedding":[1,0]},{"index":9,"embedding":[1,0]}]}`), embed.Garbled, 0},
		"two dimensions":  {reply(200, "", `{"data":[{"index":0,"embedding":[1,0]},{"index":1,"embedding":[1,0,0]}]}`), embed.Garbled, 0},
		"no direction":    {reply(200, "", `{"data":[{"index":0,"embedding":[1,0]},{"index":1,"embedding":[0,0]}]}`), embed.Garbled, 0},
		"too large":       {reply(200, "", `{"data":[{"index":0,"embedding":[1e38,1e39]},{"index":1,"embedding":[1,0]}]}`), embed.Garbled, 0},
		"cut short":       {reply(200, "", `{"data":[{"index":0,"embedding":[1,`), embed.Garbled, 0},
		"hangs up":        {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, embed.Unavailable, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := embedtest.New(t)
			e.Set(embedtest.Behavior{Instead: c.instead})
			_, err := newEmbedder(t, e).Passages(t.Context(), []string{"apples", "pears"})
			var got *embed.Error
			if !errors.As(err, &got) {
				t.Fatalf("error %v is no *embed.Error", err)
			}
			if got.Kind != c.kind || got.After != c.after {
				t.Errorf("kind %q, after %v: want %q, %v", got.Kind, got.After, c.kind, c.after)
			}
			for _, leak := range []string{"secret", "apples", "html", "127.0.0.1"} {
				if strings.Contains(fmt.Sprintf("%v %+v", err, got), leak) {
					t.Errorf("%q is in the error %q", leak, err)
				}
			}
		})
	}
}

func TestVectorsWithoutNumbers(t *testing.T) {
	t.Parallel()
	e := embedtest.New(t)
	e.Set(embedtest.Behavior{Instead: reply(200, "", `{"data":[{"embedding":[1,0]},{"embedding":[0,1]},{"embedding":[0,-1]}]}`)})
	got, err := newEmbedder(t, e).Passages(t.Context(), []string{"a", "b", "c"})
	if err != nil || got[0][0] != 1 || got[1][1] != 1 || got[2][1] != -1 {
		t.Errorf("%v, %v", got, err)
	}
}

// One that never answers is waited for as long as the Config says, or as the
// caller has time, whichever is less.
func TestNoAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := &embedtest.Endpoint{}
		e.Set(embedtest.Behavior{Instead: func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }})
		em := of(t, e, "", nil)
		start := time.Now()
		var failed *embed.Error
		if _, err := em.Passages(t.Context(), []string{"a"}); !errors.As(err, &failed) || failed.Kind != embed.Slow || time.Since(start) != time.Minute {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := em.Queries(ctx, []string{"a"}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a caller that leaves: %v", err)
		}
	})
}

func TestKeyIsNotPrinted(t *testing.T) {
	t.Parallel()
	cfg := embed.Config{URL: "https://example.com", Model: "m", Key: embed.NewKey("sk-secret")}
	em, err := embed.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{fmt.Sprint(cfg), fmt.Sprintf("%+v %#v %q", cfg, cfg, cfg.Key), fmt.Sprintf("%+v", *em)} {
		if strings.Contains(s, "sk-secret") {
			t.Errorf("printed: %s", s)
		}
	}
	if cfg.Key.Reveal() != "sk-secret" || (embed.Key{}).Reveal() != "" {
		t.Error("Reveal does not")
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for url, ok := range map[string]bool{
		"https://api.openai.com/v1": true, "http://127.0.0.1:8080": true,
		"": false, "api.openai.com": false, "ftp://x/v1": false, "https://user:sk-secret@x/v1": false, "https://x/v1?key=sk-secret": false,
	} {
		err := embed.Config{URL: url, Model: "m"}.Check()
		if (err == nil) != ok {
			t.Errorf("%q: %v", url, err)
		}
		if err != nil && strings.Contains(err.Error(), "sk-secret") {
			t.Errorf("%q: %v", url, err)
		}
	}
	if (embed.Config{URL: "https://x"}).Check() == nil || (embed.Config{}).On() {
		t.Error("a config without a model, or the zero config, counts as one")
	}
}

// Some models were trained to see what a text is for.
func TestTextsHaveTheirPrefix(t *testing.T) {
	t.Parallel()
	for model, want := range map[string][2]string{
		"small":                   {"a", "b"},
		"intfloat/e5-base-v2":     {"query: a", "passage: b"},
		"BAAI/bge-base-en-v1.5":   {"Represent this sentence for searching relevant passages: a", "b"},
		"bge-m3":                  {"a", "b"},
		"nomic-embed-text:latest": {"search_query: a", "search_document: b"},
		"text-embedding-3-small":  {"a", "b"},
		"Snowflake/snowflake-arctic-embed-m-v2.0": {"query: a", "b"},
	} {
		e := embedtest.New(t)
		em, err := embed.New(embed.Config{URL: e.URL, Model: model})
		if err != nil {
			t.Fatal(err)
		}
		_, qerr := em.Queries(t.Context(), []string{"a"})
		_, perr := em.Passages(t.Context(), []string{"b"})
		if got := e.Texts(); qerr != nil || perr != nil || !slices.Equal(got, want[:]) {
			t.Errorf("%s was asked for %q, not %q: %v, %v", model, got, want, qerr, perr)
		}
	}
}
