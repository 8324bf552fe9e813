package gcoretest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Answer answers with a status and a body of its own. With Processed the request is carried out first and only its
// answer is lost.
type Answer struct {
	Status      int
	Body        string // "" with an empty ContentType: the API's JSON error body
	ContentType string // "" is application/json
	Header      map[string]string
	Processed   bool
	Class       string // of the API's error body; "" is HTTPError
	Message     string // of it; "" is the status in words
}

func (a Answer) run(c *call) {
	if a.Processed {
		c.process()
	}
	sent := answer{status: a.Status, contentType: a.ContentType, body: []byte(a.Body), header: a.Header}
	if a.Body == "" && a.ContentType == "" {
		failed := refusal{status: a.Status, class: cmp.Or(a.Class, "HTTPError"), message: cmp.Or(a.Message, http.StatusText(a.Status))}
		sent.body = failed.answer(c.record.ID).body
	}
	if sent.contentType == "" {
		sent.contentType = "application/json"
	}
	c.send(sent)
}

// TooManyRequests answers 429, unprocessed. retryAfter is the text of the header Retry-After, seconds or a date
// (RFC 9110, 10.2.3); "" leaves the header out.
func TooManyRequests(retryAfter string) Answer {
	return withRetryAfter(http.StatusTooManyRequests, retryAfter)
}

// ServiceUnavailable answers 503, unprocessed. retryAfter is as for TooManyRequests.
func ServiceUnavailable(retryAfter string) Answer {
	return withRetryAfter(http.StatusServiceUnavailable, retryAfter)
}

func withRetryAfter(status int, retryAfter string) Answer {
	a := Answer{Status: status}
	if retryAfter != "" {
		a.Header = map[string]string{"Retry-After": retryAfter}
	}
	return a
}

// NotFound answers with the API's own 404 about an object of a kind, such as "Project" or "SecurityGroup".
func NotFound(kind, id string) Answer {
	missing := notFound(kind, id)
	return Answer{Status: missing.status, Class: missing.class, Message: missing.message}
}

// HTMLPage answers as a proxy before the API does: a page in place of JSON. With status 404 it does not say that an
// object is gone, since the API's own 404 is JSON.
func HTMLPage(status int, processed bool) Answer {
	title := fmt.Sprintf("%d %s", status, http.StatusText(status))
	return Answer{
		Status: status, ContentType: "text/html; charset=utf-8", Processed: processed,
		Body: "<html>\r\n<head><title>" + title + "</title></head>\r\n<body><h1>" + title + "</h1></body>\r\n</html>\r\n",
	}
}

// GarbageJSON answers 200 with a body that claims to be JSON and is none.
func GarbageJSON(processed bool) Answer {
	return Answer{Status: http.StatusOK, Body: `{"tasks": ["` + "\x00\xff" + `, "id"`, Processed: processed}
}

// WrongShape answers 200 with a body that is not what the operation answers, such as {}, null, [] or no text at
// all.
func WrongShape(body string, processed bool) Answer {
	return Answer{Status: http.StatusOK, Body: body, ContentType: "application/json", Processed: processed}
}

// Omit answers as usual, but without a field: of the answer itself, of each entry of a list's results and of each
// task. With "security_group_rules" it is the answer of an API that does not say which rules there are, which is not
// the same as none.
type Omit struct {
	Field string
}

func (o Omit) run(c *call) {
	result := c.process()
	result.body = edited(result.body, func(object map[string]json.RawMessage) { delete(object, o.Field) })
	c.send(result)
}

// SetField answers as usual, but with another value in a field: of the answer itself, of each entry of a list's results,
// of each task. "security_group_rules.id" is the field of each rule. Where there is no such field nothing changes.
type SetField struct {
	Field string
	JSON  string // the value
}

func (f SetField) run(c *call) {
	result := c.process()
	names := strings.Split(f.Field, ".")
	result.body = edited(result.body, func(object map[string]json.RawMessage) { setField(object, names, json.RawMessage(f.JSON)) })
	c.send(result)
}

func setField(object map[string]json.RawMessage, names []string, value json.RawMessage) {
	old, ok := object[names[0]]
	if !ok {
		return
	}
	if len(names) == 1 {
		object[names[0]] = value
		return
	}
	var list []map[string]json.RawMessage
	if err := json.Unmarshal(old, &list); err != nil {
		return
	}
	for _, entry := range list {
		setField(entry, names[1:], value)
	}
	object[names[0]] = jsonAnswer(0, list).body
}

// TwiceInAnswer answers as usual, but the first rule of each group is in its list twice, with the same id.
type TwiceInAnswer struct{}

func (TwiceInAnswer) run(c *call) {
	result := c.process()
	result.body = edited(result.body, func(object map[string]json.RawMessage) {
		var rules []json.RawMessage
		if err := json.Unmarshal(object["security_group_rules"], &rules); err == nil && len(rules) > 0 {
			object["security_group_rules"] = jsonAnswer(0, append(rules, rules[0])).body
		}
	})
	c.send(result)
}

// EmptyPage answers every page of a list but the first without entries; count says how many there are nevertheless.
type EmptyPage struct{}

func (EmptyPage) run(c *call) {
	result := c.process()
	if offset := intField(c.query, "offset"); offset != nil && *offset > 0 {
		result.body = edited(result.body, func(object map[string]json.RawMessage) {
			if _, ok := object["results"]; ok {
				object["results"] = json.RawMessage("[]")
			}
		})
	}
	c.send(result)
}

// edited edits a JSON object, and the entries of its results if it is a page of a list. A body that is no JSON object
// stays as it is.
func edited(body []byte, edit func(map[string]json.RawMessage)) []byte {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(body, &object); err != nil || object == nil {
		return body
	}
	var results []json.RawMessage
	if err := json.Unmarshal(object["results"], &results); err == nil {
		for i := range results {
			results[i] = edited(results[i], edit)
		}
		object["results"] = jsonAnswer(0, results).body
	}
	edit(object)
	return jsonAnswer(0, object).body
}

// WrongDate answers as usual, but the header Date is ahead by a time: that of another gateway.
type WrongDate struct {
	By time.Duration
}

func (w WrongDate) run(c *call)     { runPrepared(w, c) }
func (w WrongDate) prepare(c *call) { c.dateBy = w.By }

// NoDate answers as usual, but without the header Date, as behind a proxy that strips it.
type NoDate struct{}

func (n NoDate) run(c *call)     { runPrepared(n, c) }
func (n NoDate) prepare(c *call) { c.noDate = true }
