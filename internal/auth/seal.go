package auth

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
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
)

// Sealer hands data to people who may neither read nor change it, and takes it
// back: state of a sign-in, links, cursors. It is safe for concurrent use.
type Sealer struct {
	aeads []cipher.AEAD // the first seals, all open
	now   func() time.Time
	spent spent
}

// SealerConfig says what a Sealer seals with. The zero value has a key of its
// own, which ends with the process.
type SealerConfig struct {
	// Keys have at least 32 bytes of randomness each. The first seals and all
	// of them open, so a new key is put in front and the old one kept until all
	// that it sealed has expired.
	Keys []Secret
	// Spent is a folder that remembers what was used, so that a restart does
	// not forget it; replicas share one. Without it, this process alone does.
	Spent string
	Now   func() time.Time // nil means time.Now
}

// NewSealer returns a Sealer.
func NewSealer(c SealerConfig) (*Sealer, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	if len(c.Keys) == 0 {
		random := make([]byte, minSealKey)
		_, _ = rand.Read(random) // never fails
		c.Keys = []Secret{NewSecret(string(random))}
	}
	s := &Sealer{now: c.Now, spent: &spentHere{until: map[string]time.Time{}}}
	if c.Spent != "" {
		s.spent = &spentFolder{dir: c.Spent}
	}
	for n, key := range c.Keys {
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

// OpenOnce is Open for the first time, and ErrUsed after that. Another error
// means that it could not be written down that this is the first time, and then
// it does not count as one.
func (s *Sealer) OpenOnce(purpose, sealed string) ([]byte, error) {
	data, until, err := s.open(purpose, sealed)
	if err != nil {
		return nil, err
	}
	if err := s.spent.add(spentID(sealed), until, s.now()); err != nil {
		return nil, err
	}
	return data, nil
}

// OpenUnused is Open until OpenOnce has been called, and ErrUsed after that. It
// is for what is shown again and again, and can be ended.
func (s *Sealer) OpenUnused(purpose, sealed string) ([]byte, error) {
	data, until, err := s.open(purpose, sealed)
	if err != nil {
		return nil, err
	}
	switch used, err := s.spent.has(spentID(sealed), until); {
	case err != nil:
		return nil, err
	case used:
		return nil, ErrUsed
	}
	return data, nil
}

func spentID(sealed string) string {
	sum := sha256.Sum256([]byte(sealed))
	return hex.EncodeToString(sum[:])
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
