package browser

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// A Window is one that a page opened, a Browser like the tab that it came from.
type Window struct {
	*Browser
	id     target.ID
	opener *Browser
}

// Popup waits for a window that is opened by what act does. It ends with its own
// script, with its Close, or with the Browser that it came from.
func (b *Browser) Popup(act func() error) (*Window, error) {
	ctx, cancel := context.WithTimeout(b.tab, b.cfg.Within)
	defer cancel()
	opened := chromedp.WaitNewTarget(ctx, func(i *target.Info) bool { return i.Type == "page" })
	if err := b.wake(); err != nil {
		return nil, err
	}
	if err := act(); err != nil {
		return nil, err
	}
	var id target.ID
	select {
	case id = <-opened:
	case <-ctx.Done():
	}
	if id == "" {
		return nil, b.failed("wait for a window", errors.New("none is opened"))
	}
	tab, leave := chromedp.NewContext(b.tab, chromedp.WithTargetID(id))
	w := &Window{&Browser{cfg: b.cfg, tab: tab, close: leave, seen: b.seen}, id, b}
	if err := w.listen(); err != nil {
		leave()
		return nil, fmt.Errorf("look into the window: %w", err)
	}
	return w, w.wake()
}

// wake keeps a tab going, as if a person looked at it. Without it, one of two
// tabs sleeps, and neither timers nor clicks arrive.
func (b *Browser) wake() error {
	return b.do("keep the tab awake", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
		return err
	}))
}

// back tells the page what pages are told when a person comes back to them, which
// one that is kept awake does not learn.
func (b *Browser) back() error {
	_, err := Eval[bool](b, `document.dispatchEvent(new Event("visibilitychange", {bubbles: true}))`)
	return err
}

// WaitClosed waits until the window has closed itself, and its opener
// is seen again.
func (w *Window) WaitClosed() error {
	for end := time.Now().Add(w.cfg.Within); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		all, err := chromedp.Targets(w.opener.tab)
		if err != nil {
			return fmt.Errorf("wait for the window to close: %w", err)
		}
		if !slices.ContainsFunc(all, func(i *target.Info) bool { return i.TargetID == w.id }) {
			return w.opener.back()
		}
	}
	return w.failed("wait for the window to close", errors.New("it stays open"))
}
