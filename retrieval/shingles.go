package retrieval

import (
	"hash/maphash"
	"math/bits"
	"strings"

	"github.com/mcp-notion/mcp-notion/internal/unify"
)

// shingles are the hashes of the runs of three words of a text, with a sketch of
// them that tells most texts apart.
type shingles struct {
	all    []uint64
	sketch [64]uint64 // a set, by some bits of the hash
}

var shingleSeed = maphash.MakeSeed()

func shinglesOf(text string) *shingles {
	text = strings.ToLower(unify.Text(text))
	s := &shingles{all: make([]uint64, 0, 1+len(text)/5)}
	var run [3]uint64
	n := 0
	for word := range strings.FieldsFuncSeq(text, notWord) {
		run = [3]uint64{run[1], run[2], maphash.String(shingleSeed, word)}
		if n++; n >= len(run) {
			s.add(run)
		}
	}
	if n < len(run) {
		s.add(run)
	}
	return s
}

func (s *shingles) add(run [3]uint64) {
	const odd = 0x9e3779b97f4a7c15
	hash := ((run[0]*odd)^run[1])*odd ^ run[2]
	s.all = append(s.all, hash)
	s.sketch[hash%64] |= 1 << (hash / 64 % 64)
}

// in says whether another text has such a share of the shingles.
func (s *shingles) in(other *shingles, share float64) bool {
	lacking := 0 // at least
	for i, set := range s.sketch {
		lacking += bits.OnesCount64(set &^ other.sketch[i])
	}
	if float64(len(s.all)-lacking) < share*float64(len(s.all)) {
		return false
	}
	mine, theirs := setOf(s.all), setOf(other.all)
	common := 0
	for hash := range mine {
		if theirs[hash] {
			common++
		}
	}
	return float64(common) >= share*float64(len(mine))
}

func setOf(all []uint64) map[uint64]bool {
	set := make(map[uint64]bool, len(all))
	for _, hash := range all {
		set[hash] = true
	}
	return set
}
