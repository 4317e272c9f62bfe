package auth

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// spent remembers what was used until it expires by itself. The error of add is
// ErrUsed, or says why it cannot be known that this is the first time.
type spent interface {
	add(id string, until, now time.Time) error
	has(id string, until time.Time) (bool, error)
}

// maxSpent bounds what is remembered. Beyond it nothing counts as the first
// time: it fails closed.
const maxSpent = 100_000

var errFull = errors.New("too much was used lately; try again in some minutes")

// spentHere remembers in memory.
type spentHere struct {
	mu    sync.Mutex
	until map[string]time.Time
}

func (s *spentHere) add(id string, until, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, used := s.until[id]; used {
		return ErrUsed
	}
	if len(s.until) >= maxSpent {
		for k, t := range s.until {
			if !now.Before(t) {
				delete(s.until, k)
			}
		}
	}
	if len(s.until) >= maxSpent {
		return errFull
	}
	s.until[id] = until
	return nil
}

func (s *spentHere) has(id string, _ time.Time) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, used := s.until[id]
	return used, nil
}

// spentFolder remembers in a folder, which others may share: whoever makes the
// file was first. A file is empty, and its name has its end and its id.
type spentFolder struct {
	dir string

	mu    sync.Mutex
	swept time.Time
	left  int // files after the last sweep, and those made since
}

const (
	spentSuffix = ".spent"
	sweepSpent  = time.Minute
	// keepSpent is how much longer a file is kept than it is of use by our
	// clock, because those who share the folder may have slower ones.
	keepSpent = time.Hour
)

func (s *spentFolder) add(id string, until, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.sweep(now); err != nil {
		return fmt.Errorf("look what was used: %w", err)
	}
	if s.left >= maxSpent {
		return errFull
	}
	f, err := os.OpenFile(s.file(id, until), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return ErrUsed
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		return fmt.Errorf("write down that something was used: %w", err)
	}
	s.left++
	return nil
}

func (s *spentFolder) file(id string, until time.Time) string {
	return filepath.Join(s.dir, strconv.FormatInt(until.Unix(), 10)+"-"+id+spentSuffix)
}

func (s *spentFolder) has(id string, until time.Time) (bool, error) {
	_, err := os.Stat(s.file(id, until))
	if err == nil || errors.Is(err, os.ErrNotExist) {
		return err == nil, nil
	}
	return false, fmt.Errorf("look what was used: %w", err)
}

// sweep deletes now and then what has expired, and makes the folder at first.
func (s *spentFolder) sweep(now time.Time) error {
	if now.Sub(s.swept) < sweepSpent {
		return nil
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	files, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	s.swept, s.left = now, 0
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), spentSuffix) {
			continue
		}
		end, _, _ := strings.Cut(f.Name(), "-")
		unix, err := strconv.ParseInt(end, 10, 64)
		if err == nil && now.Sub(time.Unix(unix, 0)) > keepSpent {
			_ = os.Remove(filepath.Join(s.dir, f.Name())) // another may have been quicker
			continue
		}
		s.left++
	}
	return nil
}
