package index

import (
	"fmt"
	"sync"
	"time"

	"github.com/blevesearch/bleve/v2/index/scorch"

	"github.com/mcp-notion/mcp-notion/internal/disk"
)

// ErrFull means that a change could not be kept for lack of room. What was kept
// before can be read.
var ErrFull = disk.ErrFull

// failedWrite says what kept a batch from the disk.
func failedWrite(err error) error {
	return fmt.Errorf("write to the index: %w", disk.Mark(err))
}

// hold keeps readers to the state that is on disk. bleve shows a batch before it
// is written down, and breaks it while it is being read if that fails.
func (e *engine) hold() {
	held := newest(e.scorch)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.held = held
}

// publish ends the hold: readers see what is on disk now.
func (e *engine) publish(r *roster) {
	e.mu.Lock()
	held := e.held
	e.current, e.held = r, nil
	e.mu.Unlock()
	if held != nil {
		_ = held.Close()
	}
}

// letGo closes bleve. What is held can still be read, without the goroutines of
// bleve and its root.bolt. After a batch has failed, bleve would try again without
// a pause, for ever.
func (e *engine) letGo() {
	e.mu.Lock()
	broken := e.scorch
	e.scorch = nil
	e.mu.Unlock()
	_ = broken.Close()
}

// forWriting opens bleve if need be, and reads what has come of a batch that has
// failed: it may be on disk after all.
func (e *engine) forWriting() error {
	if e.scorch != nil {
		return nil
	}
	version, err := e.folder.inspect(false)
	if err != nil {
		return failedWrite(err)
	}
	if err := e.folder.breakSeal(); err != nil {
		return failedWrite(err)
	}
	if err := e.openScorch(true); err != nil {
		return failedWrite(err)
	}
	r, err := e.load(version)
	if err != nil {
		e.letGo()
		return failedWrite(err)
	}
	e.publish(r)
	return nil
}

// onError is the name under which bleve finds what to do about an error in the
// background.
const onError = "mcp-notion"

// registerOnError makes bleve pause after an error, which it does not by itself:
// a full disk would keep a processor busy. bleve knows callbacks of the process
// alone, and reads them when an index is opened.
var registerOnError = sync.OnceFunc(func() {
	scorch.RegistryAsyncErrorCallbacks[onError] = func(error, string) { time.Sleep(100 * time.Millisecond) }
})
