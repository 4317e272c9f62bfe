// Package browser drives a real Chromium through our pages, as a person would:
// by the words on buttons and labels. It keeps what the browser complains
// about, and takes screenshots on a phone and on a desk, light and dark. It
// needs Chromium, so nothing that go test runs may use it.
package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Config says how a Browser is started. The zero value works where Chromium is
// installed.
type Config struct {
	Chromium string        // the program; "" means the one in PATH
	Shots    string        // folder of screenshots, which is made if need be; "" means that none are kept
	Within   time.Duration // the longest one step may take; 0 means 15 seconds
}

// Browser is one tab with an empty profile: no cookies, nobody signed in.
type Browser struct {
	cfg   Config
	tab   context.Context // by which chromedp knows the tab; it ends with Close
	close func()

	seen *seen
}

// seen is what a Browser and its windows were seen doing.
type seen struct {
	mu         sync.Mutex
	complaints []string
	requests   []string
}

// Start starts Chromium. Close ends it.
func Start(ctx context.Context, cfg Config) (*Browser, error) {
	if cfg.Within == 0 {
		cfg.Within = 15 * time.Second
	}
	if cfg.Shots != "" {
		if err := os.MkdirAll(cfg.Shots, 0o755); err != nil {
			return nil, fmt.Errorf("make the folder of screenshots: %w", err)
		}
	}
	profile, err := os.MkdirTemp("", "chromium")
	if err != nil {
		return nil, fmt.Errorf("make a profile: %w", err)
	}
	alone, end := chromedp.NewExecAllocator(ctx, options(cfg, profile)...)
	tab, leave := chromedp.NewContext(alone)
	b := &Browser{cfg: cfg, tab: tab, seen: &seen{}, close: func() {
		leave()
		end()
		_ = os.RemoveAll(profile)
	}}
	if err := b.listen(); err != nil {
		b.close()
		return nil, fmt.Errorf("start Chromium (Debian: apt-get install chromium): %w", err)
	}
	return b, nil
}

func options(cfg Config, profile string) []chromedp.ExecAllocatorOption {
	all := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(profile),
		chromedp.Flag("no-proxy-server", true), // everything is on this machine
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.WindowSize(int(desk.width), int(desk.height)),
		chromedp.WSURLReadTimeout(time.Minute), // of a machine that is busy
	)
	if cfg.Chromium != "" {
		all = append(all, chromedp.ExecPath(cfg.Chromium))
	}
	return all
}

// listen starts the browser, and keeps its complaints and what it asks for.
func (b *Browser) listen() error {
	messages, requests := chromedp.Console(b.tab), chromedp.Events(b.tab, network.RequestWillBeSent)
	if err := chromedp.Do(b.tab); err != nil {
		return err
	}
	go b.seen.keepMessages(messages)
	go b.seen.keepRequests(requests)
	return nil
}

func (s *seen) keepMessages(messages iter.Seq2[chromedp.ConsoleMessage, error]) {
	for m, err := range messages {
		if err != nil {
			return
		}
		if m.IsException() || m.Type == chromedp.ConsoleError || m.Type == "warning" {
			s.mu.Lock()
			s.complaints = append(s.complaints, m.String())
			s.mu.Unlock()
		}
	}
}

func (s *seen) keepRequests(requests iter.Seq2[network.EventRequestWillBeSent, error]) {
	for r, err := range requests {
		if err != nil {
			return
		}
		s.mu.Lock()
		s.requests = append(s.requests, r.Request.URL)
		s.mu.Unlock()
	}
}

// Complaints are the errors and warnings of the browser and of scripts so far,
// in windows too: among them what a content security policy forbade.
func (b *Browser) Complaints() []string {
	b.seen.mu.Lock()
	defer b.seen.mu.Unlock()
	return slices.Clone(b.seen.complaints)
}

// Requests are the addresses of all that pages and their windows have asked for
// so far, also where nothing answered.
func (b *Browser) Requests() []string {
	b.seen.mu.Lock()
	defer b.seen.mu.Unlock()
	return slices.Clone(b.seen.requests)
}

// Close ends the browser and deletes its profile.
func (b *Browser) Close() { b.close() }

func (b *Browser) do(what string, steps ...chromedp.Action[chromedp.Void]) error {
	ctx, cancel := context.WithTimeout(b.tab, b.cfg.Within)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		return b.failed(what, err)
	}
	return nil
}

// failed adds to an error where the browser was, which is half of the answer.
func (b *Browser) failed(what string, err error) error {
	ctx, cancel := context.WithTimeout(b.tab, 2*time.Second)
	defer cancel()
	where, werr := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href.split("?")[0] + ": " + document.body.innerText.slice(0, 1500)`))
	if werr != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return fmt.Errorf("%s: %w; the page is %s", what, err, where)
}

// Eval runs JavaScript in the page and returns its value.
func Eval[T any](b *Browser, script string) (T, error) {
	ctx, cancel := context.WithTimeout(b.tab, b.cfg.Within)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		err = b.failed("run a script", err)
	}
	return v, err
}

// Open goes to an address.
func (b *Browser) Open(address string) error {
	return b.do("open "+address, chromedp.Navigate(address))
}

// Reload is what F5 does.
func (b *Browser) Reload() error { return b.do("reload", chromedp.Reload()) }

// Click clicks on the visible link or button that says just that, or has it as
// its label or title. What lies behind an open dialog does not count.
func (b *Browser) Click(words string) error {
	q := quoted(words)
	found := fmt.Sprintf(`[...document.querySelectorAll("a, button, summary, input[type=submit], [role=menuitem]")].find(e =>
		e.checkVisibility() && !e.closest("[aria-hidden=true], [inert]") && [e.innerText, e.getAttribute("aria-label"), e.title, e.value].some(t => t && t.trim().replace(/\s+/g, " ") === %s))`, q)
	if err := b.wait("click on "+q, found+" !== undefined"); err != nil {
		return err
	}
	return b.do("click on "+q, chromedp.Click(chromedp.JSPath(found)))
}

// Fill types into the field with that label.
func (b *Browser) Fill(label, text string) error {
	q := quoted(label)
	field := fmt.Sprintf(`[...document.querySelectorAll("input, textarea")].find(e =>
		[e.getAttribute("aria-label"), ...[...(e.labels || [])].map(l => l.innerText)].some(t => t && t.trim() === %s))`, q)
	if err := b.wait("fill "+q, field+" !== undefined"); err != nil {
		return err
	}
	path := chromedp.JSPath(field)
	return b.do("fill "+q, chromedp.Clear(path), chromedp.SendKeys(path, text))
}

// Press presses a key, such as "\t" or "\r".
func (b *Browser) Press(key string) error { return b.do("press a key", chromedp.KeyEvent(key)) }

// WaitFor waits until the page shows all of these words.
func (b *Browser) WaitFor(words ...string) error {
	for _, w := range words {
		q := quoted(w)
		if err := b.wait("wait for "+q, "document.body !== null && document.body.innerText.includes("+q+")"); err != nil {
			return err
		}
	}
	return nil
}

// wait asks again until an expression is true, also while the page changes.
func (b *Browser) wait(what, expression string) error {
	end := time.Now().Add(b.cfg.Within)
	for {
		ctx, cancel := context.WithDeadline(b.tab, end)
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](expression))
		cancel()
		switch {
		case err == nil && ok:
			return nil
		case b.tab.Err() != nil:
			return fmt.Errorf("%s: %w", what, b.tab.Err())
		case time.Now().After(end):
			return b.failed(what, errors.New("it does not come"))
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// Text is what the page shows.
func (b *Browser) Text() (string, error) { return Eval[string](b, "document.body.innerText") }

// Address is where the tab is.
func (b *Browser) Address() (string, error) { return Eval[string](b, "location.href") }

// quoted is a string of JavaScript.
func quoted(s string) string {
	raw, err := json.Marshal(s)
	if err != nil { // cannot happen to a string
		return `""`
	}
	return string(raw)
}
