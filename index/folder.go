package index

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gofrs/flock"
	bolt "go.etcd.io/bbolt"

	"github.com/mcp-notion/mcp-notion/internal/disk"
)

// The folder of one connection:
//
//	lock     held by the process that has the index open
//	format   {"format": n}, written when the index is complete for the first time
//	seal     checksum of data/root.bolt when the index was last closed after a change
//	data/    bleve's files; segments carry a checksum of their own
const format = 6

// Errors that say why an index cannot be opened. Nothing has been touched.
var (
	ErrNewer = errors.New("the index was written by a newer version")
	ErrInUse = errors.New("the index is in use by another process")
)

// ErrClosed is returned by all calls after Close, and after the index was
// deleted.
var ErrClosed = errors.New("the index is closed")

const lockWait = 800 * time.Millisecond // for a predecessor that is just ending

// folder is a locked folder.
type folder struct {
	path string
	lock *flock.Flock
}

func (f *folder) data() string            { return filepath.Join(f.path, "data") }
func (f *folder) root() string            { return filepath.Join(f.data(), "root.bolt") }
func (f *folder) file(name string) string { return filepath.Join(f.path, name) }

// lockFolder creates the folder, if need be, and locks it.
func lockFolder(ctx context.Context, path string) (*folder, error) {
	ctx, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	for {
		if err := os.MkdirAll(path, 0o700); err != nil {
			return nil, fmt.Errorf("create folder of the index: %w", err)
		}
		l := flock.New(filepath.Join(path, "lock"), flock.SetPermissions(0o600))
		ok, err := l.TryLockContext(ctx, 20*time.Millisecond)
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, context.DeadlineExceeded) {
			return nil, fmt.Errorf("lock the index: %w", err)
		}
		if ok && stillThere(l) {
			return &folder{path: path, lock: l}, nil
		}
		_ = l.Close()
		if ctx.Err() != nil {
			return nil, fmt.Errorf("%w: %s; use that process, or end it", ErrInUse, path)
		}
	}
}

// stillThere says whether the locked file is the one at its path: whoever held
// the lock before may have deleted the folder.
func stillThere(l *flock.Flock) bool {
	held, err := l.Stat()
	if err != nil {
		return false
	}
	now, err := os.Stat(l.Path())
	return err == nil && os.SameFile(held, now)
}

func (f *folder) unlock() error { return f.lock.Close() }

// remove deletes the folder and unlocks it.
func (f *folder) remove() error {
	err := os.RemoveAll(f.path)
	return errors.Join(err, f.unlock())
}

// readFormat returns the format number, or 0 if the index was never complete.
func (f *folder) readFormat() (int, error) {
	data, err := os.ReadFile(f.file("format"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	var v struct{ Format int }
	if err := json.Unmarshal(data, &v); err != nil || v.Format < 1 {
		return 0, damage("its format file is garbled")
	}
	if v.Format > format {
		return 0, fmt.Errorf("%w: %s has format %d and this version knows %d; update mcp-notion, or delete the folder to have it mirrored again",
			ErrNewer, f.path, v.Format, format)
	}
	if v.Format < format {
		return 0, errOlder
	}
	return v.Format, nil
}

// errOlder means that the index holds other words than this version asks for.
var errOlder = errors.New("it was written by an older version")

func (f *folder) writeFormat() error {
	data := fmt.Appendf(nil, "{\"format\": %d}\n", format)
	if err := os.WriteFile(f.file("format.new"), data, 0o600); err != nil {
		return fmt.Errorf("write format of the index: %w", err)
	}
	if err := os.Rename(f.file("format.new"), f.file("format")); err != nil {
		return fmt.Errorf("write format of the index: %w", err)
	}
	return nil
}

// seal notes the checksum of root.bolt, which has none of its own, and the number
// of its last transaction. Where there is no room for it, that goes unchecked
// once.
func (f *folder) seal() error {
	sum, err := checksum(f.root(), 0)
	if err != nil {
		return fmt.Errorf("seal the index: %w", err)
	}
	var text []byte
	err = f.view(func(tx *bolt.Tx) error {
		text = fmt.Appendf(nil, "%08x %d\n", sum, tx.ID())
		return nil
	})
	if err != nil {
		return fmt.Errorf("seal the index: %w", err)
	}
	err = os.WriteFile(f.file("seal"), text, 0o600)
	if disk.Full(err) {
		return os.Remove(f.file("seal"))
	}
	return err
}

// breakSeal removes the seal, for from now on root.bolt may change, and a commit
// that is broken off changes it without a transaction.
func (f *folder) breakSeal() error {
	if err := os.Remove(f.file("seal")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("break the seal of the index: %w", err)
	}
	d, err := os.Open(f.path)
	if err != nil {
		return fmt.Errorf("break the seal of the index: %w", err)
	}
	defer d.Close()
	_ = d.Sync() // not every system can
	return nil
}

// intact compares root.bolt, as it is after a transaction, with its seal. There
// is nothing to compare if there is no seal, or if it is of an earlier one.
func (f *folder) intact(transaction int) error {
	text, err := os.ReadFile(f.file("seal"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read seal of the index: %w", err)
	}
	var want uint32
	var sealed int
	if n, _ := fmt.Sscanf(string(text), "%08x %d", &want, &sealed); n < 2 || sealed < transaction {
		return nil
	}
	sum, err := checksum(f.root(), 0)
	if err == nil && sum != want {
		err = damage("its file root.bolt has changed while the index was closed")
	}
	return err
}

// clear deletes everything but the lock.
func (f *folder) clear() error {
	for _, name := range []string{"format", "format.new", "seal", "data"} {
		if err := os.RemoveAll(f.file(name)); err != nil {
			return fmt.Errorf("delete the damaged index: %w", err)
		}
	}
	return nil
}

// damage is why an index has to be built anew, in words.
type damage string

func (d damage) Error() string { return string(d) }

// transient says that an error has its cause outside of the index's files, so
// that deleting them would help nobody.
func transient(err error) bool {
	if disk.Full(err) {
		return true
	}
	for _, cause := range []error{
		fs.ErrPermission, context.Canceled, context.DeadlineExceeded,
		syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.EIO, syscall.EROFS,
	} {
		if errors.Is(err, cause) {
			return true
		}
	}
	return false
}
