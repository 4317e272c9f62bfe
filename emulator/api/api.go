// Package api answers the endpoints of the Notion API from a store. Who asks,
// how often and over what connection is the emulator's business.
package api

import (
	"net/http"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator/column"
	"github.com/mcp-notion/mcp-notion/emulator/store"
	"github.com/mcp-notion/mcp-notion/emulator/wire"
	"github.com/mcp-notion/mcp-notion/emulator/workspace"
)

// API answers requests from a store. Comments live here, because nothing that
// is loaded from files has any. It is not safe for concurrent use.
type API struct {
	Config
	store    *store.Store
	comments []*comment
}

// Config says how the API behaves; all of it must be set, except BaseURL.
type Config struct {
	// Now is the clock of all time stamps.
	Now func() time.Time
	// SearchOmits leaves every n-th page that was not itself shared out of
	// search.
	SearchOmits int
	// PageSizeMax is the most results of one answer, whatever page_size says.
	PageSizeMax int
	// MarkdownBlocks is how many blocks one page_markdown writes out.
	MarkdownBlocks int
	// BaseURL begins the addresses of further results; "" is Notion's own.
	BaseURL string
}

// New makes the API of a store.
func New(st *store.Store, cfg Config) *API {
	if cfg.BaseURL == "" {
		cfg.BaseURL = "https://api.notion.com"
	}
	return &API{Config: cfg, store: st}
}

// Caller is the integration that asks. It lives as long as its token, and what
// was shared with it may change between two calls.
type Caller struct {
	// Bot is the id of the integration's own user, which signs what it writes.
	Bot string
	// Name is how errors and comments call it.
	Name string
	// Owner is the id of the person whom it acts for; "" for the workspace.
	Owner string
	// Roots are the ids of what was shared with it, each with all below; nil is
	// everything.
	Roots map[string]bool

	// The capabilities that it lacks.
	NoRead, NoInsert, NoUpdate bool
	NoComment, NoReadComments  bool
	NoUsers                    bool
}

// Call is one request of a caller. Body and BodyErr are what ReadBody gave.
type Call struct {
	Caller  *Caller
	HTTP    *http.Request
	Body    wire.Object
	BodyErr error
}

// Answer checks a call and gives the object to send back. Errors are of type
// *wire.Error. The checks come in this order: version, body, ids in the path,
// capability, and only then whether the object exists; so a token that may not
// read gets 403 also for pages that it could not see.
func (a *API) Answer(rt Route, c Call) (any, error) {
	legacy, err := version(c.HTTP.Header.Get("Notion-Version"))
	if err != nil {
		return nil, err
	}
	if c.BodyErr != nil {
		return nil, c.BodyErr
	}
	path, err := pathIDs(c.HTTP, rt)
	if err != nil {
		return nil, err
	}
	if !c.Caller.may(rt.needs) {
		return nil, restricted()
	}
	return rt.handle(a, &request{
		id: path["id"], path: path, query: c.HTTP.URL.Query(), body: c.Body, caller: c.Caller, legacy: legacy,
	})
}

// may says whether a caller has a capability. Capabilities hold for the whole
// token; there are none per page.
func (c *Caller) may(use capability) bool {
	switch use {
	case readContent:
		return !c.NoRead
	case insertContent:
		return !c.NoInsert
	case updateContent:
		return !c.NoUpdate
	case insertComments:
		return !c.NoComment
	case readComments:
		return !c.NoReadComments
	case readUsers:
		return !c.NoUsers
	}
	return true
}

// view is how the caller of a request sees the workspace. Titles of what was
// not shared with it and names of people that it may not know are missing
// there, and so cannot slip into any answer through a mention.
func (a *API) view(r *request) wire.View {
	return wire.View{
		Legacy: r.legacy,
		Now:    a.Now(),
		Bot:    a.bot(r.caller),
		Title: func(id string) (string, bool) {
			if !a.store.Sees(r.caller.Roots, id) {
				return "", false
			}
			if p := a.store.Pages[id]; p != nil {
				return p.Title, true
			}
			return a.store.Databases[id].DatabaseTitle(), true
		},
		Table:  func(id string) *workspace.Database { return a.store.Databases[id] },
		Rollup: func(p *workspace.Page, c *column.Column) column.Rolled { return a.rollup(r, p, c) },
		Person: a.person(r.caller),
	}
}

// person gives the names and addresses that a caller may know.
func (a *API) person(c *Caller) func(id string) (name, email string, ok bool) {
	if c.NoUsers {
		return func(string) (string, string, bool) { return "", "", false }
	}
	return a.store.Person
}

// rollup computes a rollup from the rows that the caller may see.
func (a *API) rollup(r *request, p *workspace.Page, c *column.Column) column.Rolled {
	return a.store.W.Rollup(p, a.store.Databases[p.Parent.ID], c, a.sees(r))
}

// sees says which rows count for the caller of a request: those that it may see
// and that are not in the trash.
func (a *API) sees(r *request) func(id string) bool {
	return func(id string) bool { return a.store.Sees(r.caller.Roots, id) && !a.store.Trashed(id) }
}
