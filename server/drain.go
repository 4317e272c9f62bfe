package server

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"sync"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/guard"
	"github.com/mcp-notion/mcp-notion/tools"
)

const (
	// drainWithin bounds how long the end of the input waits for answers:
	// longer than a live read of a page takes.
	drainWithin = 20 * time.Second
	// readsWithin is how long an interrupt waits for those that only read,
	// which nobody waits for any more; what is being written is seen through.
	readsWithin = time.Second
)

// drain stands between the client and the MCP library, which drops calls that
// are under way when its input ends. It holds back the end of the input until
// everything that was asked has been answered, or after an interrupt all that
// writes.
type drain struct {
	in   *io.PipeReader // what the library reads
	feed *io.PipeWriter
	from *bufio.Reader
	to   io.Writer

	mu   sync.Mutex
	open map[string]bool // ids of requests without an answer, and whether they write
	idle chan struct{}   // has an element when open may have become empty
}

func newDrain(from io.Reader, to io.Writer) *drain {
	d := &drain{from: bufio.NewReader(from), to: to, open: map[string]bool{}, idle: make(chan struct{}, 1)}
	d.in, d.feed = io.Pipe()
	return d
}

// run passes lines on until the input or ctx ends, and then the end itself.
func (d *drain) run(ctx context.Context) {
	defer d.feed.Close() // never fails
	lines := make(chan []byte)
	guard.Go(func() error {
		defer close(lines)
		for {
			line, err := d.from.ReadBytes('\n')
			if err != nil && len(line) > 0 {
				line = append(line, '\n') // a last line without its end
			}
			if len(line) > 0 {
				select {
				case lines <- line:
				case <-ctx.Done():
					return nil
				}
			}
			if err != nil {
				return err
			}
		}
	})
	for d.pass(ctx, lines) {
	}
	d.wait(ctx)
}

// pass hands on one line.
func (d *drain) pass(ctx context.Context, lines <-chan []byte) bool {
	select {
	case line, ok := <-lines:
		if !ok {
			return false
		}
		d.asked(line)
		_, err := d.feed.Write(line)
		return err == nil
	case <-ctx.Done():
		return false
	}
}

// wait returns when all requests have been answered, or after drainWithin. A
// while after ctx has ended, it waits for writes alone.
func (d *drain) wait(ctx context.Context) {
	timeout := time.NewTimer(drainWithin)
	defer timeout.Stop()
	interrupt := ctx.Done()
	var hurry <-chan time.Time
	hurried := false
	for {
		if all, writes := d.left(); all == 0 || hurried && writes == 0 {
			return
		}
		select {
		case <-d.idle:
		case <-interrupt:
			interrupt, hurry = nil, time.After(readsWithin)
		case <-hurry:
			hurried = true
		case <-timeout.C:
			return
		}
	}
}

// left counts the requests without an answer.
func (d *drain) left() (all, writes int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, write := range d.open {
		if write {
			writes++
		}
	}
	return len(d.open), writes
}

// message is what matters here of a JSON-RPC message.
type message struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params struct {
		Name      string          `json:"name"` // of the tool
		RequestID json.RawMessage `json:"requestId"`
	} `json:"params"`
}

// asked notes a request, or that one was cancelled and will not be answered.
func (d *drain) asked(line []byte) {
	var m message
	if json.Unmarshal(line, &m) != nil || m.Method == "" {
		return
	}
	if m.Method == "notifications/cancelled" {
		d.settled(m.Params.RequestID)
		return
	}
	if len(m.ID) > 0 && string(m.ID) != "null" {
		d.mu.Lock()
		d.open[string(m.ID)] = tools.Writes(m.Params.Name)
		d.mu.Unlock()
	}
}

func (d *drain) settled(id json.RawMessage) {
	d.mu.Lock()
	delete(d.open, string(id))
	d.mu.Unlock()
	select {
	case d.idle <- struct{}{}:
	default:
	}
}

// Write passes a message of the library on to the client.
func (d *drain) Write(p []byte) (int, error) {
	n, err := d.to.Write(p)
	if id := answered(p); id != nil {
		d.settled(id)
	}
	return n, err
}

// answered is the id of the request that a message answers; nil if it answers
// none. What was found, which is long, is not read.
func answered(message []byte) (id json.RawMessage) {
	d := json.NewDecoder(bytes.NewReader(message))
	if begin, err := d.Token(); err != nil || begin != json.Delim('{') {
		return nil
	}
	for d.More() {
		name, err := d.Token()
		if err != nil || name == "method" {
			return nil
		}
		if id != nil && (name == "result" || name == "error") {
			return id
		}
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return nil
		}
		if name == "id" {
			id = value
		}
	}
	return id
}
