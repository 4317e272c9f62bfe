package main

import (
	"errors"
	"fmt"

	"github.com/mcp-notion/mcp-notion/rig/browser"
)

// cut are the numbers of passages that are not shown whole. It fails where that
// stays so without a button, or a button stays where nothing is cut.
const cut = `(async () => {
	const look = () => [...document.querySelectorAll(".quoted")].map(q => ({
		less: q.scrollHeight > q.clientHeight + 1,
		button: document.querySelector("[aria-controls='" + q.id + "']")?.innerText ?? "",
	}))
	const wrong = ({less, button}) => less !== button.startsWith("More")
	for (let i = 0; i < 100 && look().some(wrong); i++) await new Promise(done => setTimeout(done, 50))
	const all = look()
	if (all.some(wrong)) throw new Error("cut, and its button: " + JSON.stringify(all))
	return all.flatMap(({less}, i) => (less ? [i + 1] : []))
})()`

// readOn opens and closes the passages that are cut, with the keyboard alone.
func (v *visit) readOn() error {
	short, err := browser.Eval[[]int](v.Browser, cut)
	if err != nil {
		return err
	}
	if len(short) == 0 {
		return errors.New("no passage is cut, so nothing is shown")
	}
	for _, n := range short {
		if err := all(v.pressed(fmt.Sprintf("More of passage %d", n)), v.wait(fmt.Sprintf("Less\nof passage %d", n))); err != nil {
			return err
		}
	}
	if err := v.checked("7-whole")(); err != nil {
		return err
	}
	left, err := browser.Eval[[]int](v.Browser, cut)
	if err == nil && len(left) > 0 {
		err = fmt.Errorf("passages %v are cut all the same", left)
	}
	if err != nil {
		return err
	}
	last := short[len(short)-1]
	return all(v.pressed(fmt.Sprintf("Less of passage %d", last)), v.wait(fmt.Sprintf("More\nof passage %d", last)))
}

// pressed goes to a button with the tab key alone, and presses it.
func (v *visit) pressed(words string) func() error {
	return func() error {
		for range 100 {
			at, err := browser.Eval[string](v.Browser, `document.activeElement.innerText.trim().replace(/\s+/g, " ")`)
			if err != nil {
				return err
			}
			if at == words {
				return v.Press("\r")
			}
			if err := v.Press("\t"); err != nil {
				return err
			}
		}
		return fmt.Errorf("the tab key does not lead to %q", words)
	}
}
