package browser

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// screen is a kind of device.
type screen struct {
	name          string
	width, height int64
	phone         bool
}

var (
	desk  = screen{"desk", 1280, 900, false}
	phone = screen{"phone", 390, 844, true}
)

// Shoot takes the page as it is now, from its top to its end, on a phone and on
// a desk, light and dark. A page that is wider than its screen is an error.
func (b *Browser) Shoot(name string) error {
	for _, s := range []screen{phone, desk} {
		for _, scheme := range []string{"light", "dark"} {
			if err := b.shoot(name, s, scheme); err != nil {
				return err
			}
		}
	}
	return b.do("look normal again", media("light"), size(desk))
}

func (b *Browser) shoot(name string, s screen, scheme string) error {
	file := fmt.Sprintf("%s-%s-%s.png", name, s.name, scheme)
	if err := b.do("look like "+file, size(s), media(scheme)); err != nil {
		return err
	}
	wide, err := Eval[int64](b, "document.documentElement.scrollWidth")
	if err != nil {
		return err
	}
	if wide > s.width {
		return fmt.Errorf("%s: the page is %d wide, and the screen %d", file, wide, s.width)
	}
	if b.cfg.Shots == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(b.tab, b.cfg.Within)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		return fmt.Errorf("take %s: %w", file, err)
	}
	return os.WriteFile(filepath.Join(b.cfg.Shots, file), png, 0o644)
}

func size(s screen) chromedp.Action[chromedp.Void] {
	if s.phone {
		return chromedp.EmulateViewport(s.width, s.height, chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	return chromedp.EmulateViewport(s.width, s.height)
}

// media makes pages see what a person has chosen.
func media(scheme string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{
				{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
			},
		})
		return err
	})
}

// Scheme is light or dark, as a person has chosen it.
func (b *Browser) Scheme(scheme string) error { return b.do("look "+scheme, media(scheme)) }

// Scripts lets the scripts of pages run, or not.
func (b *Browser) Scripts(run bool) error {
	return b.do("switch scripts", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !run})
		return err
	}))
}
