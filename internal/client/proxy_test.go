package client_test

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// net/http reads the proxy's address once in a process, so it is set before all tests.
func TestMain(m *testing.M) {
	for _, name := range []string{"HTTP_PROXY", "http_proxy"} {
		if err := os.Setenv(name, nowhere); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// Plain http is accepted for loopback hosts only. net/http would send it to a proxy if the host is not spelled the usual
// way, and the key with it.
func TestNoProxyForPlainHTTP(t *testing.T) {
	t.Parallel()
	s := play(t, step{status: http.StatusNoContent})
	base := strings.Replace(s.server.URL, "127.0.0.1", "LOCALHOST", 1)
	if err := newClient(t, client.Config{BaseURL: base}).DeleteSecurityGroup(t.Context(), here, groupID); err != nil {
		t.Error(err)
	}
}
