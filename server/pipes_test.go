package server_test

import (
	"context"
	"net"
	"net/http"
	"sync"
)

// pipes is a network of one listener that needs no system, so that a test can
// make up its time (testing/synctest).
type pipes struct {
	calls chan net.Conn
	end   chan struct{}
	close func()
}

func newPipes() *pipes {
	p := &pipes{calls: make(chan net.Conn), end: make(chan struct{})}
	p.close = sync.OnceFunc(func() { close(p.end) })
	return p
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.calls:
		return c, nil
	case <-p.end:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.close()
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.calls <- there:
		return here, nil
	case <-p.end:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// reach is how a site is listened for and called.
func reach(inPipes bool) (net.Listener, *http.Transport, error) {
	if inPipes {
		p := newPipes()
		return p, &http.Transport{DialContext: p.dial}, nil
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	return l, http.DefaultTransport.(*http.Transport), err
}
