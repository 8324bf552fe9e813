package client

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
)

// Exports for the tests in package client_test.
const (
	PageSize     = pageSize
	LoggedBodies = loggedBodies
)

// Excerpt is excerpt.
func Excerpt(text string, limit int) string { return excerpt(text, limit) }

// Trust makes the client trust the certificates of a test's server.
func (c *Client) Trust(certificates *x509.CertPool) {
	c.pool.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: certificates, MinVersion: tls.VersionTLS12}
}

// FixJitter replaces the random numbers by a constant in [0, 1).
func (c *Client) FixJitter(random float64) { c.random = func() float64 { return random } }

// Answer replaces the server by a function.
func (c *Client) Answer(answer func(*http.Request) (*http.Response, error)) {
	c.pool = roundTrip(answer)
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }
