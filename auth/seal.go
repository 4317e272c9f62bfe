package auth

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Errors of a Sealer.
var (
	ErrNotSealed = errors.New("this was not made by this server, or for another purpose")
	ErrExpired   = errors.New("this has expired")
	ErrUsed      = errors.New("this was used already")
)

const (
	minSealKey = 32      // bytes
	maxSealed  = 8 << 10 // characters of what is opened
	maxSpent   = 100_000
)

// Sealer hands data to people who may neither read nor change it, and takes it
// back: state of a sign-in, links, cursors. It is safe for concurrent use.
type Sealer struct {
	aeads []cipher.AEAD // the first seals, all open
	now   func() time.Time
	spent spent
}

// NewSealer returns a Sealer. The first key seals and all of them open, so a
// new key is put in front and the old one kept until all that it sealed has
// expired. Each has at least 32 bytes of randomness. Without a key, one is
// made that ends with the process. A nil now is time.Now.
func NewSealer(now func() time.Time, keys ...Secret) (*Sealer, error) {
	if now == nil {
		now = time.Now
	}
	if len(keys) == 0 {
		random := make([]byte, minSealKey)
		_, _ = rand.Read(random) // never fails
		keys = []Secret{NewSecret(string(random))}
	}
	s := &Sealer{now: now, spent: spent{until: map[[sha256.Size]byte]time.Time{}}}
	for n, key := range keys {
		aead, err := newAEAD(key)
		if err != nil {
			return nil, fmt.Errorf("sealing key %d: %w", n+1, err)
		}
		s.aeads = append(s.aeads, aead)
	}
	return s, nil
}

func newAEAD(key Secret) (cipher.AEAD, error) {
	if len(key.Reveal()) < minSealKey {
		return nil, fmt.Errorf("shorter than %d bytes", minSealKey)
	}
	derived, err := hkdf.Key(sha256.New, []byte(key.Reveal()), nil, "mcp-notion seal v1", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(derived)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// Seal returns text that can stand in a URL. It opens for the same purpose
// only, and for that long.
func (s *Sealer) Seal(purpose string, data []byte, life time.Duration) string {
	plain := binary.BigEndian.AppendUint64(nil, uint64(s.now().Add(life).UnixMilli()))
	box := s.aeads[0].Seal(nil, nil, append(plain, data...), []byte(purpose))
	return base64.RawURLEncoding.EncodeToString(box)
}

// Open returns what was sealed, as often as asked. The error is ErrNotSealed
// or ErrExpired.
func (s *Sealer) Open(purpose, sealed string) ([]byte, error) {
	data, _, err := s.open(purpose, sealed)
	return data, err
}

// OpenOnce is Open for the first time, and ErrUsed after that. What was spent
// is known to this process alone.
func (s *Sealer) OpenOnce(purpose, sealed string) ([]byte, error) {
	data, until, err := s.open(purpose, sealed)
	if err != nil {
		return nil, err
	}
	if !s.spent.add(sha256.Sum256([]byte(sealed)), until, s.now()) {
		return nil, ErrUsed
	}
	return data, nil
}

// open decodes strictly: what can be written in two ways could be used twice.
func (s *Sealer) open(purpose, sealed string) (data []byte, until time.Time, err error) {
	if len(sealed) > maxSealed {
		return nil, until, ErrNotSealed
	}
	box, err := base64.RawURLEncoding.Strict().DecodeString(sealed)
	if err != nil || base64.RawURLEncoding.EncodeToString(box) != sealed {
		return nil, until, ErrNotSealed
	}
	for _, aead := range s.aeads {
		plain, err := aead.Open(nil, nil, box, []byte(purpose))
		if err != nil || len(plain) < 8 {
			continue
		}
		until = time.UnixMilli(int64(binary.BigEndian.Uint64(plain)))
		if !s.now().Before(until) {
			return nil, until, ErrExpired
		}
		return plain[8:], until, nil
	}
	return nil, until, ErrNotSealed
}

// spent remembers what was used until it expires by itself.
type spent struct {
	mu    sync.Mutex
	until map[[sha256.Size]byte]time.Time
}

// add reports whether this was the first time. When there is no room, nothing
// counts as the first time: it fails closed.
func (s *spent) add(id [sha256.Size]byte, until, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, used := s.until[id]; used {
		return false
	}
	if len(s.until) >= maxSpent {
		for k, t := range s.until {
			if !now.Before(t) {
				delete(s.until, k)
			}
		}
	}
	if len(s.until) >= maxSpent {
		return false
	}
	s.until[id] = until
	return true
}
