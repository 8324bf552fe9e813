package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"reflect"
	"strconv"
	"strings"
)

const (
	// pageSize is the most that the API returns at once. The default is 10.
	pageSize = 1000
	// mostPages ends a list that never ends by itself.
	mostPages = 20
	// mostEntries is more rules or tags than a group can have, and the entries of a full page.
	mostEntries = pageSize
)

// entries decodes a JSON array of at most mostEntries. A few KiB, compressed, may hold millions, each of which takes many
// times the memory when it is decoded.
type entries[T any] []T

func (e *entries[T]) UnmarshalJSON(data []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	*e = nil
	switch token, err := decoder.Token(); {
	case err != nil || token == nil:
		return err
	case token != json.Delim('['):
		return &json.UnmarshalTypeError{Value: "no array", Type: reflect.TypeFor[[]T]()}
	}
	*e = entries[T]{}
	for decoder.More() {
		if len(*e) == mostEntries {
			return fmt.Errorf("%w: a list of more than %d entries", errAnswerTooLarge, mostEntries)
		}
		var entry T
		if err := decoder.Decode(&entry); err != nil {
			return err
		}
		*e = append(*e, entry)
	}
	return nil
}

// unmarshalFields is json.Unmarshal for a struct that embeds a type named fields, which errors then do not mention.
func unmarshalFields(data []byte, into any) error {
	err := json.Unmarshal(data, into)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		wrong.Field = strings.TrimPrefix(wrong.Field, "fields.")
	}
	return err
}

// page is one answer of a list: count is the number of entries over all pages.
type page[T answer] struct {
	Count   int64       `json:"count"`
	Results *entries[T] `json:"results"`
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
		e.query, e.paged = maps.Clone(e.query), true
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
