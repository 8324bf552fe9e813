package client_test

import (
	"compress/gzip"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// nowhere refuses connections: port 1 is reserved for a service that is out of use.
const nowhere = "http://127.0.0.1:1"

func TestNoConnectionIsNotAmbiguous(t *testing.T) {
	t.Parallel()
	noSuchHost := func(*http.Request) (*http.Response, error) {
		unknown := &net.DNSError{Err: "no such host", Name: "gcore.invalid", IsNotFound: true}
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: unknown}
	}
	type answer = func(*http.Request) (*http.Response, error)
	for name, answer := range map[string]answer{"refused": nil, "no such host": noSuchHost} {
		for _, operation := range operations {
			t.Run(name+"/"+operation.method, func(t *testing.T) {
				t.Parallel()
				var waited waits
				c := newClient(t, client.Config{BaseURL: nowhere}, client.WithSleep(waited.sleep))
				if answer != nil {
					c.Answer(answer)
				}
				err := operation.call(t.Context(), c)
				var failure *client.TransportError
				if !errors.As(err, &failure) || failure.Sent || failure.StatusCode != 0 || failure.Path == "" {
					t.Fatalf("error %#v", err)
				}
				want := 0
				if operation.method == http.MethodGet {
					want = 4
				}
				if kinds := kinds(err); kinds != nil || len(waited.all) != want || !errors.Is(err, client.ErrNotProcessed) {
					t.Errorf("kinds %v after %d waits, error %v", kinds, len(waited.all), err)
				}
			})
		}
	}
}

func TestRequestTimeout(t *testing.T) {
	t.Parallel()
	begin := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"id":`)
		_ = http.NewResponseController(w).Flush()
		hang(w, r)
	}
	// These wait in real time: all at once, since only a few parallel tests run at a time.
	var together sync.WaitGroup
	for _, act := range []http.HandlerFunc{hang, begin} {
		for _, operation := range operations {
			writes := operation.method != http.MethodGet
			steps := []step{{act: act}}
			if !writes {
				steps = append(steps, step{answer: operation.answer})
			}
			s := play(t, steps...)
			c := newClient(t, client.Config{BaseURL: s.server.URL, RequestTimeout: 2 * time.Second})
			together.Go(func() {
				err := operation.call(t.Context(), c)
				if !writes && err != nil {
					t.Errorf("%s: %v", operation.method, err)
				}
				if !writes {
					return
				}
				if diff := cmp.Diff([]string{"ambiguous"}, kinds(err)); diff != "" {
					t.Errorf("%s: kinds of %v (-want +got):\n%s", operation.method, err, diff)
				}
				if !strings.Contains(fmt.Sprint(err), "no complete answer within 2s") {
					t.Errorf("%s: error %v", operation.method, err)
				}
			})
		}
	}
	together.Wait()
}

// The net package's timeouts match context.DeadlineExceeded, which here stands for the caller's deadline.
func TestDialTimeoutIsNotTheCallers(t *testing.T) {
	t.Parallel()
	c := newClient(t, client.Config{})
	c.Answer(func(*http.Request) (*http.Response, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: fmt.Errorf("i/o timeout: %w", context.DeadlineExceeded)}
	})
	for _, operation := range operations {
		err := operation.call(t.Context(), c)
		if err == nil || kinds(err) != nil || !strings.Contains(err.Error(), "i/o timeout") {
			t.Errorf("error %v of kinds %v", err, kinds(err))
		}
	}
}

func TestAnswerIsBounded(t *testing.T) {
	t.Parallel()
	const limit = 4 << 20
	for spaces, tooLarge := range map[int]bool{limit - len(`{"id":"g"}`): false, limit - len(`{"id":"g"}`) + 1: true} {
		s := play(t, step{answer: `{"id":"g"}` + strings.Repeat(" ", spaces)})
		_, err := s.client().SecurityGroup(t.Context(), here, groupID)
		if got := err != nil; got != tooLarge || tooLarge && !strings.Contains(err.Error(), "too large") {
			t.Errorf("%d spaces: error %v", spaces, err)
		}
	}
}

func TestCompressedAnswer(t *testing.T) {
	t.Parallel()
	compress := func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "gzip" {
			t.Errorf("Accept-Encoding %q", r.Header.Get("Accept-Encoding"))
		}
		w.Header().Set("Content-Encoding", "gzip")
		zipper := gzip.NewWriter(w)
		_, _ = io.WriteString(zipper, `{"id":"g"}`)
		_ = zipper.Close()
	}
	cut := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write([]byte{0x1f, 0x8b, 8, 0, 0})
	}
	s := play(t, step{act: cut}, step{act: compress})
	group, err := s.client().SecurityGroup(t.Context(), here, groupID)
	if err != nil || group.ID != "g" {
		t.Errorf("group %q, error %v", group.ID, err)
	}
}

// secure starts a TLS server that does not log failed handshakes.
func secure(t *testing.T, http2 bool, handler http.HandlerFunc) (*httptest.Server, *x509.CertPool) {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.EnableHTTP2 = http2
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	return server, pool
}

func TestTLSTrouble(t *testing.T) {
	t.Parallel()
	unexpected := func(_ http.ResponseWriter, r *http.Request) { t.Errorf("unexpected %s %s", r.Method, r.RequestURI) }
	untrusted, certificates := secure(t, false, unexpected)
	otherName := strings.Replace(untrusted.URL, "127.0.0.1", "localhost", 1)
	plain := httptest.NewServer(http.HandlerFunc(unexpected))
	t.Cleanup(plain.Close)
	tests := map[string]struct {
		base  string
		trust *x509.CertPool
	}{
		"unknown authority": {untrusted.URL, x509.NewCertPool()},
		"another name":      {otherName, certificates},
		"no TLS":            {strings.Replace(plain.URL, "http://", "https://", 1), certificates},
	}
	for name, test := range tests {
		for _, operation := range operations {
			t.Run(name+"/"+operation.method, func(t *testing.T) {
				t.Parallel()
				var waited waits
				c := newClient(t, client.Config{BaseURL: test.base}, client.WithSleep(waited.sleep))
				c.Trust(test.trust)
				err := operation.call(t.Context(), c)
				if kinds := kinds(err); err == nil || kinds != nil || len(waited.all) != 0 {
					t.Errorf("error %v of kinds %v after %d waits", err, kinds, len(waited.all))
				}
			})
		}
	}
}

func TestHTTP2(t *testing.T) {
	t.Parallel()
	server, certificates := secure(t, true, func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("protocol %s", r.Proto)
		}
		if r.Method != http.MethodGet {
			// The stream is reset, which is ambiguous.
			panic(http.ErrAbortHandler)
		}
		_, _ = io.WriteString(w, `{"id":"g"}`)
	})
	c := newClient(t, client.Config{BaseURL: server.URL})
	c.Trust(certificates)
	for _, operation := range operations {
		err := operation.call(t.Context(), c)
		if operation.method == http.MethodGet {
			if err != nil {
				t.Error(err)
			}
			continue
		}
		if diff := cmp.Diff([]string{"ambiguous"}, kinds(err)); diff != "" {
			t.Errorf("%s: kinds of %v (-want +got):\n%s", operation.method, err, diff)
		}
	}
}
