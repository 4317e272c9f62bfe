package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/rig/browser"
	"github.com/mcp-notion/mcp-notion/rig/browser/axe"
	"github.com/mcp-notion/mcp-notion/rig/chatapp/stage"
	"github.com/mcp-notion/mcp-notion/tokens/workos/fake"
)

// A visit is one person with a browser.
type visit struct {
	*browser.Browser
	stage *stage.Stage
	user  string
	name  string
	rules axe.Axe
	asked int // how many questions the app is to have asked
}

// What is asked, and words of the page that answers, which is shared with Ada
// alone.
const (
	question = "How many days of paid leave do I get?"
	invite   = "Connect Notion, and your pages appear here."
	again    = "Choose Reauthorize in the menu"
	waits    = "Your question is asked as soon as that is done."
)

// play goes through all that the person does, step by step.
func (v *visit) play() error {
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"sign in", v.signIn},
		{"ask too early", v.early},
		{"connect", v.connect},
		{"be answered then", v.answered},
		{"read on", v.readOn},
		{"see the pages", v.seePages},
		{"ask", v.ask},
		{"be spared an invented answer", v.spared},
		{"authorize again", v.reauthorize},
		{"disconnect", v.disconnect},
		{"sign out", v.signOut},
		{"look at the complaints", v.complain},
		{"look at the requests", v.requests},
	} {
		begin := time.Now()
		if err := step.do(); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		fmt.Printf("ok  %s: %s (%.1f s)\n", v.name, step.name, time.Since(begin).Seconds())
	}
	return nil
}

// all does one thing after the other until one fails.
func all(steps ...func() error) error {
	for _, do := range steps {
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}

func (v *visit) wait(words ...string) func() error {
	return func() error { return v.WaitFor(words...) }
}

func (v *visit) click(words string) func() error {
	return func() error { return v.Click(words) }
}

func (v *visit) shot(name string) func() error {
	return func() error { return v.Shoot("chatapp-" + v.name + "-" + name) }
}

// checked is shot for what is the app's own: it must be accessible too.
func (v *visit) checked(name string) func() error {
	return func() error { return all(v.shot(name), func() error { return v.rules.Check(v.Browser) }) }
}

func (v *visit) signIn() error {
	title := strings.ToUpper(v.name[:1]) + v.name[1:]
	return all(
		func() error { return v.Open(v.stage.URL) },
		v.wait("Acme Chat", "Sign in"), v.checked("1-welcome"),
		v.click("Sign in"), v.wait("ada@example.com", "bob@example.com"), v.shot("2-signin"),
		v.click(title+" "+v.name+"@example.com"),
		v.wait(v.name+"@example.com", "Not connected", invite), v.checked("3-not-connected"),
	)
}

// question asks something.
func (v *visit) question(words string) error {
	v.asked++
	return all(func() error { return v.Fill("Question", words) }, v.click("Ask"))
}

// early asks before Notion is connected. The app asks once more by itself.
func (v *visit) early() error {
	v.asked++
	return all(func() error { return v.question(question) }, v.wait(waits), v.checked("4-too-early"))
}

func (v *visit) connect() error {
	return all(
		func() error { return v.consent("Connect", "Connect") },
		v.wait("Recently edited", "pages that you shared are read"), v.checked("6-connected"),
		func() error { return v.kept(1) },
	)
}

// consent presses two buttons of the widget, the second of which opens a window,
// and allows access there. Once in many times the window of a headless Chromium
// stays at its first page; then people reload and try again.
func (v *visit) consent(first, second string) error {
	p, err := v.opened(first, second)
	if err != nil {
		fmt.Printf("    %s: once more, since the window did not come: %.200s\n", v.name, err)
		if p, err = v.opened(first, second); err != nil {
			return err
		}
	}
	defer p.Close()
	window := &visit{Browser: p.Browser, stage: v.stage, user: v.user, name: v.name}
	return all(window.shot("5-consent"), func() error { return p.Click("Allow access") }, p.WaitClosed)
}

// opened returns the window in which access is asked for. Without one, the page
// is as it was.
func (v *visit) opened(first, second string) (*browser.Window, error) {
	if err := all(v.click(first), v.shot("4-"+strings.ToLower(second))); err != nil {
		return nil, err
	}
	p, err := v.Popup(v.click(second))
	if err != nil {
		return nil, err
	}
	if err := p.WaitFor("Connect Notion", v.name+"@example.com"); err != nil {
		p.Close()
		return nil, errors.Join(err, v.Reload())
	}
	return p, nil
}

// seePages compares the list with the dates that the server knows.
func (v *visit) seePages() error {
	type page struct {
		Title, Place string
	}
	edited := func(p page) string { return p.Place[strings.LastIndex(p.Place, " ")+1:] }
	pages, err := browser.Eval[[]page](v.Browser, `fetch("/api/pages").then(r => r.json()).then(a => a.pages)`)
	if err != nil {
		return err
	}
	text, err := v.Text()
	if err != nil {
		return err
	}
	if len(pages) < 5 || !slices.IsSortedFunc(pages, func(a, b page) int { return strings.Compare(edited(b), edited(a)) }) {
		return fmt.Errorf("the pages are %v, want five at least, the last edited first", pages)
	}
	for _, p := range pages {
		at := strings.Index(text, p.Title)
		if at < 0 {
			return fmt.Errorf("the page does not show %q in its place", p.Title)
		}
		text = text[at:]
	}
	return nil
}

func (v *visit) ask() error {
	return all(func() error { return v.question(question) }, v.answered)
}

// answered gets cited passages, and none from a page that is not shared with
// whoever asks.
func (v *visit) answered() error {
	shared := v.user == stage.Ada
	words := "These passages may not answer the question."
	if shared {
		words = "Time off" // the title of the page
	}
	if err := all(v.wait("The page says:", words), v.checked("7-answer")); err != nil {
		return err
	}
	links, err := browser.Eval[[]string](v.Browser, `[...document.querySelectorAll("main a")].map(a => a.href)`)
	if err != nil {
		return err
	}
	for _, l := range links {
		if !strings.HasPrefix(l, "https://app.notion.com/p/") || !strings.Contains(l, "#") {
			return fmt.Errorf("a passage leads to %s, want a block in Notion", l)
		}
	}
	text, err := v.Text()
	if err != nil {
		return err
	}
	if len(links) == 0 || !shared && strings.Contains(text, "Annual leave") {
		return fmt.Errorf("%d links, and the page says %s", len(links), text)
	}
	return nil
}

// spared sees the passages, and not what the model made up.
func (v *visit) spared() error {
	if err := all(
		func() error { return v.question(question + " " + invented) },
		v.wait("so it is not shown"), v.checked("7-invented"),
	); err != nil {
		return err
	}
	text, err := v.Text()
	if err == nil && strings.Contains(text, "pony") {
		err = errors.New("an answer is shown whose quotes are invented")
	}
	return err
}

func (v *visit) reauthorize() error {
	v.stage.WorkOS.SetState(v.user, stage.Organization, fake.NeedsReauthorization)
	return all(
		v.refused, v.Reload, v.wait("Requires reauthorization", again), v.early, v.checked("8-revoked"),
		func() error { return v.consent("Pipe actions", "Reauthorize") },
		v.wait("pages that you shared are read"),
		v.answered,
	)
}

// refused waits until mcp-notion has heard of it, which is when it looks for
// changes next.
func (v *visit) refused() error {
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(time.Second) {
		status, err := browser.Eval[int](v.Browser, `fetch("/api/pages").then(r => r.status)`)
		if err != nil || status == http.StatusConflict {
			return err
		}
	}
	return errors.New("pages are still shown, long after the connection ended")
}

func (v *visit) disconnect() error {
	return all(
		v.click("Disconnect"), v.wait("Are you sure"), v.shot("9-disconnect"),
		v.click("Disconnect"), v.wait("Not connected", invite), v.checked("10-disconnected"),
		func() error { return v.kept(0) }, v.empty,
	)
}

// kept makes sure that so many indexes are on the disk: after disconnecting,
// none.
func (v *visit) kept(want int) error {
	files, err := os.ReadDir(v.stage.Data)
	if err != nil {
		return err
	}
	indexes := slices.DeleteFunc(files, func(f os.DirEntry) bool { return !f.IsDir() || len(f.Name()) != 32 })
	if len(indexes) != want {
		return fmt.Errorf("%d indexes are kept, want %d", len(indexes), want)
	}
	return nil
}

// empty makes sure that nothing of Notion is left on the screen.
func (v *visit) empty() error {
	links, err := browser.Eval[[]string](v.Browser, `[...document.querySelectorAll("a")].map(a => a.href)`)
	if err == nil && len(links) > 0 {
		err = fmt.Errorf("links are left: %v", links)
	}
	return err
}

func (v *visit) signOut() error { return all(v.click("Sign out"), v.wait("Sign in")) }

// expected are complaints about answers that are as they should be: that nobody
// is signed in, and that Notion is not connected.
var expected = regexp.MustCompile(`401 \(Unauthorized\)|409 \(Conflict\)`)

func (v *visit) complain() error {
	if c := slices.DeleteFunc(v.Complaints(), expected.MatchString); len(c) > 0 {
		return fmt.Errorf("the browser complains:\n%s", strings.Join(c, "\n"))
	}
	return nil
}

// requests looks at all that the browser has asked for: nothing of the app or of
// WorkOS that is elsewhere, and no question twice.
func (v *visit) requests() error {
	asked := 0
	for _, r := range v.Requests() {
		switch {
		case r == v.stage.URL+"/api/ask":
			asked++
		case !slices.ContainsFunc([]string{v.stage.URL + "/", v.stage.WorkOSURL + "/", "data:"}, func(own string) bool { return strings.HasPrefix(r, own) }):
			return fmt.Errorf("the browser asks for %s, which is not on this machine", r)
		}
	}
	if asked != v.asked {
		return fmt.Errorf("the app asked %d questions, want %d", asked, v.asked)
	}
	return nil
}
