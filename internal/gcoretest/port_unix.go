//go:build unix

package gcoretest

import (
	"fmt"
	"net/netip"
	"syscall"
)

// holdPort binds a socket to an address without listening, so that connecting is refused and the system gives the
// port to nobody else, such as a server of another test that asks for a free one. release gives it up. If the port
// cannot be held, the server does without.
func holdPort(address string) (release func()) {
	socket, err := bind(address)
	if err != nil {
		return func() {}
	}
	return func() { _ = syscall.Close(socket) } // it has no data to lose
}

func bind(address string) (int, error) {
	parsed, err := netip.ParseAddrPort(address)
	if err != nil {
		return 0, fmt.Errorf("reading the address %q: %w", address, err)
	}
	family, port := syscall.AF_INET6, int(parsed.Port())
	var name syscall.Sockaddr
	if ip := parsed.Addr().Unmap(); ip.Is4() {
		family, name = syscall.AF_INET, &syscall.SockaddrInet4{Port: port, Addr: ip.As4()}
	} else {
		name = &syscall.SockaddrInet6{Port: port, Addr: ip.As16()}
	}
	// A child process that starts in between must not inherit the socket: it would hold the port for its whole life.
	syscall.ForkLock.RLock()
	socket, err := syscall.Socket(family, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(socket)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return 0, fmt.Errorf("making a socket: %w", err)
	}
	// The connections that the server had may still linger on the port.
	if err = syscall.SetsockoptInt(socket, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err == nil {
		err = syscall.Bind(socket, name)
	}
	if err != nil {
		_ = syscall.Close(socket)
		return 0, fmt.Errorf("binding a socket to %q: %w", address, err)
	}
	return socket, nil
}
