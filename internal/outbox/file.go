package outbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/mcp-notion/mcp-notion/internal/disk"
)

// The folder of a Box:
//
//	w1a2b3c4d.json   one Item, mode 0600
//	*.new            a file that was being written; of no use
const suffix = ".json"

// put writes an item down, durably. The lock is held.
func (b *Box) put(i Item) error {
	if err := writeFile(b.cfg.Dir, i); err != nil {
		return fmt.Errorf("keep a write: %w", disk.Mark(err))
	}
	b.items[i.ID] = i
	return nil
}

func (b *Box) remove(id string) {
	delete(b.items, id)
	if err := os.Remove(filepath.Join(b.cfg.Dir, id+suffix)); err != nil {
		b.cfg.Log.Warn("outbox: forget a write", "write", id, "err", err)
	}
}

// writeFile replaces a file as a whole: it is as it was, or as it shall be.
func writeFile(dir string, i Item) error {
	data, err := json.Marshal(i)
	if err != nil {
		return err
	}
	if err := makeFolder(dir); err != nil {
		return err
	}
	path := filepath.Join(dir, i.ID+suffix)
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path+".new")) // a full disk needs the room
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	return syncFolder(dir)
}

func makeFolder(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(dir))
}

// syncFolder makes a new name in a folder last. Not every system can.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	_ = d.Sync()
	return nil
}

// readAll reads the items of a folder, which need not exist.
func readAll(dir string, log *slog.Logger) (map[string]Item, error) {
	items := map[string]Item{}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return items, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open the outbox: %w", err)
	}
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		id, ok := strings.CutSuffix(e.Name(), suffix)
		if !ok {
			_ = os.Remove(name) // half written
			continue
		}
		i, err := readFile(name)
		if err != nil || i.ID != id {
			log.Warn("outbox: a file cannot be read and is left alone", "write", id)
			continue
		}
		items[id] = i
	}
	return items, nil
}

func readFile(name string) (Item, error) {
	var i Item
	data, err := os.ReadFile(name)
	if err != nil {
		return i, err
	}
	if err := json.Unmarshal(data, &i); err != nil {
		return i, fmt.Errorf("read a write that was kept: %w", err)
	}
	switch i.State {
	case Waiting, Sending, Done, Failed, Unclear, Cancelled:
		return i, nil
	}
	return i, fmt.Errorf("a write is in no state that is known: %q", i.State)
}

// Peek returns the oldest write of a folder that waits, for its Owner; ok is
// false where none does. Nobody may have the Box open.
func Peek(dir string) (oldest Item, ok bool) {
	items, err := readAll(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		return Item{}, false
	}
	for _, i := range items {
		if !i.Ended() && (!ok || i.Made.Before(oldest.Made)) {
			oldest, ok = i, true
		}
	}
	return oldest, ok
}
