package tools

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

// Whatever form the characters of a page and of a question have, they meet: in
// search, in a page, in titles, columns, options and quotations. What is shown
// is what was written.
func TestAnyFormOfCharacters(t *testing.T) {
	t.Parallel()
	parts := norm.NFD.String
	w := newWorld(t, map[string]string{
		"Travel.md":  "# Travel\n\n" + parts("출장 규정은 다음과 같습니다.") + "\n",
		"Kitchen.md": "# Kitchen\n\n" + parts("Йогурт хранится в холодильнике.") + "\n",
		"Guide.md":   "# Guide\n\nｻｰﾊﾞｰの再起動の手順です。\n",
		"Air.md":     "# Air\n\nThe CO₂ limit of the oﬃce is ８００ ppm per m².\n",
		"경비.md":      "# " + parts("경비 처리 지침") + "\n\nx\n",
		"Log.csv":    "Name," + parts("Größe") + "\n" + parts("йод") + "," + parts("groß und schön") + "\nother,klein\n",
	}, nil).sync()
	for question, want := range map[string]string{
		"출장 규정": "Travel", "йогурт": "Kitchen", "サーバー 再起動": "Guide", "CO2 limit": "Air", "office 800 m2": "Air", "경비 처리 지침": parts("경비 처리 지침"),
	} {
		out := got[SearchOut](t, w.call(SearchNotion, map[string]any{"query": question}))
		if len(out.Passages) == 0 || norm.NFC.String(string(out.Passages[0].Title)) != norm.NFC.String(want) {
			t.Errorf("%s: %+v", question, out.Passages)
		}
	}
	for page, find := range map[string]string{"Travel": "출장", "Kitchen": "холодильнике", "Guide": "サーバー", "Air": "co2"} {
		if a := w.call(ReadPage, map[string]any{"page": page, "find": find}); strings.Contains(a.Text, "Nothing on this page") {
			t.Errorf("%s: %s", find, a.Text)
		}
	}
	for page, words := range map[string]string{"Travel": "출장 규정은 다음과", "Guide": "サーバーの再起動", "Air": "CO2 limit of the office is 800 ppm per m2"} {
		out := got[CheckOut](t, w.call(CheckCitations, map[string]any{"citations": []map[string]any{{"url": w.page(page).URL, "quote": words}}}))
		if out.Proven != 1 {
			t.Errorf("%s: %+v", words, out.Citations)
		}
	}
	for _, name := range []string{"경비 처리 지침", parts("경비 처리 지침")} {
		if a := w.call(ReadPage, map[string]any{"page": name}); a.IsError || !strings.Contains(a.Text, "x") {
			t.Errorf("%s: %s", name, a.Text)
		}
	}
	for _, column := range []string{"größe", parts("größe")} {
		a := w.call(QueryDatabase, map[string]any{"database": "Log", "columns": []string{column}})
		if a.IsError || !strings.Contains(norm.NFC.String(a.Text), "groß und schön") {
			t.Errorf("%s", a.Text)
		}
	}
}
