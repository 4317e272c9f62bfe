package notion

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// children answers with one block per page of results, and the cursors given.
func children(next map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		cursor := r.URL.Query().Get("start_cursor")
		fmt.Fprintf(w, `{"object":"list","results":[{"object":"block","id":"after-%s","type":"divider","divider":{}}],"has_more":%v,"next_cursor":%q}`,
			cursor, next[cursor] != "", next[cursor])
	}
}

func TestAllChildren(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		next     map[string]string
		want     []ID
		err      error
		requests int64
	}{
		"one page":       {nil, []ID{"after-"}, nil, 1},
		"three pages":    {map[string]string{"": "a", "a": "b"}, []ID{"after-", "after-a", "after-b"}, nil, 3},
		"same cursor":    {map[string]string{"": "a", "a": "a"}, []ID{"after-"}, ErrMalformed, 2},
		"cursors circle": {map[string]string{"": "a", "a": "b", "b": "a"}, []ID{"after-", "after-a", "after-b"}, ErrMalformed, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := serve(t, children(c.next))
			var got []ID
			var last error
			for b, err := range client.AllChildren(t.Context(), idA) {
				if last = err; err == nil {
					got = append(got, b.ID)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if !errors.Is(last, c.err) {
				t.Errorf("ended with %v, want %v", last, c.err)
			}
			if n := client.Requests(); n != c.requests {
				t.Errorf("sent %d requests, want %d", n, c.requests)
			}
		})
	}
}

func TestAllChildrenStopsWhenAsked(t *testing.T) {
	t.Parallel()
	client := serve(t, children(map[string]string{"": "a", "a": "b"}))
	for range client.AllChildren(t.Context(), idA) {
		break
	}
	if n := client.Requests(); n != 1 {
		t.Errorf("sent %d requests", n)
	}
}

func TestListsThatWouldLoseOrLoop(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"more without cursor": `{"object":"list","results":[],"has_more":true,"next_cursor":null}`,
		"cursor again":        `{"object":"list","results":[],"has_more":true,"next_cursor":"used"}`,
		"not a list":          onePage,
		"results no array":    `{"object":"list","results":{}}`,
		"an item no object":   `{"object":"list","results":[7]}`,
	} {
		client := serve(t, answer(200, body))
		ctx := t.Context()
		_, blocks := client.Children(ctx, idA, "used")
		_, comments := client.Comments(ctx, idA, "used")
		_, found := client.Search(ctx, SearchRequest{Cursor: "used"})
		_, rows := client.QueryDataSource(ctx, idA, QueryRequest{Cursor: "used"})
		for call, err := range map[string]error{"blocks": blocks, "comments": comments, "search": found, "rows": rows} {
			if !isKind(err, ErrMalformed) {
				t.Errorf("%s, %s: got %v", name, call, err)
			}
		}
	}
}

const twoKinds = `{"object":"list","results":[
	{"object":"page","id":"p1","url":"https://app.notion.com/p/p1","public_url":null,"archived":true,"last_edited_time":"2026-03-11T12:00:00.000Z","parent":{"type":"data_source_id","data_source_id":"d","database_id":"b"},
	 "properties":{"Name":{"id":"title","type":"title","title":[{"type":"text","plain_text":"One"}]},"Bad":{"id":"b","type":"number","number":"seven"},"None":{"id":"n","type":"select","select":null}}},
	{"object":"data_source","id":"d1","title":[{"type":"text","plain_text":"Rows"}],"properties":{"Name":{"id":"title","type":"title","title":{}}}},
	{"object":"hologram","id":"h1"},
	{"object":"page","id":"p2"}],
	"has_more":false,"next_cursor":"left over","request_status":{"type":"incomplete","incomplete_reason":"query_result_limit_reached"}}`

func TestSearchResult(t *testing.T) {
	t.Parallel()
	client := serve(t, answer(200, twoKinds))
	res, err := client.Search(t.Context(), SearchRequest{})
	if err != nil {
		t.Fatal(err)
	}
	wantOrder := []Object{{"page", "p1"}, {"data_source", "d1"}, {"hologram", "h1"}, {"page", "p2"}}
	if diff := cmp.Diff(wantOrder, res.Order); diff != "" {
		t.Error(diff)
	}
	if len(res.Pages) != 2 || len(res.DataSources) != 1 || PlainText(res.DataSources[0].Title) != "Rows" {
		t.Fatalf("got %+v", res)
	}
	p := res.Pages[0]
	if p.Title() != "One" || !p.InTrash || p.Parent.ID() != "d" || p.LastEditedTime.IsZero() {
		t.Errorf("the page is %+v", p)
	}
	if diff := cmp.Diff(Property{ID: "b", Type: "unsupported", Unread: true}, p.Properties["Bad"]); diff != "" {
		t.Error(diff)
	}
	if res.HasMore || res.NextCursor != "" || res.Incomplete != "query_result_limit_reached" {
		t.Errorf("ends with %v, %q, %q", res.HasMore, res.NextCursor, res.Incomplete)
	}
	rows, err := client.QueryDataSource(t.Context(), idA, QueryRequest{})
	if err != nil || len(rows.Pages) != 2 || len(rows.DataSources) != 1 || rows.Incomplete == "" {
		t.Errorf("as rows: %+v, %v", rows, err)
	}
}

func TestAllSearchAndAllRows(t *testing.T) {
	t.Parallel()
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Cursor string `json:"start_cursor"`
		}
		data, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(data, &body); err != nil {
			t.Error(err)
		}
		fmt.Fprintf(w, `{"object":"list","results":[{"object":"page","id":"p%s"}],"has_more":%v,"next_cursor":"2"}`, body.Cursor, body.Cursor == "")
	})
	var got []ID
	for res, err := range client.AllSearch(t.Context(), SearchRequest{}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, res.Pages[0].ID)
	}
	for res, err := range client.AllRows(t.Context(), idA, QueryRequest{}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, res.Pages[0].ID)
	}
	if want := "p,p2,p,p2"; want != fmt.Sprintf("%s,%s,%s,%s", got[0], got[1], got[2], got[3]) {
		t.Errorf("got %v", got)
	}
}

func TestPageProperty(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer string
		want   PropertyItems
	}{
		"single": {`{"object":"property_item","id":"n","type":"number","number":7}`,
			PropertyItems{ID: "n", Type: "number", Items: []Property{{ID: "n", Type: "number", Number: new(7.0)}}}},
		"list": {`{"object":"list","results":[{"object":"property_item","id":"r","type":"relation","relation":{"id":"x"}},{"object":"property_item","id":"r","type":"relation","relation":{"id":"y"}}],"next_cursor":"c","has_more":true,"property_item":{"id":"r","type":"relation","relation":{}}}`,
			PropertyItems{ID: "r", Type: "relation", NextCursor: "c", HasMore: true, Items: []Property{{ID: "r", Type: "relation", Relation: []Object{{ID: "x"}}}, {ID: "r", Type: "relation", Relation: []Object{{ID: "y"}}}}}},
		"text": {`{"object":"list","results":[{"object":"property_item","id":"t","type":"title","title":{"type":"text","plain_text":"hi"}}],"next_cursor":null,"has_more":false,"property_item":{"id":"t","type":"title","title":{}}}`,
			PropertyItems{ID: "t", Type: "title", Items: []Property{{ID: "t", Type: "title", Title: []RichText{{Type: "text", PlainText: "hi"}}}}}},
		"rollup": {`{"object":"list","results":[],"next_cursor":null,"has_more":false,"property_item":{"id":"r","type":"rollup","rollup":{"type":"number","number":3,"function":"sum"}}}`,
			PropertyItems{ID: "r", Type: "rollup", Items: []Property{}, Rollup: &Rollup{Type: "number", Number: new(3.0), Function: "sum"}}},
	} {
		client := serve(t, answer(200, c.answer))
		got, err := client.PageProperty(t.Context(), idA, "r", "")
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(&c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	client := serve(t, answer(200, `{"object":"list","results":[],"has_more":true,"next_cursor":"used"}`))
	if _, err := client.PageProperty(t.Context(), idA, "r", "used"); !isKind(err, ErrMalformed) || !strings.Contains(err.Error(), "never end") {
		t.Errorf("a cursor that repeats: %v", err)
	}
}

// A token without the right to read comments gets only the new one's id.
func TestPartialComment(t *testing.T) {
	t.Parallel()
	client := serve(t, answer(200, `{"object":"comment","id":"`+hexA+`"}`))
	got, err := client.CreateComment(t.Context(), CreateComment{Page: idB, RichText: []RichText{Plain("x")}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&Comment{ID: idA}, got); diff != "" {
		t.Error(diff)
	}
}
