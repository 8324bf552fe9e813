package client

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/url"
	"strconv"
)

const (
	// pageSize is the most that the API gives at once. By default it gives 10.
	pageSize = 1000
	// mostPages ends a list that never would by itself.
	mostPages = 1000
)

// page is one answer of a list: count is the number of entries over all pages.
type page[T answer] struct {
	Count   int64 `json:"count"`
	Results *[]T  `json:"results"`
}

func (p page[T]) validate() error {
	if p.Results == nil {
		return errors.New("the list has no results")
	}
	for _, entry := range *p.Results {
		if err := entry.validate(); err != nil {
			return err
		}
	}
	return nil
}

// pages yields the entries of all pages of a list. Entries that come or go meanwhile shift the later pages: an entry is
// never yielded twice, but one may be missed, so absence from a list proves nothing. An error is the last thing that is
// yielded.
func pages[T answer](ctx context.Context, c *Client, e exchange, id func(T) string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		seen := map[string]struct{}{}
		query := maps.Clone(e.query)
		if query == nil {
			query = url.Values{}
		}
		offset := 0
		for range mostPages {
			query.Set("limit", strconv.Itoa(pageSize))
			query.Set("offset", strconv.Itoa(offset))
			e.query = query
			answer, err := fetch[page[T]](ctx, c, e)
			if err != nil {
				yield(zero, err)
				return
			}
			known := len(seen)
			for _, entry := range *answer.Results {
				if _, ok := seen[id(entry)]; ok {
					continue
				}
				seen[id(entry)] = struct{}{}
				if !yield(entry, nil) {
					return
				}
			}
			got := len(*answer.Results)
			offset += got
			// A server that does not count, or wrongly, ends its list with a page that is not full.
			if got == 0 || int64(offset) >= answer.Count && got < pageSize {
				return
			}
			if len(seen) == known {
				break
			}
		}
		yield(zero, fmt.Errorf("%s: after %d different entries the list does not end", e.operation, len(seen)))
	}
}
