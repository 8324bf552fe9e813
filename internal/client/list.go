package client

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"strconv"
)

const (
	// pageSize is the most that the API returns at once. The default is 10.
	pageSize = 1000
	// mostPages ends a list that never ends by itself.
	mostPages = 1000
)

// page is one answer of a list: count is the number of entries over all pages.
type page[T answer] struct {
	Count   int64 `json:"count"`
	Results *[]T  `json:"results"`
}

func (p page[T]) validate(m mask) error {
	if p.Results == nil {
		return errors.New("the list has no results")
	}
	for _, entry := range *p.Results {
		if err := entry.validate(m); err != nil {
			return err
		}
	}
	return nil
}

// listAll yields the entries of all pages of a list. Objects that are created or deleted meanwhile shift the later pages: no
// entry is yielded twice, but one may be missed, so absence from a list proves nothing. A list that breaks off is read once
// more from the start. Nothing follows an error.
func listAll[T answer](ctx context.Context, c *Client, e exchange, id func(T) string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		seen := map[string]bool{}
		var brokenOff error
		for range 2 {
			brokenOff = nil
			for entry, err := range listOnce(ctx, c, e, id) {
				switch {
				case errors.Is(err, errBrokenOff):
					brokenOff = err
					continue
				case err == nil && seen[id(entry)]:
					continue
				case err == nil:
					seen[id(entry)] = true
				}
				if !yield(entry, err) {
					return
				}
			}
			if brokenOff == nil {
				return
			}
		}
		var zero T
		yield(zero, brokenOff)
	}
}

// errBrokenOff is a list with an empty page before the end that its count promises.
var errBrokenOff = errors.New("the list breaks off")

// listOnce is listAll without a second try.
func listOnce[T answer](ctx context.Context, c *Client, e exchange, id func(T) string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		seen := map[string]bool{}
		e.query = maps.Clone(e.query)
		offset := 0
		for range mostPages {
			e.query.Set("limit", strconv.Itoa(pageSize))
			e.query.Set("offset", strconv.Itoa(offset))
			answer, err := fetch[page[T]](ctx, c, e)
			if err != nil {
				yield(zero, err)
				return
			}
			known := len(seen)
			for _, entry := range *answer.Results {
				if seen[id(entry)] {
					continue
				}
				seen[id(entry)] = true
				if !yield(entry, nil) {
					return
				}
			}
			got := len(*answer.Results)
			offset += got
			switch {
			case got == 0 && int64(offset) < answer.Count:
				yield(zero, fmt.Errorf("%s: %w after %d of %d entries", e.operation, errBrokenOff, offset, answer.Count))
				return
			// A server without a count, or with a wrong one, ends its list with a page that is not full.
			case got == 0 || int64(offset) >= answer.Count && got < pageSize:
				return
			}
			if len(seen) == known {
				break
			}
		}
		yield(zero, fmt.Errorf("%s: after %d different entries the list does not end", e.operation, len(seen)))
	}
}
