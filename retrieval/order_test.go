package retrieval_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/retrieval"
)

// pagesFound asks a workspace of some files a question, on 29 November 2026, and
// gives the paths of the pages in the order in which they are found.
func pagesFound(t *testing.T, files map[string]string, question string) ([]string, *retrieval.Result) {
	t.Helper()
	w := newWorld(t, mapFS(files), emulator.Config{}, retrieval.Config{Now: func() time.Time { return time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC) }})
	if _, err := w.syncer.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	res := w.ask(retrieval.Query{Text: question})
	var all []string
	for _, f := range res.Found {
		path := strings.Join(append(slices.Clone(f.Citation.Path[:len(f.Citation.Path)-len(f.Headings)]), f.Citation.Title), "/")
		if !slices.Contains(all, path) {
			all = append(all, path)
		}
	}
	return all, res
}

// mapFS is a workspace of some files.
func mapFS(files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text), ModTime: time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC)}
	}
	return fsys
}

// What is no longer in force comes after what is, unless that is asked for.
func TestCurrentBeforeRetired(t *testing.T) {
	t.Parallel()
	const once, now = "Anglers pay a fee of nine crowns for a permit to fish in the mill pond.", "Anglers pay twelve crowns for a permit; the mill pond opens in May."
	const question, backward = "What fee do anglers pay for a permit to fish in the mill pond?", "What fee did anglers previously pay for a permit to fish in the mill pond?"
	for _, c := range []struct{ was, is string }{
		{"Archive/Permits.md", "Angling/Permits.md"}, {"Angling/Permits (superseded).md", "Angling/Permits.md"}, {"Angling/DEPRECATED - Permits.md", "Angling/Permits.md"},
		{"Old permits.md", "Permits.md"}, {"Veraltet/Permits.md", "Permits.md"}, {"旧/Permits.md", "Permits.md"},
		{"Angling/Permits 2024.md", "Angling/Permits 2026.md"}, {"Permits v2.md", "Permits v3.md"}, {"Rules/2023/Permits.md", "Rules/2025/Permits.md"},
	} {
		files := map[string]string{c.was: once, c.is: now}
		was, is := strings.TrimSuffix(c.was, ".md"), strings.TrimSuffix(c.is, ".md")
		if all, _ := pagesFound(t, files, question); slices.Index(all, is) != 0 || !slices.Contains(all, was) {
			t.Errorf("%s: found %q", c.was, all)
		}
		if all, _ := pagesFound(t, files, backward); slices.Index(all, was) != 0 {
			t.Errorf("%s, asked for what was: found %q", c.was, all)
		}
	}
	table := map[string]string{"Permits.csv": "Name,Status,About\nPond permit,Deprecated,\"" + once + "\"\nPond permit,Valid,\"" + now + "\"\n"}
	if all, res := pagesFound(t, table, question); len(all) == 0 || !strings.Contains(string(res.Found[0].Text), "twelve") {
		t.Errorf("by a property: found %q", all)
	}
}

// What is dated in the time that is asked for comes first, in whatever form the
// date stands.
func TestTimeThatIsAskedFor(t *testing.T) {
	t.Parallel()
	files := map[string]string{"Log.csv": "Name,When,About\nKiln firing seven,2025-06-11,The kiln cracked a tile.\n", "Kiln diary.md": "# Kiln diary\n\n## 2025-09-02\n\nThe kiln cracked two tiles again.\n\n## 2026-02-20\n\nThe kiln cracked three tiles again.\n"}
	for y := 2022; y <= 2026; y++ {
		for m := 1; m <= 12; m++ {
			files[fmt.Sprintf("Firings/%d-%02d-1%d.md", y, m, m%10)] = "The kiln cracked a tile, and the tile was glued by the potters."
		}
	}
	for question, want := range map[string]string{
		"Which tile cracked in the kiln on 14 April 2023?": "Firings/2023-04-14", "Welche tile cracked in the kiln im August 2024": "Firings/2024-08-18",
		"tile cracked in the kiln in March": "Firings/2026-03-13", "tile cracked in the kiln last month": "Firings/2026-10-10", "kiln cracked tile 2025-06-11": "Log/Kiln firing seven",
	} {
		all, _ := pagesFound(t, files, question)
		all = slices.DeleteFunc(all, func(path string) bool {
			return strings.HasPrefix(want, "Firings/") && !strings.HasPrefix(path, "Firings/")
		})
		if len(all) == 0 || all[0] != want {
			t.Errorf("%q: found %q, want %s", question, all, want)
		}
	}
	_, res := pagesFound(t, files, "tile cracked in the kiln last month")
	if diff := cmp.Diff([]string{`"last month" is taken as 2026-10-01 to 2026-10-31: what is dated so comes first.`}, res.Notes); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Of pages of one name, that goes first whose place the question names.
func TestPlaceThatIsNamed(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for i, place := range []string{"Bakery", "Sawmill", "Tannery"} {
		files[place+"/Opening hours.md"] = "We open at seven. We open on Sundays too." + strings.Repeat(" We open, hours vary.", i)
	}
	for place := range files {
		place = strings.TrimSuffix(place, "/Opening hours.md")
		all, _ := pagesFound(t, files, "When does the "+strings.ToLower(place)+" open? Opening hours")
		all = slices.DeleteFunc(all, func(path string) bool { return !strings.Contains(path, "/") })
		if len(all) == 0 || all[0] != place+"/Opening hours" {
			t.Errorf("%s: found %q", place, all)
		}
	}
}

// The last of a series is that of the newest date, where it is asked for.
func TestNewestOfSeries(t *testing.T) {
	t.Parallel()
	files := map[string]string{"Choir/Rehearsal 2026-03-02.md": "The altos sang flat, the altos sang late.", "Choir/Rehearsal 2026-05-04.md": "Only the altos sang.", "Choir/Rehearsal 2025-12-01.md": "The altos sang flat, and the altos sang the rehearsal."}
	if all, _ := pagesFound(t, files, "What did the altos do at the latest rehearsal?"); len(all) < 3 || all[0] != "Choir/Rehearsal 2026-05-04" {
		t.Errorf("found %q", all)
	}
}

// A mark is no verdict: what alone answers is found, wherever it lies, and a
// page about drafts is no draft.
func TestRetiredAlone(t *testing.T) {
	t.Parallel()
	files := map[string]string{"Archive/Lighthouse.md": "The lamp of the lighthouse burns colza oil.", "Harbour/Boats.md": "A lamp hangs in each boat.", "Draft horses.md": "Draft horses pull the lamp cart.", "Horses.md": "Riding."}
	if all, _ := pagesFound(t, files, "What oil does the lamp of the lighthouse burn?"); len(all) == 0 || all[0] != "Archive/Lighthouse" {
		t.Errorf("found %q", all)
	}
	if all, _ := pagesFound(t, files, "Which horses pull the lamp cart?"); len(all) == 0 || all[0] != "Draft horses" {
		t.Errorf("found %q", all)
	}
}

// Of pages that say the same, one is shown and the others are named.
func TestTwinsAreNamed(t *testing.T) {
	t.Parallel()
	const text = "The bell of the ferry is rung twice before it leaves the landing stage."
	all, res := pagesFound(t, map[string]string{"North/Ferry bell.md": text, "South/Ferry bell.md": text}, "When is the bell of the ferry rung?")
	for _, c := range res.More {
		all = append(all, strings.Join(append(slices.Clone(c.Path), c.Title), "/"))
	}
	if !slices.Contains(all, "North/Ferry bell") || !slices.Contains(all, "South/Ferry bell") {
		t.Errorf("found and named %q", all)
	}
}

// Whatever was found and is not shown is named: of a page that is shown the
// heading, of others the page and the heading, and of many how many more.
func TestWhatDoesNotFitIsNamed(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for i := range 12 {
		var text strings.Builder
		for j := range 2 + i%2*3 {
			fmt.Fprintf(&text, "## Part %d\n\nThe ferry of landing stage %d rings its bell %d times, %s.\n\n", j, i, j, strings.Repeat(fmt.Sprintf("then waits for %d boats ", i), 25))
		}
		files[fmt.Sprintf("Stage %d.md", i)] = text.String()
	}
	w := newWorld(t, mapFS(files), emulator.Config{}, retrieval.Config{})
	if _, err := w.syncer.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, limit := range []int{1, 8, 40} {
		res := w.ask(retrieval.Query{Text: "How often does the ferry ring its bell?", Limit: limit, Budget: 700})
		pages, unseen, passages := map[string]bool{}, 0, 0
		for _, f := range res.Found {
			pages[f.Citation.Title] = true
			passages++
		}
		for _, m := range res.More {
			if m.Shown != pages[m.Title] || len(m.Headings) == 0 || slices.Contains(m.Headings, "") {
				t.Errorf("limit %d: %q is named so: %+v", limit, m.Title, m)
			}
			passages += len(m.Headings)
			if !m.Shown {
				pages[m.Title], unseen = true, unseen+1
			}
		}
		if unseen > retrieval.MaxMore || res.Others > 0 && unseen < retrieval.MaxMore || len(pages)+res.Others > len(files) {
			t.Errorf("limit %d: %d pages named, %d more", limit, unseen, res.Others)
		}
		if limit == 8 && passages != limit || limit == 40 && len(pages)+res.Others != len(files) {
			t.Errorf("limit %d: %d passages of %d pages are shown or named, %d pages more", limit, passages, len(pages), res.Others)
		}
	}
}
