package server

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// usedSuffix ends the name of the file beside an index that is dated when the
// connection was last asked by its user. It is named by the connection's key.
const usedSuffix = ".used"

// dateEvery is how far behind the file of a connection that is used all the
// time may be.
const dateEvery = time.Hour

func (p *Pool) usedFile(key string) string { return filepath.Join(p.cfg.Data, key+usedSuffix) }

// date writes down when a connection was last asked, so that an index that
// nobody uses any more can be found also by a later process.
func (p *Pool) date(t *tenant) {
	t.mu.Lock()
	asked := t.asked
	due := asked.Sub(t.dated) >= dateEvery || t.engine == nil && asked.After(t.dated)
	if due {
		t.dated = asked
	}
	t.mu.Unlock()
	if !due {
		return
	}
	name := p.usedFile(t.conn.Key())
	f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		err = errors.Join(f.Close(), os.Chtimes(name, asked, asked))
	}
	if err != nil {
		p.cfg.Log.Warn("date the use of an index", "connection", t.conn.Key(), "err", err)
	}
}

// forget deletes the indexes that nobody has used for long, also those that an
// earlier process left.
func (p *Pool) forget(ctx context.Context, now time.Time) {
	if p.cfg.Forget < 0 {
		return
	}
	files, err := filepath.Glob(filepath.Join(p.cfg.Data, "*"+usedSuffix))
	if err != nil {
		return
	}
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil || now.Sub(info.ModTime()) < p.cfg.Forget {
			continue
		}
		key := strings.TrimSuffix(filepath.Base(file), usedSuffix)
		if len(key) != 32 || strings.Trim(key, "0123456789abcdef") != "" {
			continue // not one of ours
		}
		if err := p.forgetOne(ctx, key); err != nil {
			p.cfg.Log.Warn("forget an index", "connection", key, "err", err)
		}
	}
}

// forgetOne deletes an index, unless it is in use. Nobody can come to use it
// meanwhile.
func (p *Pool) forgetOne(ctx context.Context, key string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, inUse := p.tenants[key]; inUse {
		return nil
	}
	if err := p.store.DeleteKey(ctx, key); err != nil {
		return err
	}
	return os.Remove(p.usedFile(key))
}
