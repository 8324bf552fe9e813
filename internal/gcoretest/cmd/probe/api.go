package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// requestTime is long: Neutron took 145 s before it refused two tags that differ only in case.
	requestTime = 170 * time.Second
	writeGrace  = 15 * time.Second // that a request which writes has after the end of the run
	answerLimit = 16 << 20         // bytes
	mostTries   = 3
	longestWait = time.Minute // that a Retry-After header can ask for
)

var errRequestsUsedUp = errors.New("the number of requests that the probe allows itself is used up")

// api sends requests with the key to the base URL's host, and to no other.
type api struct {
	settings settings
	http     *http.Client
	sleep    sleeper

	mu    sync.Mutex
	count int
	limit int
}

func newAPI(s settings, limit int, sleep sleeper) *api {
	return &api{settings: s, sleep: sleep, limit: limit, http: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// take counts a request, if there may be one more.
func (a *api) take() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.count >= a.limit {
		return errRequestsUsedUp
	}
	a.count++
	return nil
}

func (a *api) allowMore(requests int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.limit = a.count + requests
}

func (a *api) sent() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.count
}

// answer is what came back, whatever its status.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// send sends a request with the key. A read that gets no answer or 5xx is repeated, and so is what certainly was not
// carried out (429).
func (a *api) send(ctx context.Context, method, path string, body any) (answer, error) {
	for try := 1; ; try++ {
		got, err := a.sendAs(ctx, "APIKey "+a.settings.key, method, path, body)
		again := got.status == http.StatusTooManyRequests || method == http.MethodGet && (err != nil || got.status >= 500)
		if !again || try == mostTries || ctx.Err() != nil || errors.Is(err, errRequestsUsedUp) {
			return got, err
		}
		if err := a.sleep(ctx, got.wait(try)); err != nil {
			return answer{}, err
		}
	}
}

// wait is what the answer asks for, or some seconds.
func (a answer) wait(tries int) time.Duration {
	if seconds, err := strconv.ParseInt(a.header.Get("Retry-After"), 10, 32); err == nil && seconds > 0 {
		return min(time.Duration(seconds)*time.Second, longestWait)
	}
	return time.Duration(tries) * 2 * time.Second
}

// sendAs sends a request once, with an Authorization header unless it is "".
func (a *api) sendAs(ctx context.Context, authorization, method, path string, body any) (answer, error) {
	if err := a.take(); err != nil {
		return answer{}, err
	}
	ctx, cancel := bounded(ctx, method)
	defer cancel()
	var content io.Reader = http.NoBody
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return answer{}, fmt.Errorf("writing the body of %s %s: %w", method, path, err)
		}
		content = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, a.settings.base.String()+path, content)
	if err != nil {
		return answer{}, fmt.Errorf("%s %s: %w", method, path, err)
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "terraform-provider-gcore-probe")
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := a.http.Do(request)
	if err != nil {
		return answer{}, err // it names method and URL, and never a header
	}
	defer response.Body.Close()
	got := answer{status: response.StatusCode, header: response.Header}
	if got.body, err = io.ReadAll(io.LimitReader(response.Body, answerLimit)); err != nil {
		return answer{}, fmt.Errorf("%s %s: reading the answer: %w", method, path, err)
	}
	return got, nil
}

// bounded gives a request its time. One that writes is not cut off by Ctrl-C or by the end of the run, but has some
// more seconds: its answer tells what there is to delete.
func bounded(ctx context.Context, method string) (context.Context, context.CancelFunc) {
	if method == http.MethodGet {
		return context.WithTimeout(ctx, requestTime)
	}
	own, cancel := context.WithTimeout(context.WithoutCancel(ctx), requestTime)
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(writeGrace, cancel) })
	return own, func() {
		stop()
		cancel()
	}
}

// call sends a request and reads its answer, which is an error unless its status is 2xx.
func call[T any](ctx context.Context, a *api, method, path string, body any) (T, error) {
	var result T
	got, err := a.send(ctx, method, path, body)
	if err != nil {
		return result, err
	}
	if got.status < 200 || got.status > 299 {
		return result, newRefusal(method, path, got)
	}
	if err := json.Unmarshal(got.body, &result); err != nil {
		return result, fmt.Errorf("%s %s: reading the answer of status %d: %w", method, path, got.status, err)
	}
	return result, nil
}

// refusal is an answer that is not 2xx.
type refusal struct {
	method, path   string
	status         int
	class, message string              // "" if the answer is not the API's own
	fields         map[string][]string // invalid_fields
}

func newRefusal(method, path string, got answer) *refusal {
	var body struct {
		Class   string              `json:"exception_class"`
		Message string              `json:"message"`
		Fields  map[string][]string `json:"invalid_fields"`
	}
	r := &refusal{method: method, path: path, status: got.status}
	if json.Unmarshal(got.body, &body) == nil {
		r.class, r.message, r.fields = body.Class, body.Message, body.Fields
	}
	return r
}

func (r *refusal) Error() string {
	path, _, _ := strings.Cut(r.path, "?")
	return fmt.Sprintf("%s %s: %s", r.method, path, r.words())
}

// words are the status and what the API says.
func (r *refusal) words() string {
	words := []string{strconv.Itoa(r.status)}
	for _, word := range []string{r.class, r.message} {
		if word != "" {
			words = append(words, word)
		}
	}
	return strings.Join(words, " ")
}
