package index

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/blevesearch/bleve/v2/util"
	bolt "go.etcd.io/bbolt"
)

// inspect reads which files make up the newest state, makes sure that all of
// them can be opened, and, if verify is set, that they match their checksums.
// It returns the number of the batch that made the state.
//
// bleve itself does not tell: it passes over a state that it cannot load, be
// it for lack of file descriptors, for an older one or for none, and deletes
// the files of the newer. So this comes first.
func (f *folder) inspect(verify bool) (version uint64, err error) {
	var files []string
	err = f.view(func(tx *bolt.Tx) error {
		version, files, err = newestState(tx)
		if err == nil {
			err = f.intact(tx.ID())
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	return version, f.openAll(files, verify)
}

// view calls do with root.bolt as it is on disk.
func (f *folder) view(do func(*bolt.Tx) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = damage(fmt.Sprintf("its file root.bolt cannot be read: %v", r))
		}
	}()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // garbled page numbers lead anywhere
	info, err := os.Stat(f.root())
	if errors.Is(err, fs.ErrNotExist) {
		return damage("its file root.bolt is missing")
	}
	if err != nil {
		return fmt.Errorf("open root.bolt: %w", err)
	}
	db, err := bolt.Open(f.root(), 0o600, &bolt.Options{ReadOnly: true, Timeout: time.Second})
	if err != nil {
		return fmt.Errorf("open root.bolt: %w", err)
	}
	defer db.Close()
	return db.View(func(tx *bolt.Tx) error {
		if tx.Size() > info.Size() {
			return damage("its file root.bolt is cut short")
		}
		return do(tx)
	})
}

func newestState(tx *bolt.Tx) (version uint64, files []string, err error) {
	const garbled = damage("its file root.bolt is garbled")
	states := tx.Bucket(util.BoltSnapshotsBucket)
	if states == nil {
		return 0, nil, garbled
	}
	key, _ := states.Cursor().Last()
	state := states.Bucket(key)
	if state == nil {
		return 0, nil, garbled
	}
	err = state.ForEach(func(k, v []byte) error {
		part := state.Bucket(k)
		switch {
		case part == nil:
			return garbled
		case bytes.Equal(k, util.BoltInternalKey):
			if v := part.Get([]byte(versionKey)); len(v) == 8 {
				version = binary.BigEndian.Uint64(v)
			}
		case !bytes.Equal(k, util.BoltMetaDataKey):
			files = append(files, string(part.Get(util.BoltPathKey)))
		}
		return nil
	})
	if err == nil && version == 0 {
		err = garbled
	}
	return version, files, err
}

// openAll opens all files at once, as bleve will.
func (f *folder) openAll(names []string, verify bool) error {
	for _, name := range names {
		path := filepath.Join(f.data(), filepath.Base(name))
		file, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			return damage("its file " + name + " is missing")
		}
		if err != nil {
			return fmt.Errorf("open file of the index: %w", err)
		}
		defer file.Close()
		if verify {
			if err := checkSum(path); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkSum compares a segment's checksum, its last four bytes, with its
// contents.
func checkSum(path string) error {
	const trailer = 4
	sum, err := checksum(path, trailer)
	if err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("check file of the index: %w", err)
	}
	defer f.Close()
	var want [trailer]byte
	info, err := f.Stat()
	if err == nil {
		_, err = f.ReadAt(want[:], max(0, info.Size()-trailer))
	}
	if err != nil && err != io.EOF {
		return fmt.Errorf("check file of the index: %w", err)
	}
	if err == io.EOF || sum != binary.BigEndian.Uint32(want[:]) {
		return damage("its file " + filepath.Base(path) + " does not match its checksum")
	}
	return nil
}

// checksum is that of a file without its last bytes.
func checksum(path string, without int64) (uint32, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, fmt.Errorf("check file of the index: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, fmt.Errorf("check file of the index: %w", err)
	}
	sum := crc32.NewIEEE()
	if _, err := io.Copy(sum, io.NewSectionReader(f, 0, max(0, info.Size()-without))); err != nil {
		return 0, fmt.Errorf("check file of the index: %w", err)
	}
	return sum.Sum32(), nil
}
