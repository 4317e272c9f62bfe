// Package emulatortest leads clients to an emulated Notion without a network.
package emulatortest

import (
	"bytes"
	"cmp"
	"io"
	"net/http"
	"net/http/httptest"
)

// InProcess is a transport to h without a network. Nothing in it waits but h
// itself, so that a test can make up the time (testing/synctest) in which h
// delays its answers, or never gives them.
func InProcess(h http.Handler) http.RoundTripper { return inProcess{h} }

type inProcess struct{ handler http.Handler }

// RoundTrip gives the handler a request of its own, as a server would. A
// connection that the handler ends is one without an answer.
func (p inProcess) RoundTrip(r *http.Request) (answer *http.Response, err error) {
	var body []byte
	if r.Body != nil {
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	defer func() {
		switch fault := recover(); fault {
		case nil:
		case http.ErrAbortHandler:
			answer, err = nil, cmp.Or(r.Context().Err(), io.ErrUnexpectedEOF)
		default:
			panic(fault)
		}
	}()
	in := httptest.NewRequestWithContext(r.Context(), r.Method, r.URL.String(), bytes.NewReader(body))
	in.Header = r.Header.Clone()
	in.RemoteAddr = "127.0.0.1:1"
	out := httptest.NewRecorder()
	p.handler.ServeHTTP(out, in)
	if err := r.Context().Err(); err != nil { // the caller left while it was delayed
		return nil, err
	}
	return out.Result(), nil
}
