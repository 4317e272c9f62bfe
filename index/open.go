package index

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	bolt "go.etcd.io/bbolt/errors"
)

// openEngine locks the folder and opens its index, a new one if there is none.
// A damaged index, or one in an older format, is deleted, for it is only a
// mirror, and built anew; why is said in recovered.
func openEngine(ctx context.Context, path string, w *workers, verify bool) (e *engine, recovered string, err error) {
	f, err := lockFolder(ctx, path)
	if err != nil {
		return nil, "", err
	}
	if e, err = reopen(f, w, verify); err == nil {
		return e, "", nil
	}
	if errors.Is(err, bolt.ErrTimeout) { // the lock alone should do, but files are deleted below
		err = fmt.Errorf("%w: %s", ErrInUse, path)
	}
	if !errors.Is(err, errUnfinished) {
		var lost damage
		switch {
		case errors.Is(err, ErrNewer), errors.Is(err, ErrInUse), transient(err):
			return nil, "", errors.Join(err, f.unlock())
		case errors.Is(err, errOlder):
			recovered = "the index is being built anew: " + err.Error()
		case errors.As(err, &lost):
			recovered = "the index was damaged and is being built anew: " + lost.Error()
		default:
			recovered = "the index could not be read and is being built anew: " + err.Error()
		}
	}
	if err = f.clear(); err == nil {
		e, err = create(f, w)
	}
	if err == nil {
		err = f.writeFormat()
	}
	if err != nil {
		return nil, "", errors.Join(err, f.unlock())
	}
	return e, recovered, nil
}

// errUnfinished means that the index was never complete, so that nothing is
// lost with it.
var errUnfinished = errors.New("there is no index yet")

func reopen(f *folder, w *workers, verify bool) (*engine, error) {
	version, err := f.readFormat()
	if err != nil {
		return nil, err
	}
	if version == 0 {
		if files, _ := filepath.Glob(filepath.Join(f.data(), "*.zap")); len(files) > 0 {
			return nil, damage("its format file is missing")
		}
		return nil, errUnfinished
	}
	state, err := f.inspect(verify)
	if err != nil {
		return nil, err
	}
	return start(f, w, state)
}

// close ends all use of the folder.
func (e *engine) close() error {
	e.words.end()
	if e.held != nil {
		_ = e.held.Close()
	}
	if e.scorch == nil {
		return e.folder.unlock()
	}
	if err := e.scorch.Close(); err != nil {
		return errors.Join(fmt.Errorf("close the index: %w", err), e.folder.unlock())
	}
	return errors.Join(e.folder.seal(), e.folder.unlock())
}

// rest gives back what only searches and changes need, and what they take again:
// the memory into which the files are mapped, and bleve's goroutines.
func (e *engine) rest() (err error) {
	select {
	case e.queue.turn <- struct{}{}: // nobody writes
		if e.scorch != nil {
			e.hold()
			e.letGo()
			err = e.folder.seal()
		}
		<-e.queue.turn
	default:
	}
	e.eachFile(unmap)
	return err
}

// files is how many are open.
func (e *engine) files() int {
	n := 2 // the lock and root.bolt
	e.eachFile(func([]byte) { n++ })
	return n
}

// mapped is how many bytes of files are mapped into memory.
func (e *engine) mapped() (bytes int64) {
	e.eachFile(func(file []byte) { bytes += int64(len(file)) })
	return bytes
}

// eachFile calls do with the segments on disk, as they are mapped.
func (e *engine) eachFile(do func([]byte)) {
	now, _ := e.view()
	if now == nil {
		return
	}
	defer now.Close()
	for _, seg := range now.Segments() {
		if file, ok := seg.Segment().(interface{ Data() []byte }); ok {
			do(file.Data())
		}
	}
}
