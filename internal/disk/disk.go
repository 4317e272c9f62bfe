// Package disk says how much room there is, and which errors mean that there is
// none.
package disk

import (
	"errors"
	"fmt"
	"strings"
)

// ErrFull means that nothing more can be kept.
var ErrFull = errors.New("the disk is full")

// Mark is an error that is ErrFull as well if there was no room.
func Mark(err error) error {
	if Full(err) && !errors.Is(err, ErrFull) {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}

// Full says whether an error means that a disk, a quota or a file has no room
// left. Libraries pass on the words alone of what the system said, so these
// count as well.
func Full(err error) bool {
	if err == nil {
		return false
	}
	if errors.Is(err, ErrFull) {
		return true
	}
	said := err.Error()
	for _, no := range fullErrors {
		if errors.Is(err, no) || strings.Contains(said, no.Error()) {
			return true
		}
	}
	return false
}
