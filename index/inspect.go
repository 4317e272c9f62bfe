package index

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
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
	defer func() {
		if r := recover(); r != nil {
			err = damage(fmt.Sprintf("its file root.bolt cannot be read: %v", r))
		}
	}()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // garbled page numbers lead anywhere
	path := filepath.Join(f.data(), "root.bolt")
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, damage("its file root.bolt is missing")
	}
	if err != nil {
		return 0, fmt.Errorf("open root.bolt: %w", err)
	}
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true, Timeout: time.Second})
	if err != nil {
		return 0, fmt.Errorf("open root.bolt: %w", err)
	}
	defer db.Close()
	var files []string
	err = db.View(func(tx *bolt.Tx) error {
		if tx.Size() > info.Size() {
			return damage("its file root.bolt is cut short")
		}
		version, files, err = newestState(tx)
		return err
	})
	if err != nil {
		return 0, err
	}
	return version, f.openAll(files, verify)
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
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("check file of the index: %w", err)
	}
	body := len(data) - 4
	if body < 0 || crc32.ChecksumIEEE(data[:body]) != binary.BigEndian.Uint32(data[body:]) {
		return damage("its file " + filepath.Base(path) + " does not match its checksum")
	}
	return nil
}
