package tools

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDecode(t *testing.T) {
	t.Parallel()
	full := SearchIn{Query: "q", Limit: 8, MaxTokens: 3000}
	with := func(change func(*SearchIn)) SearchIn {
		in := full
		change(&in)
		return in
	}
	for _, c := range []struct {
		args string
		want SearchIn
	}{
		{`{"query":"q"}`, full},
		{`{"query":"q","limit":"5"}`, with(func(in *SearchIn) { in.Limit = 5 })},
		{`{"query":"q","limit":5.0,"max_tokens":null}`, with(func(in *SearchIn) { in.Limit = 5 })},
		{`{"query":"q","also":"x"}`, with(func(in *SearchIn) { in.Also = []string{"x"} })},
		{`{"query":"q","also":["a"," b ",""]}`, with(func(in *SearchIn) { in.Also = []string{"a", "b"} })},
		{`{"query":"q","also":"[\"a\",\"b\"]"}`, with(func(in *SearchIn) { in.Also = []string{"a", "b"} })},
		{`{"query":"q","also":[404]}`, with(func(in *SearchIn) { in.Also = []string{"404"} })},
		{`{"query":["q"],"under":""}`, full},
		{`{"query":404}`, with(func(in *SearchIn) { in.Query = "404" })},
		{`"{\"query\":\"q\"}"`, full},
		{` {"query":"q"} `, full},
	} {
		got, err := decode[SearchIn](searchTool(), json.RawMessage(c.args))
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
		{`{"qery":"q"}`, `has no argument "qery". It takes query, also, under, edited_after, limit, max_tokens. Did you mean "query"?`},
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
		{`{"query":"` + strings.Repeat("x", 2001) + `"}`, `"query" is too long: 2001 characters, at most 2000`},
		{`{"query":"q","also":["` + strings.Repeat("x", 501) + `"]}`, `too long`},
	} {
		_, err := decode[SearchIn](searchTool(), json.RawMessage(c.args))
		var input inputError
		if !errors.As(err, &input) {
			t.Errorf("%.60s: error %v, want words for a model", c.args, err)
			continue
		}
		if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60s:\n got %s\nwant %s", c.args, err, c.want)
		}
		for _, word := range []string{"json:", "Go ", "unmarshal", "SearchIn", "invalid character"} {
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
		in, err := decode[SearchIn](searchTool(), json.RawMessage(s))
		var input inputError
		if err != nil && !errors.As(err, &input) {
			t.Errorf("%q: %v is not in words", s, err)
		}
		if err == nil && (strings.TrimSpace(in.Query) == "" || in.Limit < 1 || in.Limit > 20 || in.MaxTokens < 200 || in.MaxTokens > 8000 || len(in.Also) > 8) {
			t.Errorf("%q was let through as %+v", s, in)
		}
	})
}

func TestReferencesAndDates(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"Refund policy", "https://example.com/0a1b0000000000000000000000000001", "1234"} {
		_, err := reference("page", bad)
		if err == nil || !strings.Contains(err.Error(), "search_notion") {
			t.Errorf("reference(%q): %v, want the next step", bad, err)
		}
	}
	for in, want := range map[string]string{
		"2026-01-31": "2026-01-31T00:00:00Z", "2026-01-31T09:00:00+02:00": "2026-01-31T07:00:00Z", "2026-01": "2026-01-01T00:00:00Z",
	} {
		at, err := date("edited_after", in)
		if err != nil || stamp(at) != want {
			t.Errorf("date(%q) = %s, %v, want %s", in, stamp(at), err, want)
		}
	}
	for _, bad := range []string{"yesterday", "31.1.2026", "2026-13-01"} {
		if _, err := date("edited_after", bad); err == nil || !strings.Contains(err.Error(), "2026-01-31") {
			t.Errorf("date(%q): %v, want an example", bad, err)
		}
	}
}
