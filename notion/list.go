package notion

import (
	"errors"
	"iter"
	"net/url"
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
	if l.Status.Reason == "" {
		return "incomplete"
	}
	return l.Status.Reason
}

var (
	errNoCursor   = errors.New("has_more without a next_cursor")
	errSameCursor = errors.New("a next_cursor that was used before, so that the list would never end")
)

// checkCursor refuses a list that would end too early or never.
func (l *list[T]) checkCursor(used string) error {
	switch {
	case !l.HasMore:
		l.NextCursor = ""
	case l.NextCursor == "":
		return errNoCursor
	case l.NextCursor == used:
		return errSameCursor
	}
	return nil
}

// paged calls fetch until it gives no next cursor. A cursor that comes twice
// is an error.
func paged[T any](cursor string, fetch func(cursor string) (T, string, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		seen := map[string]bool{}
		for {
			seen[cursor] = true
			page, next, err := fetch(cursor)
			if !yield(page, err) || err != nil || next == "" {
				return
			}
			if seen[next] {
				var none T
				yield(none, malformed("read a list", errSameCursor))
				return
			}
			cursor = next
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

func pageQuery(cursor string) url.Values {
	query := url.Values{"page_size": {"100"}}
	if cursor != "" {
		query.Set("start_cursor", cursor)
	}
	return query
}

func pageBody(cursor string, size int) map[string]any {
	if size <= 0 || size > 100 {
		size = 100
	}
	body := map[string]any{"page_size": size}
	if cursor != "" {
		body["start_cursor"] = cursor
	}
	return body
}
