package gcoretest

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// Answer answers with a status and a body of its own. With Processed the request is carried out first and only its
// answer is lost.
type Answer struct {
	Status      int
	Body        string // "" with an empty ContentType: the API's JSON error body
	ContentType string // "" is application/json
	Header      map[string]string
	Processed   bool
}

func (a Answer) run(c *call) {
	if a.Processed {
		c.process()
	}
	sent := answer{status: a.Status, contentType: a.ContentType, body: []byte(a.Body), header: a.Header}
	if a.Body == "" && a.ContentType == "" {
		failed := refusal{status: a.Status, class: "HTTPError", message: http.StatusText(a.Status)}
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
	limited := Answer{Status: http.StatusTooManyRequests}
	if retryAfter != "" {
		limited.Header = map[string]string{"Retry-After": retryAfter}
	}
	return limited
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
	result.body = withoutField(result.body, o.Field)
	c.send(result)
}

// withoutField leaves a body that is no JSON object as it is.
func withoutField(body []byte, field string) []byte {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(body, &object); err != nil || object == nil {
		return body
	}
	delete(object, field)
	var results []json.RawMessage
	if err := json.Unmarshal(object["results"], &results); err == nil {
		for i := range results {
			results[i] = withoutField(results[i], field)
		}
		object["results"] = jsonAnswer(0, results).body
	}
	return jsonAnswer(0, object).body
}
