//go:build unix

package gcoretest

import (
	"errors"
	"net"
	"syscall"
	"testing"
)

func TestRefusedPortIsKept(t *testing.T) {
	t.Parallel()
	s, other := New(t, Config{}), New(t, Config{})
	restore := s.Refuse()
	// To connect from the port is what any program may happen to do while nothing holds it.
	local, err := net.ResolveTCPAddr("tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	dialer := net.Dialer{LocalAddr: local}
	connection, err := dialer.DialContext(t.Context(), "tcp", other.address)
	if err == nil {
		connection.Close()
	}
	if !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("want a port that is in use, got %v", err)
	}
	restore()
	newClient(t, s).want(200, "GET", readPath, "")
}

func TestHoldingNoAddress(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "localhost:1", "192.0.2.1:80", "[2001:db8::1]:80"} {
		if socket, err := bind(address); err == nil {
			t.Errorf("%q is bound", address)
			_ = syscall.Close(socket)
		}
		holdPort(address)() // does nothing, and does not fail
	}
}
