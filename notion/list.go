package notion

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"sync"
)

// list is the envelope of all lists. NextCursor is "" at the end.
type list[T any] struct {
	Results    []T    `json:"results"`
	NextCursor string `json:"next_cursor"`
	HasMore    bool   `json:"has_more"`
	Status     struct {
		Type   string `json:"type"`
		Reason string `json:"incomplete_reason"`
	} `json:"request_status"`
}

func (l *list[T]) incomplete() string {
	if l.Status.Type != "incomplete" {
		return ""
	}
	if !wordPattern.MatchString(l.Status.Reason) {
		return "incomplete"
	}
	return l.Status.Reason
}

var (
	errNoCursor   = errors.New("has_more without a next_cursor")
	errSameCursor = errors.New("a next_cursor that was used before, so that the list would never end")
)

// checkCursor refuses a list that would end too early or never. It leaves
// nothing of it for the answer to the next try.
func (l *list[T]) checkCursor(used string) error {
	switch {
	case !l.HasMore:
		l.NextCursor = ""
	case l.NextCursor == "":
		*l = list[T]{}
		return errNoCursor
	case l.NextCursor == used:
		*l = list[T]{}
		return errSameCursor
	}
	return nil
}

// mostBegun is how often a list is begun anew.
const mostBegun = 3

// Walk reads a list to its end: it calls fetch with "" and then with the cursor
// that fetch returned, until that is "". A cursor expires, or loses the item that
// it stands at; when Notion takes one no longer, the list is begun anew with "",
// a few times at most, and fetch then drops what it has or bears to see it again.
func Walk(fetch func(cursor string) (next string, err error)) error {
	for begun := 0; ; begun++ {
		cursor, err := walk(fetch)
		if cursor == "" || !errors.Is(err, ErrValidation) {
			return err
		}
		if begun == mostBegun {
			return fmt.Errorf("%w: its cursors are refused: %v", ErrMalformed, err) // a fault of the list, and not of what was asked for
		}
	}
}

// walk returns the cursor at which it ended. One that comes twice is an error.
func walk(fetch func(cursor string) (next string, err error)) (string, error) {
	cursor := ""
	for seen := map[string]bool{}; ; {
		seen[cursor] = true
		next, err := fetch(cursor)
		switch {
		case err != nil || next == "":
			return cursor, err
		case seen[next]:
			return cursor, malformed("read a list", errSameCursor)
		}
		cursor = next
	}
}

// paged gives page after page of a list that Walk reads. What came before a list
// was begun anew comes again.
func paged[T any](from string, fetch func(cursor string) (T, string, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		err := Walk(func(cursor string) (string, error) {
			if cursor == "" {
				cursor = from
			}
			page, next, err := fetch(cursor)
			if err == nil && !yield(page, nil) {
				return "", nil
			}
			return next, err
		})
		if err != nil {
			var none T
			yield(none, err)
		}
	}
}

func flat[T any](pages iter.Seq2[[]T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for page, err := range pages {
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, v := range page {
				if !yield(v, nil) {
					return
				}
			}
		}
	}
}

// steps are the numbers of items that are asked for at once. A request that is
// too heavy for Notion goes with fewer.
var steps = [...]int{100, 50, 25, 10}

// goodBefore is how many answers come at one step before the next larger one is
// tried again.
const goodBefore = 10

// sizes remembers how many items Notion can hand out at once, by the kind of
// list. Kinds without trouble are not in it.
type sizes struct {
	mu sync.Mutex
	of map[string]*size
}

type size struct {
	step int // index of steps
	good int // answers since the last change
}

// most is what to ask for at most.
func (s *sizes) most(kind string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if z := s.of[kind]; z != nil {
		return steps[z.step]
	}
	return steps[0]
}

// tooMany notes that so many were too many, and returns how many to ask for
// next; false if there are no fewer.
func (s *sizes) tooMany(kind string, asked int) (int, bool) {
	step := slices.IndexFunc(steps[:], func(n int) bool { return n < asked })
	if step < 0 {
		return asked, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	z := s.of[kind]
	if z == nil {
		z = &size{}
		s.of[kind] = z
	}
	z.step, z.good = max(z.step, step), 0
	return steps[step], true
}

// answered notes that Notion has handed out a list of a kind.
func (s *sizes) answered(kind string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	z := s.of[kind]
	if z == nil {
		return
	}
	if z.good++; z.good < goodBefore {
		return
	}
	if z.step, z.good = z.step-1, 0; z.step == 0 {
		delete(s.of, kind)
	}
}

func pageQuery(cursor string) url.Values {
	query := url.Values{pageSize: {"100"}}
	if cursor != "" {
		query.Set("start_cursor", cursor)
	}
	return query
}

func pageBody(cursor string, size int) map[string]any {
	if size <= 0 || size > 100 {
		size = 100
	}
	body := map[string]any{pageSize: size}
	if cursor != "" {
		body["start_cursor"] = cursor
	}
	return body
}

// asked is how many items a call asks for at once; 0 if it is for no list.
func (k call) asked() int {
	if body, ok := k.body.(map[string]any); ok {
		n, _ := body[pageSize].(int)
		return n
	}
	n, err := strconv.Atoi(k.query.Get(pageSize))
	if err != nil {
		return 0
	}
	return n
}

// asking is a call that asks for so many items at once.
func (k call) asking(n int) call {
	if k.asked() == 0 {
		return k
	}
	if body, ok := k.body.(map[string]any); ok {
		body = maps.Clone(body)
		body[pageSize] = n
		k.body = body
		return k
	}
	k.query = maps.Clone(k.query)
	k.query.Set(pageSize, strconv.Itoa(n))
	return k
}

const pageSize = "page_size"
