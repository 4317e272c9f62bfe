package api

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/mcp-notion/mcp-notion/notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/notion/emulator/wire"
)

// maxBody is the largest body that the API takes.
const maxBody = 500 << 10

// request is one API request that was let in.
type request struct {
	id     string // of the object in the path, with dashes
	path   map[string]string
	query  url.Values
	body   wire.Object
	caller *Caller
	legacy bool
}

// version checks the Notion-Version header.
func version(h string) (legacy bool, err error) {
	switch h {
	case "2026-03-11":
		return false, nil
	case "2025-09-03":
		return true, nil
	case "":
		return false, &wire.Error{Status: 400, Code: "missing_version",
			Message: "Notion-Version header failed validation: Notion-Version header should be defined, instead was `undefined`."}
	}
	return false, wire.Invalid("Notion-Version header failed validation: Notion-Version header should be `\"2026-03-11\"` or `\"2025-09-03\"`, instead was `%q`.", h)
}

// ReadBody reads the JSON object of a request; no body is an empty object.
func ReadBody(r *http.Request) (wire.Object, error) {
	if r.Method == http.MethodGet || r.Body == nil {
		return wire.Object{}, nil
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, &wire.Error{Status: 400, Code: "invalid_request", Message: "Error reading request body."}
	}
	if len(raw) > maxBody {
		return nil, wire.Invalid("body failed validation: body should be at most 500 KB.")
	}
	if len(raw) == 0 {
		return wire.Object{}, nil
	}
	var body any
	if json.Unmarshal(raw, &body) != nil {
		return nil, &wire.Error{Status: 400, Code: "invalid_json", Message: "Error parsing JSON body."}
	}
	o, ok := body.(wire.Object)
	if !ok {
		return nil, wire.Invalid("body failed validation: body should be an object, instead was `%s`.", wire.Brief(body))
	}
	return o, nil
}

// pathIDs reads the ids in the path of a route.
func pathIDs(r *http.Request, rt Route) (map[string]string, error) {
	out := map[string]string{}
	for _, name := range []string{"id", "property"} {
		value := r.PathValue(name)
		if value == "" {
			continue
		}
		if name == "id" {
			id, ok := block.ParseID(value)
			if !ok {
				return nil, wire.Invalid("path failed validation: path.%s should be a valid uuid, instead was `%q`.", rt.noun+"_id", value)
			}
			value = id
		}
		out[name] = value
	}
	return out, nil
}

// pageSize is how many results the caller asks for.
func (r *request) pageSize() (int, error) {
	var n float64
	switch v := r.body["page_size"].(type) {
	case nil:
		n = 100
	case float64:
		n = v
	default:
		return 0, wire.Invalid("body failed validation: body.page_size should be a number or `undefined`, instead was `%s`.", wire.Brief(v))
	}
	where := "body"
	if s := r.query.Get("page_size"); s != "" {
		where = "query"
		parsed, err := strconv.Atoi(s)
		if err != nil {
			return 0, wire.Invalid("query failed validation: query.page_size should be a number or `undefined`, instead was `%q`.", s)
		}
		n = float64(parsed)
	}
	if n > 100 {
		return 0, wire.Invalid("%s failed validation: %s.page_size should be ≤ `100`, instead was `%v`.", where, where, n)
	}
	if n < 1 {
		return 0, wire.Invalid("%s failed validation: %s.page_size should be ≥ `1`, instead was `%v`.", where, where, n)
	}
	return int(n), nil
}

func (r *request) cursor() string {
	if c := r.query.Get("start_cursor"); c != "" {
		return c
	}
	return wire.String(r.body, "start_cursor")
}

// slice is the part of n results that a caller gets. cursor makes the cursor
// of the result at an index, and at finds the index of a cursor.
type slice struct {
	from, to int
	next     any
}

func (a *API) slice(r *request, n int, cursor func(i int) string) (slice, error) {
	size, err := r.pageSize()
	if err != nil {
		return slice{}, err
	}
	size = min(size, a.PageSizeMax)
	from := 0
	if c := r.cursor(); c != "" {
		for from = 0; from < n && cursor(from) != c; from++ {
		}
		if from == n {
			return slice{}, wire.Invalid("The start_cursor provided is invalid: %s", c)
		}
	}
	out := slice{from: from, to: min(from+size, n)}
	if out.to < n {
		out.next = cursor(out.to)
	}
	return out, nil
}

// offsetCursor is a cursor for listings that may change while they are read.
func offsetCursor(i int) string {
	return fmt.Sprintf("0f15e7a0-0000-8000-8000-%012x", i)
}

// offsetSlice is like slice, for listings where a cursor is an offset; one
// beyond the end finds nothing more.
func (a *API) offsetSlice(r *request, n int) (slice, error) {
	size, err := r.pageSize()
	if err != nil {
		return slice{}, err
	}
	from := 0
	if c := r.cursor(); c != "" {
		hex, ok := strings.CutPrefix(c, offsetCursor(0)[:24])
		i, err := strconv.ParseInt(hex, 16, 32)
		if !ok || err != nil {
			return slice{}, wire.Invalid("The start_cursor provided is invalid: %s", c)
		}
		from = min(int(i), n)
	}
	out := slice{from: from, to: min(from+min(size, a.PageSizeMax), n)}
	if out.to < n {
		out.next = offsetCursor(out.to)
	}
	return out, nil
}

// list is the envelope of a listing.
func list(typ string, results []any, cut slice) wire.Object {
	if results == nil {
		results = []any{}
	}
	return wire.Object{
		"object": "list", "type": typ, typ: wire.Object{},
		"results": results, "next_cursor": cut.next, "has_more": cut.next != nil,
	}
}
