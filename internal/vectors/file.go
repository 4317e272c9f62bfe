package vectors

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"path/filepath"
)

// A file holds the vectors of one model. It only grows; numbers are little
// endian, checksums are CRC-32C.
//
//	magic      8 bytes
//	dimension  uint32
//	length     uint32, of the model's name
//	model
//	checksum   uint32, of all before
//	records    key (32 bytes), dimension float32, checksum of both
//
// A record is written once. One that is torn or damaged is one vector that has
// to be made again.
const (
	magic     = "mcpnvec\x01"
	suffix    = ".vec"
	sumSize   = 4
	maxModel  = 1 << 10
	maxNumber = 1 << 16 // dimension
)

// key names what was embedded, by its content.
type key [sha256.Size]byte

func keyOf(text string) key { return sha256.Sum256([]byte(text)) }

var errNotVectors = errors.New("it is not a file of vectors")

// header begins a file.
type header struct {
	model     string
	dimension int
}

func (h header) encode() []byte {
	b := []byte(magic)
	b = binary.LittleEndian.AppendUint32(b, uint32(h.dimension))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(h.model)))
	b = append(b, h.model...)
	return binary.LittleEndian.AppendUint32(b, checksum(b))
}

func (h header) recordSize() int { return sha256.Size + 4*h.dimension + sumSize }

// name is the file of a header. Two dimensions of one model are two files.
func (h header) name() string {
	sum := sha256.Sum256([]byte(h.model))
	return fmt.Sprintf("%x-%d%s", sum[:8], h.dimension, suffix)
}

func checksum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

func readHeader(r io.Reader) (header, error) {
	start := make([]byte, len(magic)+8)
	if _, err := io.ReadFull(r, start); err != nil || string(start[:len(magic)]) != magic {
		return header{}, errNotVectors
	}
	dimension := binary.LittleEndian.Uint32(start[len(magic):])
	length := binary.LittleEndian.Uint32(start[len(magic)+4:])
	if dimension == 0 || dimension > maxNumber || length > maxModel {
		return header{}, errNotVectors
	}
	rest := make([]byte, length+sumSize)
	if _, err := io.ReadFull(r, rest); err != nil {
		return header{}, errNotVectors
	}
	h := header{model: string(rest[:length]), dimension: int(dimension)}
	if !bytes.HasSuffix(h.encode(), rest[length:]) {
		return header{}, errNotVectors
	}
	return h, nil
}

// contents is what reading a file found.
type contents struct {
	header
	end     int64 // of the last record that is whole
	damaged int   // records before it that are not
}

// read calls each with all whole records of a file. The vector is only valid
// during the call.
func read(r io.Reader, each func(key, []float32)) (contents, error) {
	in := bufio.NewReaderSize(r, 1<<20)
	h, err := readHeader(in)
	if err != nil {
		return contents{}, err
	}
	c := contents{header: h, end: int64(len(h.encode()))}
	at, damaged := c.end, 0
	record, vector := make([]byte, h.recordSize()), make([]float32, h.dimension)
	for {
		_, err := io.ReadFull(in, record)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return c, nil
		}
		if err != nil {
			return c, fmt.Errorf("read vectors: %w", err)
		}
		at += int64(len(record))
		k, ok := decode(record, vector)
		if !ok {
			damaged++ // where it is the last, it is torn
			continue
		}
		c.end, c.damaged = at, damaged
		each(k, vector)
	}
}

// decode reads a record into vector, and says whether it is whole and makes
// sense.
func decode(record []byte, vector []float32) (key, bool) {
	body := record[:len(record)-sumSize]
	if checksum(body) != binary.LittleEndian.Uint32(record[len(body):]) {
		return key{}, false
	}
	for i := range vector {
		x := math.Float32frombits(binary.LittleEndian.Uint32(body[sha256.Size+4*i:]))
		if !(x >= -2 && x <= 2) { // all vectors have length 1; NaN is none
			return key{}, false
		}
		vector[i] = x
	}
	return key(body[:sha256.Size]), true
}

func appendRecord(b []byte, k key, vector []float32) []byte {
	start := len(b)
	b = append(b, k[:]...)
	for _, x := range vector {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return binary.LittleEndian.AppendUint32(b, checksum(b[start:]))
}

// file is a file that is open for appending.
type file struct {
	header
	f   *os.File
	end int64
}

// createFile makes a file, or replaces it, by one with the records that write
// adds: it is there whole, or as before.
func createFile(dir string, h header, write func(add func(key, []float32) error) error) (*file, error) {
	path := filepath.Join(dir, h.name())
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make a file of vectors: %w", err)
	}
	out := bufio.NewWriterSize(f, 1<<20)
	size, _ := out.Write(h.encode()) // kept by out, as are all errors
	var record []byte
	err = write(func(k key, v []float32) error {
		record = appendRecord(record[:0], k, v)
		size += len(record)
		_, err := out.Write(record)
		return err
	})
	if err = errors.Join(err, out.Flush()); err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make a file of vectors: %w", err), f.Close(), os.Remove(path+".new"))
	}
	syncFolder(dir)
	return &file{header: h, f: f, end: int64(size)}, nil
}

// openFile reads a file and makes it ready for more.
func openFile(path string, start func(header) func(key, []float32)) (*file, contents, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0o600)
	if err != nil {
		return nil, contents{}, fmt.Errorf("open a file of vectors: %w", err)
	}
	h, err := readHeader(f)
	if err != nil {
		return nil, contents{}, errors.Join(err, f.Close())
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, contents{}, errors.Join(fmt.Errorf("open a file of vectors: %w", err), f.Close())
	}
	c, err := read(f, start(h))
	if err == nil {
		err = f.Truncate(c.end) // what is torn
	}
	if err != nil {
		return nil, c, errors.Join(err, f.Close())
	}
	return &file{header: h, f: f, end: c.end}, c, nil
}

// append adds records, durably. After an error the file is as before, or ends
// in a torn record that the next append overwrites.
func (f *file) append(keys []key, vectors [][]float32) error {
	var b []byte
	for i, k := range keys {
		b = appendRecord(b, k, vectors[i])
	}
	if _, err := f.f.WriteAt(b, f.end); err != nil {
		return fmt.Errorf("write vectors: %w", err)
	}
	if err := f.f.Sync(); err != nil {
		return fmt.Errorf("write vectors: %w", err)
	}
	f.end += int64(len(b))
	return nil
}

func (f *file) close() error { return f.f.Close() }

// syncFolder makes a new name last. Not every system can.
func syncFolder(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}
