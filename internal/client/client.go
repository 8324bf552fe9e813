package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// DefaultBaseURL is the public address of the API.
const DefaultBaseURL = "https://api.gcore.com"

// Config configures a Client.
type Config struct {
	// BaseURL is the address of the API without a path, with or without a trailing slash. The scheme is https; http is
	// accepted for a loopback host only. Empty: DefaultBaseURL.
	BaseURL string
	// APIKey is the bare permanent API token, without the scheme word "APIKey". Required.
	APIKey string
	// UserAgent is sent with each request. Empty: "terraform-provider-gcore".
	UserAgent string
	// PollInterval is the longest wait between two polls of a task. Zero: 3 seconds.
	PollInterval time.Duration
	// RequestTimeout limits one HTTP request, from dialing to the last byte of the answer. Zero: 60 seconds.
	RequestTimeout time.Duration
}

// Format keeps the key out of all that the fmt package prints of a Config.
func (c Config) Format(state fmt.State, _ rune) {
	_, _ = fmt.Fprintf(state, "{BaseURL:%s APIKey:%s UserAgent:%s PollInterval:%s RequestTimeout:%s}",
		c.BaseURL, keyMask, c.UserAgent, c.PollInterval, c.RequestTimeout)
}

// Client calls the Gcore Cloud API. Create one with New.
type Client struct {
	base           *url.URL
	header         http.Header
	pollInterval   time.Duration
	requestTimeout time.Duration
	pool           http.RoundTripper
	sleep          func(ctx context.Context, d time.Duration) error
	limit          func(ctx context.Context, limit time.Duration, cause error) (context.Context, context.CancelFunc)
	now            func() time.Time
	random         func() float64 // in [0, 1), for jitter
	logger         Logger
	mask           mask
	clock          serverClock
	durations      durations
	reads          *readSharing
	polls          *pollSharing
}

// Format keeps the key out of all that the fmt package prints of a Client.
func (c *Client) Format(state fmt.State, _ rune) {
	if c == nil || c.base == nil {
		_, _ = fmt.Fprint(state, "client of no API")
		return
	}
	_, _ = fmt.Fprintf(state, "client of %s", c.base)
}

// Option changes how a Client works.
type Option func(*Client)

// WithSleep replaces the waits between polls and between tries. The function returns nil after d, or the context's error
// as soon as ctx ends.
func WithSleep(sleep func(ctx context.Context, d time.Duration) error) Option {
	return func(c *Client) { c.sleep = sleep }
}

// WithTimeout replaces context.WithTimeoutCause in Timeout, for tests whose waits are shorter than they say.
func WithTimeout(timeout func(ctx context.Context, limit time.Duration, cause error) (context.Context, context.CancelFunc)) Option {
	return func(c *Client) { c.limit = timeout }
}

// WithClock replaces time.Now.
func WithClock(now func() time.Time) Option {
	return func(c *Client) { c.now = now }
}

// WithLogger logs each HTTP request. By default nothing is logged.
func WithLogger(logger Logger) Option {
	return func(c *Client) { c.logger = logger }
}

// New checks the configuration and creates a Client. It sends nothing. No error contains the key.
func New(config Config, options ...Option) (*Client, error) {
	base, err := parseBaseURL(cmp.Or(config.BaseURL, DefaultBaseURL))
	if err != nil {
		return nil, err
	}
	if err := checkKey(config.APIKey); err != nil {
		return nil, err
	}
	agent := cmp.Or(config.UserAgent, "terraform-provider-gcore")
	if strings.ContainsFunc(agent, func(r rune) bool { return r < ' ' || r > '~' }) {
		return nil, fmt.Errorf("the user agent %q must consist of printable ASCII characters", agent)
	}
	if config.PollInterval < 0 || config.RequestTimeout < 0 {
		return nil, errors.New("the poll interval and the request timeout must not be negative")
	}

	c := &Client{
		base: base,
		header: http.Header{
			"Accept":        {"application/json"},
			"Authorization": {"APIKey " + config.APIKey},
			"User-Agent":    {agent},
		},
		pollInterval:   cmp.Or(config.PollInterval, 3*time.Second),
		requestTimeout: cmp.Or(config.RequestTimeout, 60*time.Second),
		pool:           newPool(),
		sleep:          sleep,
		limit:          context.WithTimeoutCause,
		now:            time.Now,
		random:         rand.Float64,
		mask:           newMask(config.APIKey),
	}
	for _, option := range options {
		option(c)
	}
	c.reads, c.polls = newReadSharing(c.now), newPollSharing()
	return c, nil
}

// Now is the time by this machine's clock.
func (c *Client) Now() time.Time { return c.now() }

// parseBaseURL refuses addresses that would get the key unencrypted, or by mistake. A path is refused too: below it there
// is no object of the API, and the answers would say so of all that exist.
func parseBaseURL(text string) (*url.URL, error) {
	base, err := url.Parse(strings.TrimSpace(text))
	if err != nil {
		// The parser's error repeats the text, which may hold a password.
		return nil, fmt.Errorf("the base URL is malformed: write it like %s", DefaultBaseURL)
	}
	switch {
	case base.User != nil:
		return nil, fmt.Errorf("the base URL must not contain a user or password: write it like %s", DefaultBaseURL)
	case base.Host == "" || base.Hostname() == "":
		return nil, fmt.Errorf("the base URL %q names no host: write it like %s", text, DefaultBaseURL)
	case base.RawQuery != "" || base.Fragment != "" || base.ForceQuery:
		return nil, fmt.Errorf("the base URL %q must not contain a query or fragment: write it like %s", text, DefaultBaseURL)
	case base.Scheme == "http" && !loopback(base.Hostname()):
		return nil, fmt.Errorf("the base URL %q would send the API key unencrypted: use https:// "+
			"(http:// is possible for a loopback host only)", text)
	case base.Scheme != "https" && base.Scheme != "http":
		return nil, fmt.Errorf("the base URL %q must begin with https://, like %s", text, DefaultBaseURL)
	case strings.Trim(base.EscapedPath(), "/") != "":
		return nil, fmt.Errorf("the base URL %q must not contain a path, not even /cloud, which each request adds by itself: write %s://%s",
			text, base.Scheme, base.Host)
	}
	base.Path, base.RawPath = "", ""
	return base, nil
}

// loopback reports whether host is this machine: 127.0.0.0/8, ::1 or localhost.
func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback()
}

// checkKey accepts one word of a header. A key from a file often ends with a newline, and a key copied from the
// documentation begins with the scheme word.
func checkKey(key string) error {
	if key == "" {
		return errors.New("the API key is empty: create one in the Gcore Customer Portal under Profile, API tokens")
	}
	if strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return errors.New("the API key contains a space, a newline or another character that a key cannot have: " +
			"give the bare key, without \"APIKey\" before it and without a newline after it")
	}
	return nil
}

// Timeout is context.WithTimeoutCause, on the clock that Pause waits on.
func (c *Client) Timeout(ctx context.Context, limit time.Duration, cause error) (context.Context, context.CancelFunc) {
	return c.limit(ctx, limit, cause)
}

// Pause waits for d. The error says why the context ended.
func (c *Client) Pause(ctx context.Context, d time.Duration) error {
	err := c.sleep(ctx, d)
	if err != nil && ctx.Err() != nil {
		return Ended(ctx)
	}
	return err
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
