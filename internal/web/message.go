package web

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
)

//go:embed templates
var files embed.FS

var pages = template.Must(template.New("").Funcs(words).ParseFS(files, "templates/*.html"))

// message is what one of the plain pages says.
type message struct {
	Status int
	Title  string
	Text   string

	Home string // path of the page of connections; "" where there is none
}

var (
	expired      = message{Status: http.StatusGone, Title: "This link no longer works", Text: "It was used already, or is older than ten minutes. Ask your assistant again, and it will give you a new one."}
	notYours     = message{Status: http.StatusForbidden, Title: "This link is for somebody else", Text: "You are signed in as another person than the one this link was made for. Sign out there, or ask your own assistant for a link."}
	notSignedIn  = message{Status: http.StatusForbidden, Title: "You were not signed in", Text: "The sign-in did not come to its end. Open the link from your assistant again."}
	trouble      = message{Status: http.StatusServiceUnavailable, Title: "This did not work", Text: "The service that connects Notion could not be reached. Try again in a minute."}
	connected    = message{Status: http.StatusOK, Title: "Notion is connected", Text: "Go back to your assistant and ask again. Your pages are being read; the newest come first."}
	notConnected = message{Status: http.StatusOK, Title: "Notion is not connected yet", Text: "The permission was not given, so nothing can be read. You can try again, or leave it as it is."}
	noConnection = message{Status: http.StatusBadRequest, Title: "There is no such connection", Text: "Nothing was done. Open the page of your connections again."}
	notEnded     = message{Status: http.StatusServiceUnavailable, Title: "This did not work", Text: "The service that connects Notion did not answer, so the connection may still stand, and nothing was deleted. Try again in a minute."}
	notDeleted   = message{Status: http.StatusInternalServerError, Title: "Notion is disconnected", Text: "But what was read of your pages could not be deleted just now. It is not shown to anybody, and is deleted when you open the page of your connections again."}
	tooMany      = message{Status: http.StatusTooManyRequests, Title: "That was too much at once", Text: "Wait a moment, and open the page again."}
	oldForm      = message{Status: http.StatusForbidden, Title: "This page is too old", Text: "You have signed out or in since it was opened, so nothing was done. Open it again."}
)

// show shows one of the plain pages.
func (c *Connect) show(w http.ResponseWriter, m message) {
	if c.cfg.Home != nil {
		m.Home = ConnectPath
	}
	c.render(w, m.Status, "message.html", m)
}

// render writes a page whole, or none of it.
func (c *Connect) render(w http.ResponseWriter, status int, name string, data any) {
	var page bytes.Buffer
	if err := pages.ExecuteTemplate(&page, name, data); err != nil {
		c.cfg.Log.Error("a page cannot be made", "page", name, "err", err)
		http.Error(w, "This page cannot be shown just now.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = page.WriteTo(w) // an error means that the reader has gone
}
