package api

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/wire"
)

// maxBody is the largest body that the API takes, by Notion's published limit.
const maxBody = 500 << 10

// request is one API request that was let in.
type request struct {
	// id is that of the object in the path, with dashes, or "".
	id string
	// path has all values of the path by name.
	path   map[string]string
	query  url.Values
	body   wire.Object
	caller *Caller
	// legacy is set for version 2025-09-03, where some names differ.
	legacy bool
}

// version checks the Notion-Version header. Every request must have it: Notion
// has a code of its own for a missing one, and an unknown date is a plain
// validation error. Of the older versions only 2025-09-03 is served, since
// before it a database had its rows itself.
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

// ReadBody reads the JSON object of a request; no body is an empty object. Its
// errors are of type *wire.Error, and are meant for Call.BodyErr: the caller's
// token is checked before they are told.
func ReadBody(r *http.Request) (wire.Object, error) {
	if r.Method == http.MethodGet || r.Body == nil {
		return wire.Object{}, nil
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, &wire.Error{Status: 400, Code: "invalid_request", Message: "Error reading request body."}
	}
	// One byte more than allowed was read, to tell the two apart.
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

// pathIDs reads the ids in the path of a route. Ids may come with dashes or
// without, and of any UUID version: Notion's newer ones are not random ones. A
// property's id is short and taken as it is.
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

// only refuses a body with keys that the endpoint does not know.
func (r *request) only(keys ...string) error {
	for _, key := range slices.Sorted(maps.Keys(r.body)) {
		if !slices.Contains(keys, key) {
			return wire.Invalid("body failed validation: body.%s should be not present, instead was `%s`.", key, wire.Brief(r.body[key]))
		}
	}
	return nil
}

// pageSize is how many results the caller asks for. GET has it in the query and
// POST in the body, and out of range is an error in Notion, not cut down in
// silence.
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

// cursor is where the caller wants to go on, or "" for the start.
func (r *request) cursor() string {
	if c := r.query.Get("start_cursor"); c != "" {
		return c
	}
	return wire.String(r.body, "start_cursor")
}

// slice is the part of a listing that a caller gets: results from to to, and
// the cursor of what follows, or nil.
type slice struct {
	from, to int
	next     any
}

// slice cuts the page that a caller asks for out of n results, where cursor
// tells the one of the result at an index. The cursor of blocks is the id of
// the next one: if that was deleted meanwhile the cursor is invalid, and the
// listing has to start again.
func (a *API) slice(r *request, n int, cursor func(i int) string) (slice, error) {
	size, err := r.pageSize()
	if err != nil {
		return slice{}, err
	}
	// Fewer than asked for is allowed; only has_more tells whether there are
	// more.
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

// offsetCursor is a cursor for listings that may change while they are read. It
// looks like an id, because Notion's do and callers must not read anything into
// them.
func offsetCursor(i int) string {
	return fmt.Sprintf("0f15e7a0-0000-8000-8000-%012x", i)
}

// offsetSlice is like slice, for listings where a cursor is an offset; one
// beyond the end finds nothing more. So results that move while a caller pages
// are seen twice or never, as in Notion's search.
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

// list is the envelope of a listing. next_cursor is null at the end, and an
// empty listing has an empty array, never null.
func list(typ string, results []any, cut slice) wire.Object {
	if results == nil {
		results = []any{}
	}
	return wire.Object{
		"object": "list", "type": typ, typ: wire.Object{},
		"results": results, "next_cursor": cut.next, "has_more": cut.next != nil,
	}
}
