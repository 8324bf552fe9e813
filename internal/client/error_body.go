package client

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Bounds of an error, whose body may be anything. The lengths of texts are in characters.
const (
	longestText    = 300
	longestMessage = 1000
	mostFields     = 50
	mostMessages   = 10
	deepestNesting = 8
)

// excerpt is the beginning of any text on one line, of at most limit characters: what is not printable becomes a space,
// and runs of spaces one.
func excerpt(text string, limit int) string {
	// More than this is not shown, unless it is mostly space.
	source := 16 * limit
	cut := len(text) > source
	text = strings.ToValidUTF8(text[:min(len(text), source)], " ")
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || !unicode.IsPrint(r) }), " ")
	if runes := []rune(text); len(runes) > limit {
		text, cut = string(runes[:limit]), true
	}
	if cut {
		text += "..."
	}
	return text
}

// jsonObject decodes the values of a JSON object; nil for anything else.
func jsonObject(text []byte) map[string]json.RawMessage {
	var values map[string]json.RawMessage
	if json.Unmarshal(text, &values) != nil {
		return nil
	}
	return values
}

// newError reads what it can from an answer. It cannot fail: the status alone is an error.
func newError(m mask, method, path string, reply reply) *Error {
	result := &Error{Method: method, Path: path, StatusCode: reply.status, RequestID: requestID(m, reply)}
	if reply.status/100 == 3 {
		result.Message = redirectMessage(m, reply.header.Get("Location"))
		return result
	}
	fields := jsonObject(reply.body)
	result.Class = looseText(m, fields["exception_class"], longestText)
	// The services behind the gateway use different names.
	for _, name := range []string{"message", "detail", "error"} {
		result.Message = cmp.Or(result.Message, looseText(m, fields[name], longestMessage))
	}
	if result.Message == "" && result.Class == "" {
		result.Message = m.line(string(reply.body), longestText)
	}
	if isWebPage(reply) {
		result.Message = ErrWebPage.Error() + pageTitle(m, reply)
	}
	result.addMessages(m, "", fields["invalid_fields"], 0)
	result.Info = details(m, fields["info"])
	return result
}

// requestID is the id by which the vendor can find a request: the one in the body of an error, else in the API's own
// header, else in the one that gateways and proxies commonly set.
func requestID(m mask, reply reply) string {
	if !reply.success() {
		if id := looseText(m, jsonObject(reply.body)["request_id"], longestText); id != "" {
			return id
		}
	}
	return m.line(cmp.Or(reply.header.Get("request_id"), reply.header.Get("X-Request-Id")), longestText)
}

// redirectMessage names only the host: the rest of such an address may contain a token.
func redirectMessage(m mask, location string) string {
	const remedy = "which is not followed, since the API key must go to no other address: check the base URL"
	target, err := url.Parse(location)
	if err != nil || target.Host == "" {
		return "a redirect, " + remedy
	}
	return "a redirect to " + m.line(target.Scheme+"://"+target.Host, longestText) + ", " + remedy
}

// unreadable says what is wrong with an answer of status 2xx, and shows its beginning if it is not JSON.
func unreadable(m mask, err error, reply reply) error {
	what := "unreadable answer"
	wrong, isType := errors.AsType[*json.UnmarshalTypeError](err)
	switch {
	case isType && wrong.Field == "":
		what += ": it has the wrong type"
	case isType:
		what += fmt.Sprintf(": the field %q has the wrong type", wrong.Field)
	case isWebPage(reply):
		return fmt.Errorf("%w%s", ErrWebPage, pageTitle(m, reply))
	case is[*json.SyntaxError](err):
		what += " (" + excerpt(reply.header.Get("Content-Type"), longestText) + ")"
		err = fmt.Errorf("%w: %q", err, m.line(string(reply.body[:min(len(reply.body), loggedBodies)]), longestText))
	}
	return m.error(fmt.Errorf("%s: %w", what, err))
}

// isWebPage reports whether something in front of the API, or another server, answered.
func isWebPage(reply reply) bool { return bytes.HasPrefix(bytes.TrimSpace(reply.body), []byte("<")) }

// pageTitle is what a web page is called, as a part of a sentence.
func pageTitle(m mask, reply reply) string {
	title := titlePattern.FindSubmatch(reply.body[:min(len(reply.body), loggedBodies)])
	if title == nil {
		return ""
	}
	return fmt.Sprintf(" titled %q", m.line(html.UnescapeString(string(title[1])), longestText))
}

var titlePattern = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)

// looseText is a JSON string as a bounded line, or the JSON text of any other value; null and absent are empty.
func looseText(m mask, raw json.RawMessage, limit int) string {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		text = string(raw)
	}
	return m.line(text, limit)
}

// addMessages adds the messages in value, found under name. It accepts the documented object of lists as well as lists,
// strings and nested objects.
func (e *Error) addMessages(m mask, name string, value json.RawMessage, depth int) {
	var object map[string]json.RawMessage
	var list []json.RawMessage
	if depth < deepestNesting && json.Unmarshal(value, &object) != nil {
		_ = json.Unmarshal(value, &list)
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		e.addMessages(m, join(m, name, key), object[key], depth+1)
	}
	for i, item := range list[:min(len(list), mostFields)] {
		itemName := name
		if item[0] == '{' || item[0] == '[' { // the decoder leaves no space before it
			itemName = join(m, name, strconv.Itoa(i))
		}
		e.addMessages(m, itemName, item, depth+1)
	}
	text := looseText(m, value, longestText)
	known := e.InvalidFields[name]
	if object != nil || list != nil || text == "" ||
		len(known) >= mostMessages || known == nil && len(e.InvalidFields) >= mostFields {
		return
	}
	if e.InvalidFields == nil {
		e.InvalidFields = map[string][]string{}
	}
	e.InvalidFields[name] = append(known, text)
}

func join(m mask, name, key string) string {
	if name != "" {
		key = name + "." + key
	}
	return m.line(key, longestText)
}

// details returns the values of the info object as texts.
func details(m mask, raw json.RawMessage) map[string]string {
	var result map[string]string
	object := jsonObject(raw)
	for _, name := range slices.Sorted(maps.Keys(object)) {
		text := looseText(m, object[name], longestText)
		if text == "" || len(result) >= mostFields {
			continue
		}
		if result == nil {
			result = map[string]string{}
		}
		result[m.line(name, longestText)] = text
	}
	return result
}
