package tools

import (
	"regexp"
	"testing"

	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/notion/property"
)

// deals is a table with a column of each type that can be written and that an
// export can hold, related to another one.
func deals() map[string]string {
	return map[string]string{
		"Accounts.csv": "Name,Country\n\"Acme, Inc.\",France\nGlobex,Spain\nInitech,Italy\n",
		"Deals.csv": "Name,Notes,Amount,Won,Signed,Site,Contact,Phone,Stage,Status,Tags,Owner,Account\n" +
			"First,A long note,1200,Yes,2026-01-31,https://example.com,ann@example.com,+49 30 1234567,Open,In progress,\"Red, Blue\",Ada Lovelace,Globex\n" +
			"Second,Another long note,5.5,No,2026-02-01,https://example.org,bo@example.com,+49 30 7654321,Lost,Done,Red,Bo Diddley,Initech\n" +
			"Third,\"And one more, quite long\",7,No,2026-03-01,https://example.net,cy@example.com,+49 30 1111111,Open,Done,Blue,Ada Lovelace,Globex\n" +
			"Fourth,The last of the notes,8,No,2026-03-02,https://example.net,cy@example.com,+49 30 1111111,Lost,Done,Blue,Ada Lovelace,Globex\n",
	}
}

var pageLink = regexp.MustCompile(`https://[^ ,)]+`)

// What people write becomes what the API takes, is stored, reads as text, and
// that text becomes the same again, for all types that can be written.
func TestValuesRoundTrip(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deals(), nil).sync()
	table, err := w.owner.DataSource(t.Context(), w.page("Deals").ID)
	if err != nil {
		t.Fatal(err)
	}
	types := map[string]string{
		"Name": "title", "Notes": "rich_text", "Amount": "number", "Won": "checkbox", "Signed": "date", "Site": "url", "Contact": "email",
		"Phone": "phone_number", "Stage": "select", "Status": "status", "Tags": "multi_select", "Owner": "people", "Account": "relation",
	}
	for name, typ := range types {
		if got := table.Properties[name].Type; got != typ {
			t.Fatalf("%s is a %s, not a %s", name, got, typ)
		}
	}
	for title, values := range map[string]map[string]any{
		"All in words": {
			"notes": "Said *so* on the phone", "amount": "$1,250.50", "won": "yes", "signed": "2026-07-01", "site": "https://example.com/a?b=c",
			"contact": "kim@example.com", "phone": "+49 (30) 99", "stage": "lost", "status": "in progress", "tags": "red, blue", "owner": "ada lovelace", "account": "globex",
		},
		"As programs write": {
			"Notes": 42, "Amount": -3.25, "Won": false, "Signed": map[string]any{"start": "2026-07-01", "end": "2026-07-15"}, "Tags": []any{"Blue"},
			"Owner": []any{"Bo Diddley", "Ada Lovelace"}, "Account": []any{w.page("Initech").URL, "Globex"},
		},
		"A moment and a name with a comma": {"Signed": "2026-07-01T09:30:00+02:00", "Account": "Acme, Inc."},
		"Nothing else":                     {"Notes": "", "Amount": nil, "Tags": []any{}},
	} {
		out := got[CreateOut](t, w.call(CreatePage, map[string]any{"parent": "Deals", "title": title, "properties": values}))
		row, err := w.owner.Page(t.Context(), notion.ID(out.PageID))
		if err != nil {
			t.Fatal(err)
		}
		texts := map[string]any{}
		for name, typ := range types {
			if typ == "relation" { // the text counts them and names their links
				var links []any
				for _, l := range pageLink.FindAllString(string(passage.PropertyText(row.Properties[name], w.index.Title)), -1) {
					links = append(links, l)
				}
				texts[name] = links
			} else if text := passage.PropertyText(row.Properties[name], w.index.Title); text != "" {
				texts[name] = text.Plain()
			}
		}
		t.Logf("%s: %v", title, texts)
		again, err := property.Encode(table.Properties, texts, property.Config{Now: w.now(), Find: w.databases(w.owner).Lookup(t.Context())})
		if err != nil {
			t.Errorf("%s: %v", title, err)
			continue
		}
		if same, err := property.Equal(table.Properties, row, again); err != nil || !same {
			t.Errorf("%s: the texts %v mean something else, %v", title, texts, err)
		}
		for name := range values { // nothing was dropped on the way
			s, err := property.Find(table.Properties, name)
			if err != nil {
				t.Fatal(err)
			}
			if empty := values[name] == nil || values[name] == "" || s.Type == "multi_select" && title == "Nothing else"; empty == (texts[s.Name] != nil) {
				t.Errorf("%s: %s = %v reads %q", title, name, values[name], texts[s.Name])
			}
		}
	}
}
