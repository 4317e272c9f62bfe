package api

// capability is what a token must be allowed to use a route. In Notion one does
// not imply another: a token may write and not read, or read pages and not
// their comments. For users it has a third level, names without addresses,
// which is left out here.
type capability int

const (
	nothing capability = iota
	readContent
	insertContent
	updateContent
	insertComments
	readComments
	readUsers
)

// Route is one endpoint of the API.
type Route struct {
	Method, Pattern string

	// noun is what the id in the path names, for the words of errors.
	noun string
	// needs is checked before the id, so that 403 tells nothing about it.
	needs capability
	// handle answers, with an object or a *wire.Error.
	handle func(*API, *request) (any, error)
}

// Name is how a ServeMux writes the route, such as "GET /v1/pages/{id}". It is
// the key of the emulator's counts.
func (rt Route) Name() string { return rt.Method + " " + rt.Pattern }

// Routes are all endpoints that the emulator has: what a client needs to read
// everything, and to write pages, blocks and comments. Views, file uploads,
// changes of schemas and webhooks are left out, and answered as an unknown
// path.
func Routes() []Route {
	return []Route{
		{"POST", "/v1/search", "", readContent, (*API).search},
		{"GET", "/v1/pages/{id}", "page", readContent, (*API).getPage},
		{"POST", "/v1/pages", "page", insertContent, (*API).createPage},
		{"PATCH", "/v1/pages/{id}", "page", updateContent, (*API).updatePage},
		{"POST", "/v1/pages/{id}/move", "page", updateContent, (*API).movePage},
		{"GET", "/v1/pages/{id}/properties/{property}", "page", readContent, (*API).getProperty},
		{"GET", "/v1/pages/{id}/markdown", "page", readContent, (*API).getMarkdown},
		{"PATCH", "/v1/pages/{id}/markdown", "page", updateContent, (*API).updateMarkdown},
		{"GET", "/v1/blocks/{id}", "block", readContent, (*API).getBlock},
		{"GET", "/v1/blocks/{id}/children", "block", readContent, (*API).getChildren},
		{"PATCH", "/v1/blocks/{id}/children", "block", insertContent, (*API).appendChildren},
		{"PATCH", "/v1/blocks/{id}", "block", updateContent, (*API).updateBlock},
		{"DELETE", "/v1/blocks/{id}", "block", updateContent, (*API).deleteBlock},
		{"GET", "/v1/databases/{id}", "database", readContent, (*API).getDatabase},
		{"GET", "/v1/data_sources/{id}", "data_source", readContent, (*API).getDataSource},
		{"POST", "/v1/data_sources/{id}/query", "data_source", readContent, (*API).queryDataSource},
		{"GET", "/v1/data_sources/{id}/templates", "data_source", readContent, (*API).getTemplates},
		{"GET", "/v1/comments", "", readComments, (*API).listComments},
		{"POST", "/v1/comments", "", insertComments, (*API).createComment},
		{"GET", "/v1/comments/{id}", "comment", readComments, (*API).getComment},
		{"PATCH", "/v1/comments/{id}", "comment", insertComments, (*API).updateComment},
		{"DELETE", "/v1/comments/{id}", "comment", insertComments, (*API).deleteComment},
		{"GET", "/v1/users", "", readUsers, (*API).listUsers},
		{"GET", "/v1/users/me", "", nothing, (*API).me},
		{"GET", "/v1/users/{id}", "user", readUsers, (*API).getUser},
	}
}
