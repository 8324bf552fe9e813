package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Bounds of what an error takes over from a body that may be anything. Texts are counted in characters.
const (
	longestText    = 300
	longestMessage = 1000
	mostFields     = 50
	mostMessages   = 10
	deepestNesting = 8
)

// excerpt makes one bounded line of any text: what is not printable becomes a space, and runs of spaces one.
func excerpt(text string, limit int) string {
	// No more than this can come to be shown, unless it is mostly space.
	source := 16 * limit
	cut := len(text) > source
	text = strings.ToValidUTF8(text[:min(len(text), source)], " ")
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > limit {
		text, cut = string(runes[:limit]), true
	}
	if cut {
		text += "..."
	}
	return text
}

// newError reads whatever an answer has to say. It cannot fail: the status alone is an error.
func newError(m mask, method, path string, response *http.Response, body []byte) *Error {
	result := &Error{
		Method: method, Path: path, StatusCode: response.StatusCode,
		RequestID: requestID(m, response, body),
	}
	if response.StatusCode/100 == 3 {
		result.Message = redirectMessage(m, response.Header.Get("Location"))
		return result
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil || fields == nil {
		result.Message = m.line(string(body), longestText)
		return result
	}
	result.Class = looseText(m, fields["exception_class"], longestText)
	// The services behind the gateway do not all name it alike.
	for _, name := range []string{"message", "detail", "error"} {
		if result.Message = looseText(m, fields[name], longestMessage); result.Message != "" {
			break
		}
	}
	if result.Message == "" && result.Class == "" {
		result.Message = m.line(string(body), longestText)
	}
	result.InvalidFields = invalidFields(m, fields["invalid_fields"])
	result.Info = details(m, fields["info"])
	return result
}

// requestID is the id by which the vendor finds a request again: the one that the API puts into the body of an error,
// or else that of a header, which is not documented but common.
func requestID(m mask, response *http.Response, body []byte) string {
	if response.StatusCode/100 != 2 {
		var fields map[string]json.RawMessage
		if json.Unmarshal(body, &fields) == nil {
			if id := looseText(m, fields["request_id"], longestText); id != "" {
				return id
			}
		}
	}
	return m.line(response.Header.Get("X-Request-Id"), longestText)
}

// redirectMessage names the host alone: the rest of such an address can hold a token.
func redirectMessage(m mask, location string) string {
	const remedy = "which is not followed, since the API key must go to no other address: check the base URL"
	target, err := url.Parse(location)
	if err != nil || target.Host == "" {
		return "a redirect, " + remedy
	}
	return "a redirect to " + m.line(target.Scheme+"://"+target.Host, longestText) + ", " + remedy
}

// unreadable says what is wrong with an answer of status 2xx, and shows its beginning if it is no JSON.
func unreadable(m mask, err error, contentType string, body []byte) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		what := "it"
		if wrong.Field != "" {
			what = fmt.Sprintf("the field %q", wrong.Field)
		}
		err = fmt.Errorf("unreadable answer: %s has the wrong type: %w", what, err)
	} else if _, ok := errors.AsType[*json.SyntaxError](err); ok {
		beginning := string(body[:min(len(body), loggedBodies)])
		err = fmt.Errorf("unreadable answer (%s): %w: %q",
			excerpt(contentType, longestText), err, m.line(beginning, longestText))
	} else {
		err = fmt.Errorf("unreadable answer: %w", err)
	}
	return m.error(err)
}

// looseText is a JSON string as a bounded line, and any other value as its JSON text; null and absent are empty.
func looseText(m mask, raw json.RawMessage, limit int) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return m.line(text, limit)
	}
	return m.line(string(raw), limit)
}

// invalidFields takes the documented object of lists as well as lists, strings and nested objects.
func invalidFields(m mask, raw json.RawMessage) map[string][]string {
	result := map[string][]string{}
	collect(m, result, "", raw, 0)
	if len(result) == 0 {
		return nil
	}
	return result
}

// collect adds the messages of value, found under name, to result.
func collect(m mask, result map[string][]string, name string, value json.RawMessage, depth int) {
	var object map[string]json.RawMessage
	var list []json.RawMessage
	switch {
	case depth < deepestNesting && json.Unmarshal(value, &object) == nil && object != nil:
		for _, key := range slices.Sorted(maps.Keys(object)) {
			collect(m, result, join(m, name, key), object[key], depth+1)
		}
	case depth < deepestNesting && json.Unmarshal(value, &list) == nil && list != nil:
		for i, item := range list[:min(len(list), mostFields)] {
			if nested(item) {
				collect(m, result, join(m, name, strconv.Itoa(i)), item, depth+1)
			} else {
				collect(m, result, name, item, depth+1)
			}
		}
	default:
		text := looseText(m, value, longestText)
		if text == "" || len(result[name]) >= mostMessages || result[name] == nil && len(result) >= mostFields {
			return
		}
		result[name] = append(result[name], text)
	}
}

func join(m mask, name, key string) string {
	if name == "" {
		return m.line(key, longestText)
	}
	return m.line(name+"."+key, longestText)
}

// nested tells a JSON object or list. A raw message has no space before it.
func nested(value json.RawMessage) bool {
	return len(value) > 0 && (value[0] == '{' || value[0] == '[')
}

// details takes the values of the info object as texts.
func details(m mask, raw json.RawMessage) map[string]string {
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) != nil {
		return nil
	}
	result := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if text := looseText(m, object[name], longestText); text != "" && len(result) < mostFields {
			result[m.line(name, longestText)] = text
		}
	}
	if len(result) == 0 {
		return nil
	}
	return result
}
