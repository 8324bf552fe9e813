package gcoretest

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// dial opens a connection to the server and closes it at the end of the test.
func dial(t *testing.T, s *Server) (net.Conn, error) {
	t.Helper()
	connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.URL(), "http://"))
	if err == nil {
		t.Cleanup(func() { connection.Close() })
	}
	return connection, err
}

func wantRefused(t *testing.T, c *client) {
	t.Helper()
	r, err := c.try("POST", groupsPath, `{"name":"refused"}`, nil)
	if !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("want a refused connection, got %d %s, %v", r.status, r.text, err)
	}
}

func TestRefuse(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		s, err := Start(Config{Address: address})
		if err != nil && strings.HasPrefix(address, "[") {
			t.Logf("without IPv6: %v", err)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		newClient(t, s).createGroup(`{"name":"web"}`)
		for range 3 {
			restore := s.Refuse()
			wantRefused(t, newClient(t, s))
			wantRefused(t, newClient(t, s))
			restore()
			restore()
			newClient(t, s).want(200, "GET", readPath, "")
		}
		if groups := s.Groups(1, 2); len(groups) != 1 || groups[0].Name != "web" {
			t.Errorf("groups %+v, want only that from before", groups)
		}
		if got := s.Requests(); len(got) != 5 {
			t.Errorf("%d requests, want those that were answered", len(got))
		}
		if got := s.Violations(); len(got) != 0 {
			t.Errorf("violations %v", got)
		}
	}
}

func TestRefuseFromARequestOn(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	c := newClient(t, s)
	var restore func()
	s.Fail(Fault{Operation: OperationListGroups, Times: 1, Effect: Meanwhile{After: func() { restore = s.Refuse() }}})
	// The client is told that its connection ends with the answer, so that its next request has to connect.
	c.want(200, "GET", readPath, "")
	for range 3 {
		wantRefused(t, c)
	}
	restore()
	c.createGroup(`{"name":"web"}`)
	c.want(200, "GET", readPath, "")
}

func TestRefuseEndsOpenConnections(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	used, err := dial(t, s)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintf(used, "GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: apikey test-key\r\n\r\n", readPath); err != nil {
		t.Fatal(err)
	}
	if n, err := used.Read(make([]byte, 1)); n != 1 {
		t.Fatalf("no answer: %v", err)
	}
	unused, err := dial(t, s)
	if err != nil {
		t.Fatal(err)
	}
	s.Refuse()
	for name, connection := range map[string]net.Conn{"used": used, "unused": unused} {
		if err := connection.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, connection); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("the %s connection is still open", name)
		}
	}
}

func TestRefuseTwice(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	one, two := s.Refuse(), s.Refuse()
	one()
	one()
	wantRefused(t, newClient(t, s))
	two()
	newClient(t, s).want(200, "GET", readPath, "")
}

func TestPortThatCannotBeHadAgain(t *testing.T) {
	t.Parallel()
	s := program(t, Config{})
	restore := s.Refuse()
	s.listening.giveUpPort()
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	restore()
	if got := s.Violations(); len(got) != 1 || !strings.Contains(got[0], s.address) {
		t.Errorf("violations %v", got)
	}
}

func TestRefuseAndClose(t *testing.T) {
	t.Parallel()
	s := program(t, Config{})
	restore := s.Refuse()
	s.Close()
	restore()
	s.Refuse()()
	if _, err := dial(t, s); err == nil {
		t.Error("the server listens after Close")
	}
	if got := s.Violations(); len(got) != 0 {
		t.Errorf("violations %v", got)
	}
}
