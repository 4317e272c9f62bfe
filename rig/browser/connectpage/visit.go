package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/auth/authtest"
	"github.com/mcp-notion/mcp-notion/rig/browser"
	"github.com/mcp-notion/mcp-notion/rig/browser/axe"
)

// visit is a person at the page.
type visit struct {
	*world
	*browser.Browser
	rules axe.Axe
}

// step is a part of the visit.
type step struct {
	name string
	do   func() error
}

func (v visit) steps() []step {
	return []step{
		{"the rules find what is wrong", v.control},
		{"sign in", v.signIn},
		{"connect", v.connect},
		{"watch the pages being read", v.watch},
		{"see what is read and what is not", v.coverage},
		{"search", v.search},
		{"with the keyboard alone", v.keyboard},
		{"reconnect after the permission was taken back", v.reconnect},
		{"disconnect, which deletes the index", v.disconnect},
		{"sign out, and another person sees nothing", v.signOut},
		{"without scripts", v.withoutScripts},
	}
}

// all does one thing after the other.
func all(steps ...func() error) error {
	for _, do := range steps {
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}

func (v visit) open(path string) func() error {
	return func() error { return v.Open(v.base + path) }
}
func (v visit) click(words string) func() error  { return func() error { return v.Click(words) } }
func (v visit) see(words ...string) func() error { return func() error { return v.WaitFor(words...) } }

// shoot takes screenshots, and checks the page, light and dark.
func (v visit) shoot(name string) func() error {
	return func() error {
		if err := v.Shoot(name); err != nil {
			return err
		}
		for _, scheme := range []string{"dark", "light"} {
			if err := all(func() error { return v.Scheme(scheme) }, func() error { return v.rules.Check(v.Browser) }); err != nil {
				return fmt.Errorf("%s, %s: %w", name, scheme, err)
			}
		}
		return nil
	}
}

func (v visit) fill(label, text string) func() error {
	return func() error { return v.Fill(label, text) }
}

// control makes sure that the rules can fail.
func (v visit) control() error {
	err := all(func() error {
		return v.Open(`data:text/html,<p style="color:silver">pale</p><input><img src="data:,">`)
	}, func() error { return v.rules.Check(v.Browser) })
	if err == nil {
		return errors.New("a page without language, labels and contrast is found to be good")
	}
	for _, rule := range []string{"html-has-lang", "image-alt", "label", "color-contrast"} {
		if !strings.Contains(err.Error(), rule) {
			return fmt.Errorf("no word of %s in: %w", rule, err)
		}
	}
	return nil
}

func (v visit) signIn() error {
	return all(v.open("/connect"), v.see("Sign in to connect your Notion"), v.shoot("1-sign-in"),
		v.click("Sign in"), v.see("Not connected", "Signed in as "+person), v.shoot("2-not-connected"))
}

func (v visit) connect() error {
	return all(v.click("Connect Notion"), v.see("Connected", "Disconnect"))
}

// watch sees the count grow by itself, without a reload and with the focus
// where it was.
func (v visit) watch() error {
	if err := all(v.see("Reading your pages"), v.shoot("3-reading")); err != nil {
		return err
	}
	if _, err := browser.Eval[bool](v.Browser, `window.mark = 1; document.getElementById("end-my-notion").focus(); true`); err != nil {
		return err
	}
	if err := v.see("can be searched", "Edited last")(); err != nil {
		return err
	}
	kept, err := browser.Eval[bool](v.Browser, `window.mark === 1 && document.activeElement.id === "end-my-notion"`)
	if err != nil {
		return err
	}
	if !kept {
		return errors.New("the page was loaded anew, or the focus is lost")
	}
	said, err := browser.Eval[string](v.Browser, `document.getElementById("said").textContent`)
	if err != nil {
		return err
	}
	if !strings.Contains(said, "pages are read") {
		return fmt.Errorf("it is not read aloud that all is read, but %q", said)
	}
	return v.shoot("4-read")()
}

func (v visit) coverage() error {
	return all(v.click("What is read, what is not, and how to share more"), v.see("Read wholly", "Is a page missing?", "Cannot be read", "Glossary", "Skipped", "ai_block"), v.shoot("5-coverage"))
}

func (v visit) search() error {
	err := all(v.fill("Ask your pages", "How long is parental leave?"), v.click("Search"), v.see("passages", "20 weeks"), v.shoot("6-search"))
	if err != nil {
		return err
	}
	links, err := browser.Eval[[]string](v.Browser, `[...document.querySelectorAll(".passages a")].map(a => a.href)`)
	if err != nil {
		return err
	}
	for _, l := range links {
		if !strings.HasPrefix(l, "https://app.notion.com/p/") || !strings.Contains(l, "#") {
			return fmt.Errorf("a passage leads to %s", l)
		}
	}
	if len(links) == 0 {
		return errors.New("no passage has a link")
	}
	address, err := v.Address()
	if err != nil {
		return err
	}
	if strings.Contains(address, "parental") {
		return errors.New("the question is in the address: " + address)
	}
	return nil
}

// keyboard goes from key to key, sees where it is, and asks by Enter.
func (v visit) keyboard() error {
	if err := v.open("/connect")(); err != nil {
		return err
	}
	var way []string
	for range 20 {
		if err := v.Press("\t"); err != nil {
			return err
		}
		at, err := browser.Eval[[]string](v.Browser, `(e => [e.innerText.trim() || e.id, getComputedStyle(e).outlineStyle])(document.activeElement)`)
		if err != nil {
			return err
		}
		way = append(way, at[0])
		if at[1] == "none" {
			return fmt.Errorf("the focus on %q cannot be seen", at[0])
		}
		if at[0] == "query" {
			break
		}
	}
	if way[0] != "To the content" || way[len(way)-1] != "query" || !slices.Contains(way, "Disconnect") {
		return fmt.Errorf("the way through the page is %q", way)
	}
	return all(v.fill("Ask your pages", "expense limits"), func() error { return v.Press("\r") }, v.see("passages", "Expense approval limits"))
}

func (v visit) reconnect() error {
	v.revoke()
	if err := v.until("Needs to be connected again"); err != nil {
		return err
	}
	left, err := v.indexes()
	if err != nil {
		return err
	}
	if len(left) > 0 {
		return fmt.Errorf("pages of a permission that was taken back are kept: %v", left)
	}
	return all(v.shoot("7-again"), v.click("Reconnect Notion"), v.see("Connected", "can be searched"))
}

// until opens the page until it says something.
func (v visit) until(words string) error {
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(300 * time.Millisecond) {
		if err := v.open("/connect")(); err != nil {
			return err
		}
		text, err := v.Text()
		if err != nil {
			return err
		}
		if strings.Contains(text, words) {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("the page does not come to say %q but %s", words, text)
		}
	}
}

func (v visit) disconnect() error {
	before, err := v.indexes()
	if err != nil {
		return err
	}
	if len(before) == 0 {
		return errors.New("there is no index to delete")
	}
	err = all(v.click("Disconnect"), v.see("Disconnect Notion?", "deleted from this server at once"), v.shoot("8-disconnect"),
		v.click("Keep it"), v.see("can be searched"), v.click("Disconnect"), v.click("Disconnect and delete"),
		v.see("Notion is disconnected.", "Not connected"))
	if err != nil {
		return err
	}
	left, err := v.indexes()
	if err != nil {
		return err
	}
	if len(left) > 0 {
		return fmt.Errorf("left of the index: %v", left)
	}
	return all(v.shoot("9-disconnected"), v.checkAudit)
}

func (v visit) signOut() error {
	if err := all(v.click("Connect Notion"), v.see("can be searched"), v.click("Sign out"), v.see("Sign in to connect your Notion")); err != nil {
		return err
	}
	v.idp.SetUser(authtest.User{ID: other, Organization: organization})
	return all(v.click("Sign in"), v.see("Signed in as "+other, "Not connected"), v.click("Sign out"), v.see("Sign in to connect your Notion"))
}

func (v visit) withoutScripts() error {
	v.idp.SetUser(authtest.User{ID: person, Organization: organization})
	return all(func() error { return v.Scripts(false) }, v.click("Sign in"), v.see("can be searched"),
		v.fill("Ask your pages", "who signs off expenses?"), v.click("Search"), v.see("passages"),
		v.click("Disconnect"), v.click("Disconnect and delete"), v.see("Notion is disconnected."))
}
