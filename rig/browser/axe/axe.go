// Package axe holds pages to the rules of WCAG 2.2 AA that a program can check,
// with axe-core in a real browser.
package axe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/mcp-notion/mcp-notion/rig/browser"
	"github.com/mcp-notion/mcp-notion/rig/interop/toolchain"
)

// Axe is axe-core.
type Axe struct{ source string }

// Install brings axe-core, which takes npm the first time. What npm says goes to
// out.
func Install(ctx context.Context, out io.Writer) (Axe, error) {
	root, err := toolchain.Root()
	if err != nil {
		return Axe{}, err
	}
	dir := filepath.Join(root, "rig", "browser", "axe")
	if err := toolchain.Packages(ctx, dir, out); err != nil {
		return Axe{}, err
	}
	source, err := os.ReadFile(filepath.Join(dir, "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		return Axe{}, fmt.Errorf("read axe-core: %w", err)
	}
	return Axe{string(source)}, nil
}

const look = `axe.run({runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then(r =>
	r.violations.flatMap(v => v.nodes.map(n => v.id + ": " + v.help + ": " + n.html)))`

// Check is an error that lists what is wrong with the page as it is now.
func (a Axe) Check(b *browser.Browser) error {
	if _, err := browser.Eval[bool](b, a.source+"; true"); err != nil {
		return fmt.Errorf("load axe-core: %w", err)
	}
	wrong, err := browser.Eval[[]string](b, look)
	if err != nil {
		return err
	}
	if len(wrong) > 0 {
		return errors.New("not accessible: " + strings.Join(wrong, "\n"))
	}
	return nil
}
