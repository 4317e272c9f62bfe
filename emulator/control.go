package emulator

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/workspace"
)

// PageInfo names a page or database and the file that it came from.
type PageInfo struct {
	ID    string `json:"id"`
	Path  string `json:"path"`
	Title string `json:"title"`
	URL   string `json:"url"`
	Kind  string `json:"kind"` // page, row or database
}

// Pages lists all pages, rows and databases, also those in the trash and those
// that search does not find. It is the truth that a mirror is compared with.
func (s *Server) Pages() []PageInfo {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []PageInfo
	for _, p := range s.store.W.Pages {
		kind := "page"
		// In Notion a row is a page, and only its parent tells that it is one.
		if p.Parent.Kind == "database" {
			kind = "row"
		}
		out = append(out, PageInfo{p.ID, p.Path, p.Title, workspace.URL(p.Title, p.ID), kind})
	}
	for _, d := range s.store.W.Databases {
		out = append(out, PageInfo{d.ID, d.Path, d.Title, workspace.URL(d.Title, d.ID), "database"})
	}
	return out
}

// BlockSource tells which lines of which file a block came from; for a page,
// where its title stands. ok is false for ids that do not exist.
func (s *Server) BlockSource(id string) (Source, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, _ = block.ParseID(id)
	if b := s.store.Blocks[id]; b != nil {
		return b.Source, true
	}
	if p := s.store.Pages[id]; p != nil {
		return p.Source, true
	}
	if d := s.store.Databases[id]; d != nil {
		return d.Source, true
	}
	return Source{}, false
}

// BlockInfo is one block of a page and where it came from.
type BlockInfo struct {
	ID   string `json:"id"`
	Type string `json:"type"`
	Source
}

// Blocks lists the blocks of the page at a path or with an id, all levels, in
// order.
func (s *Server) Blocks(page string) []BlockInfo {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.store.W.FindPage(page)
	if p == nil {
		return nil
	}
	// A page without blocks is an empty list, and nil is no page.
	out := []BlockInfo{}
	block.Walk(p.Body, func(b *block.Block) {
		out = append(out, BlockInfo{b.ID, b.Type, b.Source})
	})
	return out
}

// control is the body of the requests that change the emulator. Each of them
// uses some of the fields; encoding/json does not mind their case.
type control struct {
	Path, Markdown, Token, Parent, Title, Discussion, URL string
}

// maxControl bounds what the controls read.
const maxControl = 16 << 20

// controls adds the routes below /emulator/. They need no token, because they
// exist to change what tokens may do, and so they answer only to this machine.
// Names in braces are the fields of the body.
//
//	GET  /emulator/pages                 every PageInfo
//	GET  /emulator/blocks/{id}           the Source of a block or page, or 404
//	GET  /emulator/blocks?page=PATH      every BlockInfo of a page, or 404
//	GET  /emulator/stats                 how many requests, and how many of each route
//	POST /emulator/edit                  {path, markdown}
//	POST /emulator/add                   {path, markdown}
//	POST /emulator/rename                {path, title}
//	POST /emulator/move                  {path, parent}
//	POST /emulator/trash                 {path}, as for restore and delete
//	POST /emulator/share                 {token, path}, as for unshare
//	POST /emulator/revoke                {token}
//	POST /emulator/resolve               {discussion}
//	POST /emulator/subscribe             {url}, which is sent a verification token
//	POST /emulator/verify                {token}, the one that was sent
//	POST /emulator/fault                 a Fault
//	POST /emulator/clear                 removes all faults
func (s *Server) controls(mux *http.ServeMux) {
	get := func(pattern string, f func(*http.Request) (any, bool)) {
		mux.HandleFunc("GET /emulator/"+pattern, local(func(w http.ResponseWriter, r *http.Request) {
			v, ok := f(r)
			if !ok {
				http.Error(w, `{"error":"not found"}`, http.StatusNotFound)
				return
			}
			writeJSON(w, v)
		}))
	}
	get("pages", func(*http.Request) (any, bool) { return s.Pages(), true })
	get("blocks/{id}", func(r *http.Request) (any, bool) { return s.BlockSource(r.PathValue("id")) })
	get("blocks", func(r *http.Request) (any, bool) {
		out := s.Blocks(r.URL.Query().Get("page"))
		return out, out != nil
	})
	get("stats", func(*http.Request) (any, bool) {
		return map[string]any{"requests": s.Requests(), "counts": s.Counts()}, true
	})
	for name, f := range s.edits() {
		mux.HandleFunc("POST /emulator/"+name, local(change(f)))
	}
	mux.HandleFunc("POST /emulator/fault", local(func(w http.ResponseWriter, r *http.Request) {
		var f Fault
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxControl)).Decode(&f); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.Inject(f)
		writeJSON(w, map[string]bool{"ok": true})
	}))
}

// edits are the changes that can be asked for by name.
func (s *Server) edits() map[string]func(control) error {
	return map[string]func(control) error{
		"edit":      func(c control) error { return s.Edit(c.Path, c.Markdown) },
		"add":       func(c control) error { return s.AddPage(c.Path, c.Markdown) },
		"trash":     func(c control) error { return s.Trash(c.Path) },
		"restore":   func(c control) error { return s.Restore(c.Path) },
		"delete":    func(c control) error { return s.Delete(c.Path) },
		"rename":    func(c control) error { return s.Rename(c.Path, c.Title) },
		"move":      func(c control) error { return s.Move(c.Path, c.Parent) },
		"share":     func(c control) error { return s.Share(c.Token, c.Path) },
		"unshare":   func(c control) error { return s.Unshare(c.Token, c.Path) },
		"revoke":    func(c control) error { s.Revoke(c.Token); return nil },
		"resolve":   func(c control) error { s.Resolve(c.Discussion); return nil },
		"subscribe": func(c control) error { return s.Subscribe(context.Background(), c.URL) },
		"verify":    func(c control) error { return s.Verify(c.Token) },
		"clear":     func(control) error { s.ClearFaults(); return nil },
	}
}

// change reads a control and applies it.
func change(f func(control) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var c control
		if r.ContentLength != 0 {
			if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxControl)).Decode(&c); err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
		}
		if err := f(c); err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		writeJSON(w, map[string]bool{"ok": true})
	}
}

// local refuses requests from other machines and from web pages: a browser on
// this machine would otherwise carry a stranger's script to the controls. Such
// a script gives itself away by its Origin, or by a Host that only its own name
// server resolves to this machine.
func local(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		ip := net.ParseIP(strings.Trim(host, "[]"))
		if err != nil || ip == nil || !ip.IsLoopback() || r.Header.Get("Origin") != "" || !loopbackName(r.Host) {
			http.Error(w, "the emulator's controls answer only to this machine", http.StatusForbidden)
			return
		}
		h(w, r)
	}
}

// loopbackName says whether a Host header names this machine, so that a web
// page cannot reach the controls under a name of its own.
func loopbackName(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return slices.Contains([]string{"localhost", ""}, host) || ip != nil && ip.IsLoopback()
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // the caller may be gone
}
