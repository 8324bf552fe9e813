package provider

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
)

// reattached is the workspace with the provider in this process, which waits a
// thousand times faster than the binary would.
func (w workspace) reattached(c cloud) workspace {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(w.t.Context()))
	configured, closed := make(chan *plugin.ReattachConfig, 1), make(chan struct{})
	server, err := c.serving(w.getenv)
	if err != nil {
		w.t.Fatal(err)
	}
	go func() {
		err := tf6server.Serve(providerAddress(), func() tfprotov6.ProviderServer { return server },
			tf6server.WithDebug(ctx, configured, closed), tf6server.WithLoggingSink(w.t),
			tf6server.WithGoPluginLogger(hclog.New(&hclog.LoggerOptions{Output: io.Discard})))
		if err != nil {
			w.t.Error(err)
		}
	}()
	w.t.Cleanup(func() { cancel(); <-closed })
	select {
	case config := <-configured:
		w.env = append(w.env[:len(w.env):len(w.env)], "TF_REATTACH_PROVIDERS="+reattachVariable(w.t, config))
	case <-time.After(10 * time.Second):
		w.t.Fatal("the provider did not start")
	}
	return w
}

// providerAddress is what `gcore-community/gcore` means to the CLI at hand:
// OpenTofu has a registry of its own, which terraform-plugin-testing is told in
// the same variable.
func providerAddress() string {
	return cmp.Or(os.Getenv("TF_ACC_PROVIDER_HOST"), "registry.terraform.io") + "/gcore-community/gcore"
}

func reattachVariable(t *testing.T, config *plugin.ReattachConfig) string {
	t.Helper()
	type address struct{ Network, String string }
	value, err := json.Marshal(map[string]any{providerAddress(): map[string]any{
		"Protocol": string(config.Protocol), "ProtocolVersion": config.ProtocolVersion, "Pid": config.Pid, "Test": config.Test,
		"Addr": address{config.Addr.Network(), config.Addr.String()},
	}})
	if err != nil {
		t.Fatal(fmt.Errorf("encoding the address of the provider: %w", err))
	}
	return string(value)
}

// getenv is the environment that the provider's binary would have.
func (w workspace) getenv(name string) string {
	for _, variable := range slices.Backward(w.env) {
		if value, ok := strings.CutPrefix(variable, name+"="); ok {
			return value
		}
	}
	return ""
}
