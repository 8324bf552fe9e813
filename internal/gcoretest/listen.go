package gcoretest

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
)

// listening is the server's door.
type listening struct {
	mu       sync.Mutex
	listener net.Listener          // nil while connections are refused
	refusals int                   // calls of Refuse that are not undone
	release  func()                // gives up the port that is held while nothing listens; nil if none is
	fresh    map[net.Conn]struct{} // connections on which no request has come yet
	ended    bool
}

// listen refuses other than loopback addresses: the fake answers to anybody who knows its key.
func listen(address string) (net.Listener, error) {
	resolved, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("resolving the address %q: %w", address, err)
	}
	if !resolved.IP.IsLoopback() {
		return nil, fmt.Errorf("listening on %q: only a loopback address such as 127.0.0.1:0 is allowed", address)
	}
	listener, err := net.ListenTCP("tcp", resolved)
	if err != nil {
		return nil, fmt.Errorf("listening on %q: %w", address, err)
	}
	return listener, nil
}

// use begins to answer what comes to a listener.
func (l *listening) use(s *Server, listener net.Listener) {
	l.listener = listener
	go func() {
		// Serve always ends with an error: ErrServerClosed after Close, ErrClosed after Refuse.
		err := s.http.Serve(listener)
		if !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			s.violate("the server ended: " + err.Error())
		}
	}()
}

// end makes sure that nothing is opened any more; http.Server closes what is open.
func (l *listening) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
	l.giveUpPort()
}

func (l *listening) giveUpPort() {
	if l.release != nil {
		l.release()
		l.release = nil
	}
}

// Refuse makes the server unreachable until restore is called: nothing listens on its port, so that connecting is
// refused, and connections that are idle are closed. Requests that are being answered get their answers, then their
// connections are closed too. Nothing is logged of a refused connection, since nothing sees it, and so no Fault can
// choose one: to refuse from a certain request on, call Refuse in Meanwhile.After of the request before. Only a client
// that still holds an idle connection when Refuse is called may see that break in place of a refusal.
//
// If Refuse is called several times, the server is back when all are restored. restore may be called more than once
// and after Close. If the port cannot be had again, the test fails (see Violations).
func (s *Server) Refuse() (restore func()) {
	l := &s.listening
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refusals++
	if l.listener != nil && !l.ended {
		_ = l.listener.Close() // it is closed either way
		l.listener = nil
		l.release = holdPort(s.address)
		for connection := range l.fresh {
			_ = connection.Close()
		}
		s.http.SetKeepAlivesEnabled(false)
	}
	return sync.OnceFunc(s.listenAgain)
}

func (s *Server) listenAgain() {
	l := &s.listening
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refusals--
	if l.refusals > 0 || l.ended || l.listener != nil {
		return
	}
	// Where the system allows to listen on a port that is held, it is never free for others in between.
	listener, err := listen(s.address)
	l.giveUpPort()
	if err != nil {
		listener, err = listen(s.address)
	}
	if err != nil {
		s.violate(err.Error())
		return
	}
	s.http.SetKeepAlivesEnabled(true)
	l.use(s, listener)
}

// watch keeps account of connections that a client has opened and not used, which http.Server does not count as
// idle.
func (s *Server) watch(connection net.Conn, state http.ConnState) {
	l := &s.listening
	l.mu.Lock()
	defer l.mu.Unlock()
	if state != http.StateNew {
		delete(l.fresh, connection)
		return
	}
	if l.listener == nil { // accepted in the moment in which the listener was closed
		_ = connection.Close()
		return
	}
	if l.fresh == nil {
		l.fresh = map[net.Conn]struct{}{}
	}
	l.fresh[connection] = struct{}{}
}
