package server_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator/hook"
	"github.com/mcp-notion/mcp-notion/server"
	"github.com/mcp-notion/mcp-notion/tokens"
)

const (
	minuteOfHooks = 3000
	hookedUsers   = 50
)

// BenchmarkWebhooks sends a server with 50 open connections 3,000 signed events
// over HTTP, spread over ten seconds instead of a minute, while pages are edited
// for real. It fails if one event is refused, or if an index does not end with
// the last edit. The poll is an hour away.
//
//	go test ./server -run xxx -bench Webhooks -benchtime 1x
func BenchmarkWebhooks(b *testing.B) {
	c := newCrowdVia(b, hookedUsers, server.PoolConfig{Poll: time.Hour, Confirm: time.Hour}, func(r *registry) tokens.Keeper {
		return tokens.Cached(tokens.Source{Broker: r}, tokens.CacheConfig{Life: time.Hour, MaxLife: time.Hour})
	})
	b.Cleanup(func() { _ = c.pool.Close() })
	for i, m := range c.people {
		c.share(m, 0, true)
		c.share(m, 1+i%(parts-1), true)
		c.mirror(m)
	}
	p := &postman{t: b, hook: c.receiver(), keep: true}
	c.hooks.Handle("/", p)
	c.notion.Send("http://mcp-notion.example", hookSecret)
	for part := range parts {
		c.edit(part, "walrus")
	}
	letters := p.letters(parts)
	for b.Loop() {
		c.minute(b, letters)
	}
}

// minute sends the events of a minute, edits every part once more at the end,
// and waits until everybody finds it.
func (c *crowd) minute(b *testing.B, letters [][]byte) {
	srv := httptest.NewServer(c.receiver())
	defer srv.Close()
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 64, MaxIdleConnsPerHost: 64}}
	defer client.CloseIdleConnections()
	var all sync.WaitGroup
	var refused atomic.Int64
	took := make([]time.Duration, minuteOfHooks)
	begin, asked := time.Now(), c.notion.Requests()
	last := fmt.Sprint("narwhal", b.N)
	for i := range minuteOfHooks {
		time.Sleep(time.Until(begin.Add(time.Duration(i) * 10 * time.Second / minuteOfHooks)))
		if i == minuteOfHooks*9/10 {
			for part := range parts {
				c.edit(part, last)
			}
		}
		all.Go(func() {
			body := altered(b, letters[i%parts], map[string]any{"id": fmt.Sprint("event ", last, i)})
			start := time.Now()
			if !send(client, srv.URL, body) {
				refused.Add(1)
			}
			took[i] = time.Since(start)
		})
	}
	all.Wait()
	lasted := time.Since(begin)
	for _, m := range c.people {
		waitFor(b, "the last edit", func() bool { return c.finds(m, last) })
	}
	report(b, took, lasted)
	b.ReportMetric(float64(c.notion.Requests()-asked)/hookedUsers, "Notion-requests/user")
	b.ReportMetric(time.Since(begin).Seconds()-9, "s-to-last-edit")
	b.ReportMetric(float64(refused.Load()), "refused")
	if refused.Load() > 0 {
		b.Errorf("%d of %d events were refused", refused.Load(), minuteOfHooks)
	}
}

func send(client *http.Client, url string, body []byte) bool {
	req, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return false
	}
	req.Header.Set("X-Notion-Signature", hook.Sign(hookSecret, body))
	res, err := client.Do(req)
	return err == nil && res.Body.Close() == nil && res.StatusCode == http.StatusOK
}
