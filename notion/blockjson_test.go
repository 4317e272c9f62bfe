package notion

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestBlockFromTheWire(t *testing.T) {
	t.Parallel()
	run := []RichText{{Type: "text", PlainText: "hi", Text: &Text{Content: "hi"}}}
	const rich = `[{"type":"text","text":{"content":"hi","link":null},"plain_text":"hi","href":null}]`
	noon := time.Date(2026, 3, 11, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		wire string
		want Block
	}{
		"all fields": {`{"object":"block","id":"` + hexA + `","parent":{"type":"page_id","page_id":"` + hexB + `"},"created_time":"2026-03-11T12:00:00.000Z","last_edited_time":"2026-03-11T12:00:00.000Z","created_by":{"object":"user","id":"x"},"has_children":true,"in_trash":true,"type":"paragraph","paragraph":{"rich_text":` + rich + `,"icon":null,"color":"default"}}`,
			Block{ID: idA, Parent: Parent{Type: "page_id", PageID: idB}, Type: "paragraph", CreatedTime: noon, LastEditedTime: noon, HasChildren: true, InTrash: true, Content: Content{RichText: run, Color: "default"}}},
		"all null": {`{"id":null,"parent":null,"created_time":null,"last_edited_time":null,"has_children":null,"in_trash":null,"type":"to_do","to_do":{"rich_text":null,"checked":null,"color":null,"children":null,"title":null}}`,
			Block{Type: "to_do"}},
		"null payload":   {`{"type":"divider","divider":null}`, Block{Type: "divider"}},
		"no payload":     {`{"type":"divider"}`, Block{Type: "divider"}},
		"old trash":      {`{"archived":true,"type":"divider","divider":{}}`, Block{Type: "divider", InTrash: true}},
		"child page":     {`{"type":"child_page","child_page":{"title":"T"}}`, Block{Type: "child_page", Content: Content{Title: []RichText{Plain("T")}}}},
		"child database": {`{"type":"child_database","child_database":{"title":""}}`, Block{Type: "child_database", Content: Content{Title: []RichText{Plain("")}}}},
		"meeting notes": {`{"type":"meeting_notes","meeting_notes":{"title":` + rich + `,"status":"notes_ready","children":{"summary_block_id":"` + hexA + `","notes_block_id":null},"calendar_event":{"start_time":"x"}}}`,
			Block{Type: "meeting_notes", Content: Content{Title: run, Status: "notes_ready", Children: &MeetingParts{Summary: idA}}}},
		"transcription": {`{"type":"transcription","transcription":{"title":` + rich + `}}`,
			Block{Type: "meeting_notes", Content: Content{Title: run}}},
		"table row": {`{"type":"table_row","table_row":{"cells":[` + rich + `,[]]}}`,
			Block{Type: "table_row", Content: Content{Cells: [][]RichText{run, {}}}}},
		"synced copy": {`{"type":"synced_block","synced_block":{"synced_from":{"type":"block_id","block_id":"` + hexB + `"}}}`,
			Block{Type: "synced_block", Content: Content{SyncedFrom: &SyncedFrom{BlockID: idB}}}},
		"synced original": {`{"type":"synced_block","synced_block":{"synced_from":null}}`, Block{Type: "synced_block"}},
		"file": {`{"type":"file","file":{"type":"file","name":"a.pdf","caption":` + rich + `,"file":{"url":"https://s3/x","expiry_time":"2026-03-11T12:00:00.000Z"}}}`,
			Block{Type: "file", Content: Content{Name: "a.pdf", Caption: run, File: &FileURL{URL: "https://s3/x", ExpiryTime: &noon}}}},
		"unsupported":  {`{"type":"unsupported","unsupported":{"block_type":"form"}}`, Block{Type: "unsupported", Content: Content{BlockType: "form"}}},
		"unknown type": {`{"type":"hologram","hologram":{"rich_text":` + rich + `,"depth":3}}`, Block{Type: "hologram", Content: Content{RichText: run}}},
		"wrong in payload": {`{"id":"x","has_children":true,"type":"paragraph","paragraph":{"rich_text":"hi"}}`,
			Block{ID: "x", HasChildren: true, Type: "unsupported", Content: Content{BlockType: "paragraph"}}},
		"payload no object": {`{"id":"x","type":"quote","quote":[]}`, Block{ID: "x", Type: "unsupported", Content: Content{BlockType: "quote"}}},
		"wrong in envelope": {`{"id":"x","has_children":"yes","type":"quote","quote":{}}`, Block{ID: "x", Type: "unsupported", Content: Content{BlockType: "quote"}}},
		"wrong type":        {`{"id":"x","type":7}`, Block{ID: "x", Type: "unsupported"}},
		"no type":           {`{"id":"x"}`, Block{ID: "x", Type: "unsupported"}},
		"type of a field":   {`{"id":"x","type":"parent","parent":{}}`, Block{ID: "x", Type: "unsupported", Content: Content{BlockType: "parent"}}},
		"null":              {`null`, Block{Type: "unsupported"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got Block
			if err := json.Unmarshal([]byte(c.wire), &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			data, err := json.Marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			for _, bad := range []string{`"id":""`, "0001-01-01", `"parent":{}`} {
				if strings.Contains(string(data), bad) {
					t.Errorf("%s in %s", bad, data)
				}
			}
			var again Block
			if err := json.Unmarshal(data, &again); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(text(got), text(again)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// text is all that a reader sees of a block.
func text(b Block) []string {
	out := []string{PlainText(b.Content.RichText), PlainText(b.Content.Caption), PlainText(b.Content.Title), b.Content.Expression, b.Content.URL, b.Content.Name}
	for _, cell := range b.Content.Cells {
		out = append(out, PlainText(cell))
	}
	return out
}

func TestOneBadBlockDoesNotHideTheOthers(t *testing.T) {
	t.Parallel()
	one := `{"object":"block","id":"x","type":"paragraph","paragraph":{"rich_text":[{"type":"text","plain_text":"hi"}]}}`
	bad := `{"object":"block","id":"bad","type":"callout","callout":{"rich_text":[],"icon":"star"}}`
	blocks := strings.Repeat(one+",", 57) + bad + strings.Repeat(","+one, 42)
	client := serve(t, answer(200, `{"object":"list","results":[`+blocks+`],"has_more":false,"next_cursor":null}`))
	l, err := client.Children(t.Context(), idA, "")
	if err != nil || len(l.Blocks) != 100 {
		t.Fatalf("got %d blocks, %v", len(l.Blocks), err)
	}
	for i, b := range l.Blocks {
		want := "hi"
		if i == 57 {
			want = ""
			if b.ID != "bad" || b.Type != "unsupported" || b.Content.BlockType != "callout" {
				t.Errorf("the bad block is %+v", b)
			}
		}
		if got := PlainText(b.Content.RichText); got != want {
			t.Errorf("block %d is %q", i, got)
		}
	}
}

func TestNewBlock(t *testing.T) {
	t.Parallel()
	hi := []RichText{{Type: "text", Text: &Text{Content: "hi", Link: &Link{URL: "https://x"}}, PlainText: "hi", Href: "https://x", Annotations: &Annotations{Bold: true, Color: "red"}}}
	const rich = `[{"type":"text","text":{"content":"hi","link":{"url":"https://x"}},"annotations":{"bold":true,"italic":false,"strikethrough":false,"underline":false,"code":false,"color":"red"}}]`
	for _, c := range []struct {
		block NewBlock
		want  string
	}{
		{NewBlock{Type: "paragraph"}, `{"rich_text":[]}`},
		{NewBlock{Type: "paragraph", Content: Content{RichText: hi, Color: "blue"}}, `{"rich_text":` + rich + `,"color":"blue"}`},
		{NewBlock{Type: "heading_2", Content: Content{RichText: hi, IsToggleable: true}, Children: []NewBlock{{Type: "divider"}}}, `{"rich_text":` + rich + `,"is_toggleable":true,"children":[{"object":"block","type":"divider","divider":{}}]}`},
		{NewBlock{Type: "code"}, `{"rich_text":[],"language":"plain text"}`},
		{NewBlock{Type: "code", Content: Content{Language: "go", Caption: hi}}, `{"rich_text":[],"language":"go","caption":` + rich + `}`},
		{NewBlock{Type: "to_do"}, `{"rich_text":[],"checked":false}`},
		{NewBlock{Type: "numbered_list_item", Content: Content{ListStartIndex: 3}}, `{"rich_text":[],"list_start_index":3}`},
		{NewBlock{Type: "callout", Content: Content{Icon: &Icon{Type: "emoji", Emoji: "!"}}}, `{"rich_text":[],"icon":{"type":"emoji","emoji":"!"}}`},
		{NewBlock{Type: "table", Content: Content{TableWidth: 1, HasColumnHeader: true}, Children: []NewBlock{{Type: "table_row", Content: Content{Cells: [][]RichText{nil}}}}},
			`{"table_width":1,"has_column_header":true,"has_row_header":false,"children":[{"object":"block","type":"table_row","table_row":{"cells":[[]]}}]}`},
		{NewBlock{Type: "equation", Content: Content{Expression: "x"}}, `{"expression":"x"}`},
		{NewBlock{Type: "bookmark", Content: Content{URL: "https://x"}}, `{"url":"https://x"}`},
		{NewBlock{Type: "synced_block"}, `{"synced_from":null}`},
		{NewBlock{Type: "synced_block", Content: Content{SyncedFrom: &SyncedFrom{BlockID: idA}}}, `{"synced_from":{"type":"block_id","block_id":"` + string(idA) + `"}}`},
		{NewBlock{Type: "link_to_page", Content: Content{PageID: idA}}, `{"type":"page_id","page_id":"` + string(idA) + `"}`},
		{NewBlock{Type: "link_to_page", Content: Content{DatabaseID: idA}}, `{"type":"database_id","database_id":"` + string(idA) + `"}`},
		{NewBlock{Type: "image", Content: Content{External: &FileURL{URL: "https://x"}}}, `{"type":"external","external":{"url":"https://x"}}`},
	} {
		got, err := json.Marshal(c.block)
		if err != nil {
			t.Fatal(err)
		}
		want := `{"object":"block","type":"` + c.block.Type + `","` + c.block.Type + `":` + c.want + `}`
		if diff := diffJSON(want, string(got)); diff != "" {
			t.Errorf("%s: %s", c.block.Type, diff)
		}
	}
}

func TestRequestRuns(t *testing.T) {
	t.Parallel()
	user := User{Object: "user", ID: idA, Name: "Ada", Person: &Person{Email: "ada@example.com"}}
	for _, c := range []struct {
		run  RichText
		want string
	}{
		{RichText{PlainText: "x"}, `{"type":"text","text":{"content":"x"}}`},
		{RichText{Type: "equation", Equation: &Equation{Expression: "e"}, PlainText: "e"}, `{"type":"equation","equation":{"expression":"e"}}`},
		{RichText{Type: "mention", Mention: &Mention{Type: "user", User: &user}, PlainText: "@Ada"}, `{"type":"mention","mention":{"type":"user","user":{"id":"` + string(idA) + `"}}}`},
		{RichText{Type: "mention", Mention: &Mention{Type: "page", Page: &Object{Object: "page", ID: idA}}}, `{"type":"mention","mention":{"type":"page","page":{"id":"` + string(idA) + `"}}}`},
		{RichText{Type: "mention", Mention: &Mention{Type: "database", Database: &Object{ID: idA}}}, `{"type":"mention","mention":{"type":"database","database":{"id":"` + string(idA) + `"}}}`},
		{RichText{Type: "mention", Mention: &Mention{Type: "date", Date: &Date{Start: "2026-03-11"}}}, `{"type":"mention","mention":{"type":"date","date":{"start":"2026-03-11"}}}`},
		{RichText{Type: "mention", Mention: &Mention{Type: "link_preview", LinkPreview: &Link{URL: "https://x"}}, PlainText: "x", Href: "https://x"}, `{"type":"text","text":{"content":"x","link":{"url":"https://x"}}}`},
	} {
		got, err := json.Marshal(requestRun(c.run))
		if err != nil {
			t.Fatal(err)
		}
		if diff := diffJSON(c.want, string(got)); diff != "" {
			t.Error(diff)
		}
	}
}

func FuzzBlockJSON(f *testing.F) {
	for _, s := range []string{
		`{"id":"` + hexA + `","type":"paragraph","paragraph":{"rich_text":[{"type":"text","plain_text":"hi"}]}}`,
		`{"type":"child_page","child_page":{"title":"T"}}`,
		`{"type":"meeting_notes","meeting_notes":{"title":[{"plain_text":"T"}],"children":{"summary_block_id":"x"}}}`,
		`{"type":"table_row","table_row":{"cells":[[{"plain_text":"a"}],[]]}}`,
		`{"type":"file","file":{"name":"n","file":{"url":"u","expiry_time":"2026-03-11T12:00:00Z"}}}`,
		`{"type":"transcription","archived":true,"transcription":null,"parent":{"type":"workspace","workspace":true}}`,
		`{"type":"type","created_time":7}`, `{"type":"Type"}`, `null`, `[]`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var b Block
		if err := json.Unmarshal(data, &b); err != nil {
			return
		}
		wire, err := json.Marshal(b)
		if err != nil {
			t.Fatalf("%+v cannot be written: %v", b, err)
		}
		var again Block
		if err := json.Unmarshal(wire, &again); err != nil {
			t.Fatalf("%s cannot be read: %v", wire, err)
		}
		if diff := cmp.Diff(text(b), text(again)); diff != "" {
			t.Errorf("text changed: %s", diff)
		}
		if b.ID != again.ID || b.Type != again.Type || b.HasChildren != again.HasChildren || b.InTrash != again.InTrash {
			t.Errorf("%+v became %+v", b, again)
		}
	})
}
