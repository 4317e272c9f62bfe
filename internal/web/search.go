package web

import (
	"net/http"
	"strings"

	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tools"
)

const searchPath = ConnectPath + "/search"

// longestQuery is more than anybody types, and less than a search takes.
const longestQuery = 500

// found is a search and what came of it.
type found struct {
	Query   string
	In      tokens.Handle
	Problem string // why there is no answer
	tools.SearchOut
}

// search shows what an assistant gets: the same tool, asked in the same way.
// The question is posted, so that it is in no history and no log.
func (c *Connect) search(w http.ResponseWriter, r *http.Request, s session) {
	p := c.page(r.Context(), s)
	p.Search = &found{Query: strings.TrimSpace(r.PostFormValue("query"))}
	conn, err := c.chosen(r, s)
	if err != nil {
		c.show(w, noConnection)
		return
	}
	p.Search.In = conn.Handle
	p.Title = "Search: " + p.Title
	switch {
	case p.Search.Query == "":
		p.Search.Problem = "Type a question first."
	case len([]rune(p.Search.Query)) > longestQuery:
		p.Search.Problem = "This is too long. Ask in a sentence or two."
	default:
		p.Search.Problem = c.find(r, s, conn, p.Search)
	}
	c.render(w, http.StatusOK, "home.html", p)
}

// find fills in what was found, or says why nothing could be.
func (c *Connect) find(r *http.Request, s session, conn tokens.Connection, f *found) string {
	ctx := tokens.WithCaller(r.Context(), tokens.Caller{Subject: s.who})
	refused, err := c.ask(ctx, conn, tools.SearchNotion, map[string]any{"query": f.Query}, &f.SearchOut)
	switch {
	case gone(err):
		return "Notion is not connected, so nothing can be searched. Connect it first."
	case err != nil:
		c.cfg.Log.Warn("a search from the page failed", "connection", conn.Key(), "err", err)
		return "The connection could not be checked just now, so nothing is shown. Try again in a minute."
	}
	return refused
}
