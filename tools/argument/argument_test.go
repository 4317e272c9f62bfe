package argument

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type searchIn struct {
	Query       string         `json:"query"`
	Also        []string       `json:"also"`
	Under       string         `json:"under"`
	EditedAfter string         `json:"edited_after"`
	Limit       int            `json:"limit"`
	MaxTokens   int            `json:"max_tokens"`
	Live        bool           `json:"live"`
	Sort        string         `json:"sort"`
	Where       []condition    `json:"where"`
	Set         map[string]any `json:"set"`
}

type condition struct {
	Property string `json:"property"`
	Value    any    `json:"value"`
}

var searchParams = Params{
	{Name: "query", Kind: Text, Required: true, About: "The user's question"},
	{Name: "also", Kind: Texts, Max: 8},
	{Name: "under", Kind: Text},
	{Name: "edited_after", Kind: Text},
	{Name: "limit", Kind: Integer, Min: 1, Max: 20, Default: 8},
	{Name: "max_tokens", Kind: Integer, Min: 200, Max: 8000, Default: 3000},
	{Name: "live", Kind: Boolean},
	{Name: "sort", Kind: Text, Enum: []string{"newest", "oldest"}},
	{Name: "where", Kind: Objects, Max: 2, Fields: []Param{
		{Name: "property", Kind: Text, Required: true, About: "Column"},
		{Name: "value", Kind: Value},
	}},
	{Name: "set", Kind: Map, Max: 2},
}

func TestDecode(t *testing.T) {
	t.Parallel()
	full := searchIn{Query: "q", Limit: 8, MaxTokens: 3000}
	with := func(change func(*searchIn)) searchIn {
		in := full
		change(&in)
		return in
	}
	for _, c := range []struct {
		args string
		want searchIn
	}{
		{`{"query":"q"}`, full},
		{`{"query":"q","limit":"5"}`, with(func(in *searchIn) { in.Limit = 5 })},
		{`{"query":"q","limit":5.0,"max_tokens":null}`, with(func(in *searchIn) { in.Limit = 5 })},
		{`{"query":"q","also":"x"}`, with(func(in *searchIn) { in.Also = []string{"x"} })},
		{`{"query":"q","also":["a"," b ",""]}`, with(func(in *searchIn) { in.Also = []string{"a", "b"} })},
		{`{"query":"q","also":"[\"a\",\"b\"]"}`, with(func(in *searchIn) { in.Also = []string{"a", "b"} })},
		{`{"query":"q","also":[404]}`, with(func(in *searchIn) { in.Also = []string{"404"} })},
		{`{"query":["q"],"under":""}`, full},
		{`{"query":404}`, with(func(in *searchIn) { in.Query = "404" })},
		{`"{\"query\":\"q\"}"`, full},
		{` {"query":"q"} `, full},
		{`{"query":"q","live":true,"sort":"Newest"}`, with(func(in *searchIn) { in.Live, in.Sort = true, "newest" })},
		{`{"query":"q","live":"yes"}`, with(func(in *searchIn) { in.Live = true })},
		{`{"query":"q","where":{"property":"A","value":5}}`, with(func(in *searchIn) { in.Where = []condition{{"A", 5.0}} })},
		{`{"query":"q","where":"[{\"property\":\"A\",\"value\":[\"x\",\"y\"]}]"}`,
			with(func(in *searchIn) { in.Where = []condition{{"A", []any{"x", "y"}}} })},
		{`{"query":"q","where":[],"set":{}}`, full},
		{`{"query":"q","set":[{"property":"A","value":[1]}]}`, with(func(in *searchIn) { in.Set = map[string]any{"A": []any{1.0}} })},
		{`{"query":"q","set":["{\"property\":\"A\",\"value\":true}",{"B":"b"}]}`, with(func(in *searchIn) { in.Set = map[string]any{"A": true, "B": "b"} })},
		{`{"query":"q","where":["{\"property\":\"A\",\"value\":1}"]}`, with(func(in *searchIn) { in.Where = []condition{{"A", 1.0}} })},
		{`{"query":"q","set":"{\"A\":[1]}"}`, with(func(in *searchIn) { in.Set = map[string]any{"A": []any{1.0}} })},
	} {
		got, err := Decode[searchIn]("search_notion", searchParams, json.RawMessage(c.args))
		if err != nil {
			t.Errorf("%s: %v", c.args, err)
			continue
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.args, diff)
		}
	}
}

func TestDecodeSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ args, want string }{
		{``, `search_notion needs "query"`},
		{`null`, `search_notion needs "query"`},
		{`{}`, `search_notion needs "query": The user's question`},
		{`{"query":"  "}`, `needs "query"`},
		{`[1]`, "takes one JSON object with query, also, under"},
		{`{"query":"q"} x`, "takes one JSON object"},
		{`{"query":`, "takes one JSON object"},
		{`{"qery":"q"}`, `has no argument "qery". It takes query, also, under, edited_after, limit, max_tokens, live, sort, where, set. Did you mean "query"?`},
		{`{"query":"q","zzzzzzzz":1}`, `has no argument "zzzzzzzz". It takes query`},
		{`{"query":{"a":1}}`, `"query" must be a text, not an object.`},
		{`{"query":true}`, `"query" must be a text, not true.`},
		{`{"query":["a","b"]}`, `"query" must be a text, not a list.`},
		{`{"query":"q","limit":"many"}`, `"limit" must be a whole number from 1 to 20, not "many".`},
		{`{"query":"q","limit":2.5}`, `"limit" must be a whole number from 1 to 20, not 2.5.`},
		{`{"query":"q","limit":0}`, `0 is out of range`},
		{`{"query":"q","limit":21}`, `"limit" must be a whole number from 1 to 20; 21 is out of range.`},
		{`{"query":"q","limit":1e300}`, `out of range`},
		{`{"query":"q","limit":[]}`, `not a list`},
		{`{"query":"q","also":{"a":1}}`, `"also" must be a list of texts, not an object.`},
		{`{"query":"q","also":[["a"]]}`, `one of its items is a list`},
		{`{"query":"q","also":["1","2","3","4","5","6","7","8","9"]}`, `"also" has 9 items, at most 8`},
		{`{"query":"q","live":"maybe"}`, `"live" must be true or false, not "maybe".`},
		{`{"query":"q","sort":"up"}`, `"sort" must be one of newest, oldest, not "up".`},
		{`{"query":"q","where":"A = 5"}`, `"where" must be a list of objects with property, value, not "A = 5".`},
		{`{"query":"q","where":["A"]}`, `item 1 is "A"`},
		{`{"query":"q","where":[{"property":"A"},{"value":1}]}`, `where[2] needs "property": Column`},
		{`{"query":"q","where":[{"prop":"A"}]}`, `where[1] has no argument "prop". It takes property, value.`},
		{`{"query":"q","where":[{"property":"A","value":{}}]}`, `"value" must be a text, a number, true or false, not an object.`},
		{`{"query":"q","where":[{"property":"A"},{"property":"A"},{"property":"A"}]}`, `"where" has 3 items, at most 2`},
		{`{"query":"q","set":[1]}`, `"set" must be a list of objects with property, value; item 1 is 1.`},
		{`{"query":"q","set":5}`, `"set" must be a list of objects with property, value, not 5.`},
		{`{"query":"q","set":[{"property":"A","value":1},{"property":"A","value":2}]}`, `"set" names "A" twice.`},
		{`{"query":"q","set":{"a":1,"b":2,"c":3}}`, `"set" has 3 names, at most 2`},
		{`{"query":"` + strings.Repeat("x", 2001) + `"}`, `"query" is too long: 2001 characters, at most 2000`},
		{`{"` + strings.Repeat("x", 900_000) + `":1}`, `There is no argument "` + strings.Repeat("x", 80) + `..."`},
		{`{"query":"q","limit":` + strings.Repeat("9", 900_000) + `}`, "A number has 900000 digits"},
		{`{"query":"q","limit":"` + strings.Repeat("9", 300_000) + `"}`, `from 1 to 20, not a text`},
		{`{"query":"q","sort":"` + strings.Repeat("x", 900) + `"}`, `not a text`},
		{`{"query":"q","where":[{"property":"A","value":[` + strings.Repeat("9", 900_000) + `]}]}`, "A number has"},
		{`{"query":"q","where":"[{\"property\":\"A\",\"value\":` + strings.Repeat("9", 900_000) + `}]"}`, "not a text"},
		{`{"query":"q","set":{"` + strings.Repeat("x", 301) + `":1}}`, "no name is longer than 300"},
		{`{"query":"q","set":"{\"` + strings.Repeat("x", 301) + `\":1}"}`, "not a text"},
		{`{"query":"q","set":[{"property":"` + strings.Repeat("x", 301) + `","value":1}]}`, "no name is longer than 300"},
		{`{"query":"q","set":[{"property":"` + strings.Repeat("x", 301) + `","value":1},{"property":"` + strings.Repeat("x", 301) + `","value":1}]}`, "twice"},
		{`{"query":"q","set":{"A":["` + strings.Repeat("x", 20_001) + `"]}}`, `A text in "set" is too long`},
		{`{"query":"q","also":["` + strings.Repeat("x", 501) + `"]}`, `too long`},
	} {
		_, err := Decode[searchIn]("search_notion", searchParams, json.RawMessage(c.args))
		var input Error
		if !errors.As(err, &input) {
			t.Errorf("%.60s: error %v, want words for a model", c.args, err)
			continue
		}
		if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60s:\n got %s\nwant %s", c.args, err, c.want)
		}
		if len(err.Error()) > 600 {
			t.Errorf("%.60s: %d bytes of an error", c.args, len(err.Error()))
		}
		for _, word := range []string{"json:", "Go ", "unmarshal", "searchIn", "invalid character"} {
			if strings.Contains(err.Error(), word) {
				t.Errorf("%.60s: %q is no word for a model in %q", c.args, word, err)
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{`{"query":"q"}`, `{"also":[1,"x"]}`, `"{}"`, `[`, `{"limit":1e9}`, `{"query":"\ud800"}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		in, err := Decode[searchIn]("search_notion", searchParams, json.RawMessage(s))
		var input Error
		if err != nil && !errors.As(err, &input) {
			t.Errorf("%q: %v is not in words", s, err)
		}
		if err == nil && (strings.TrimSpace(in.Query) == "" || in.Limit < 1 || in.Limit > 20 || in.MaxTokens < 200 || in.MaxTokens > 8000 || len(in.Also) > 8) {
			t.Errorf("%q was let through as %+v", s, in)
		}
	})
}

func TestSchema(t *testing.T) {
	t.Parallel()
	const scalars = `"anyOf":[{"type":"string"},{"type":"number"},{"type":"boolean"},{"type":"array","items":{"type":"string"}}]`
	const want = `{"type":"object","properties":{"query":{"type":"string"},"n":{"type":"integer","minimum":1,"maximum":9,"default":2},` +
		`"where":{"type":"array","items":{"type":"object","properties":{"value":{` + scalars + `}},"additionalProperties":false,"required":["value"]}},` +
		`"sort":{"type":"string","enum":["a"]},"set":{"type":"array","items":{"type":"object","properties":{"property":{"type":"string"},` +
		`"value":{` + scalars + `}},"additionalProperties":false,"required":["property"]}},"live":{"type":"boolean"},"also":{"type":"array","items":{"type":"string"}}},` +
		`"additionalProperties":false,"required":["query"]}`
	got := Params{
		{Name: "query", Kind: Text, Required: true},
		{Name: "n", Kind: Integer, Min: 1, Max: 9, Default: 2},
		{Name: "where", Kind: Objects, Max: 2, Fields: []Param{{Name: "value", Kind: Value, Required: true}}},
		{Name: "sort", Kind: Text, Enum: []string{"a"}},
		{Name: "set", Kind: Map, Max: 2},
		{Name: "live", Kind: Boolean},
		{Name: "also", Kind: Texts, Max: 2},
	}.Schema()
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
