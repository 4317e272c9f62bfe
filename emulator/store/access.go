package store

import "fmt"

// Find is the id of the page or database with a path or id.
func (st *Store) Find(path string) (string, error) {
	if p := st.W.FindPage(path); p != nil {
		return p.ID, nil
	}
	if d := st.W.FindDatabase(path); d != nil {
		return d.ID, nil
	}
	return "", fmt.Errorf("no page or database at %q", path)
}

// PathOf is the path of a page or database.
func (st *Store) PathOf(id string) string {
	if p := st.Pages[id]; p != nil {
		return p.Path
	}
	if d := st.Databases[id]; d != nil {
		return d.Path
	}
	return ""
}

// Sees says whether a page or database was shared: itself or by something above
// it. No roots at all share everything. Sharing is inherited from above and
// never from below, and an object in the trash is still seen. An id that does
// not exist is not seen, so callers need no second check.
func (st *Store) Sees(roots map[string]bool, id string) bool {
	if st.Pages[id] == nil && st.Databases[id] == nil {
		return false
	}
	if roots == nil {
		return true
	}
	for ; id != ""; id = st.Above(id) {
		if roots[id] {
			return true
		}
	}
	return false
}

// IsRoot says whether an object was itself shared; with everything shared,
// those at the top level count. Only of these does Notion promise that search
// lists them.
func (st *Store) IsRoot(roots map[string]bool, id string) bool {
	if roots == nil {
		return st.Above(id) == ""
	}
	return roots[id]
}

// Person is the name and address of a person; ok is false if nobody has the id.
func (st *Store) Person(id string) (name, email string, ok bool) {
	if u := st.W.Person(id); u != nil {
		return u.Name, u.Email, true
	}
	return "", "", false
}

// TopLevel is everything that hangs directly below the workspace.
func (st *Store) TopLevel() map[string]bool {
	roots := map[string]bool{}
	for id := range st.Pages {
		roots[id] = st.Above(id) == ""
	}
	for id := range st.Databases {
		roots[id] = st.Above(id) == ""
	}
	return roots
}
