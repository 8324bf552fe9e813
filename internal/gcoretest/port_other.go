//go:build !unix

package gcoretest

// holdPort does nothing: elsewhere another program may take the port while nothing listens on it.
func holdPort(string) (release func()) { return func() {} }
