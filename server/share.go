package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"github.com/mcp-notion/mcp-notion/internal/guard"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/tools"
)

// Processes of one user share an index by JSON over HTTP on a Unix socket in a
// folder that only that user can enter; see socketPath:
//
//	GET  /hello         {"wire":2,"version":"..."}
//	GET  /hold          never answers; ends when the owner does
//	GET  /status        Status
//	POST /sync          ingest.Summary, at the end of the pass
//	POST /call/{tool}   arguments in, tools.Answer out
//
// Errors are {"error":"..."} with status 500.

// wire is the version of this protocol; processes of different builds share an
// index only if it is the same.
const wire = 2

var (
	errLost         = errors.New("the process that owned the index is gone")
	errUnshared     = errors.New("another process of yours has the index, and cannot share it")
	errOtherVersion = errors.New("another version of mcp-notion is using this data folder; stop it, or restart its assistant, and try again")
)

type hello struct {
	Wire    int    `json:"wire"`
	Version string `json:"version"`
}

type failure struct {
	Error string `json:"error"`
}

// owner is the backend of the process that owns the index.
type owner struct {
	*engine
	lock   *flock.Flock
	socket net.Listener // nil if it cannot be shared
	http   *http.Server
	ended  chan struct{}
}

// listen serves the engine to other processes of the user.
func (o *owner) listen(data, key string) error {
	l, err := listenPrivately(data, key)
	if errors.Is(err, fs.ErrNotExist) {
		l, err = listenPrivately(data, key) // another owner that ended took the folder away
	}
	if err != nil {
		return err
	}
	o.socket = l
	o.http = &http.Server{Handler: o.routes(), ReadHeaderTimeout: 10 * time.Second}
	guard.Go(func() error { return o.http.Serve(l) }) // ends with Shutdown
	return nil
}

func listenPrivately(data, key string) (net.Listener, error) {
	socket, err := socketPath(data, key)
	if err != nil {
		return nil, err
	}
	if err := os.Remove(socket); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err // left by an owner that was killed; we hold the lock
	}
	l, err := net.Listen("unix", socket)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(socket, 0o600); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

func (o *owner) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hello", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, hello{Wire: wire, Version: o.cfg.Version}, nil)
	})
	mux.HandleFunc("GET /hold", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		select {
		case <-r.Context().Done():
		case <-o.ended:
		}
	})
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, r *http.Request) {
		v, err := o.Status(r.Context())
		v.Shared = true
		reply(w, v, err)
	})
	mux.HandleFunc("POST /sync", func(w http.ResponseWriter, r *http.Request) {
		v, err := o.Sync(r.Context())
		reply(w, v, err)
	})
	mux.HandleFunc("POST /call/{tool}", func(w http.ResponseWriter, r *http.Request) {
		args, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 4<<20))
		if err != nil {
			reply(w, nil, err)
			return
		}
		a, err := o.Call(r.Context(), r.PathValue("tool"), args)
		reply(w, a, err)
	})
	return mux
}

func reply(w http.ResponseWriter, v any, err error) {
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		v = failure{Error: err.Error()}
	}
	_ = json.NewEncoder(w).Encode(v) // the caller may be gone
}

// closeWithin is how long an owner that ends waits for calls of others.
const closeWithin = 5 * time.Second

func (o *owner) close() error {
	var err error
	close(o.ended)
	if o.socket != nil {
		_ = o.socket.Close() // takes the socket away now, and not from the next owner
		ctx, cancel := context.WithTimeout(context.Background(), closeWithin)
		defer cancel()
		if o.http.Shutdown(ctx) != nil {
			err = o.http.Close()
		}
		_ = os.Remove(filepath.Dir(o.socket.Addr().String())) // fails while anything else is in it, such as an index
	}
	return errors.Join(err, o.engine.close(), o.lock.Unlock())
}

// remote is the backend of every other process: a line to the owner.
type remote struct {
	http *http.Client
}

// dial connects to the owner of an index.
func dial(ctx context.Context, socket, version string) (*remote, error) {
	r := &remote{http: &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		},
	}}}
	var h hello
	if err := r.do(ctx, http.MethodGet, "/hello", nil, &h); errors.Is(err, errLost) {
		return nil, fmt.Errorf("nothing listens at %s", socket)
	} else if err != nil {
		return nil, err
	}
	if h.Wire != wire {
		return nil, fmt.Errorf("%w (this is version %s, that is %s)", errOtherVersion, version, h.Version)
	}
	return r, nil
}

// do makes one request. errLost means that the owner went away.
func (r *remote) do(ctx context.Context, method, path string, body []byte, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, "http://owner"+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := r.http.Do(req)
	if err != nil {
		return lost(ctx, err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return lost(ctx, err)
	}
	if resp.StatusCode != http.StatusOK {
		var f failure
		if json.Unmarshal(data, &f) != nil || f.Error == "" {
			return fmt.Errorf("the process that owns the index answered %s", resp.Status)
		}
		return errors.New(f.Error)
	}
	if err := json.Unmarshal(data, out); err != nil {
		return fmt.Errorf("the process that owns the index answered in an unknown form: %w", err)
	}
	return nil
}

func lost(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("%w: %w", errLost, err)
}

// watch returns when the owner is gone or ctx ends.
func (r *remote) watch(ctx context.Context) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://owner/hold", nil)
	if err != nil {
		return
	}
	resp, err := r.http.Do(req)
	if err != nil {
		return
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
}

func (r *remote) Call(ctx context.Context, tool string, args json.RawMessage) (tools.Answer, error) {
	var a tools.Answer
	err := r.do(ctx, http.MethodPost, "/call/"+tool, args, &a)
	return a, err
}

func (r *remote) Status(ctx context.Context) (Status, error) {
	var v Status
	err := r.do(ctx, http.MethodGet, "/status", nil, &v)
	return v, err
}

func (r *remote) Sync(ctx context.Context) (ingest.Summary, error) {
	var v ingest.Summary
	err := r.do(ctx, http.MethodPost, "/sync", nil, &v)
	return v, err
}

func (r *remote) close() error {
	r.http.CloseIdleConnections()
	return nil
}
