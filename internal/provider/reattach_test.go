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

// reattached is the workspace with the provider in this process, with waits
// 1000 times shorter than the binary's. Other providers can be added.
func (w workspace) reattached(c cloud, others ...servedProvider) workspace {
	w.t.Helper()
	server, err := c.serving(w.getenv)
	if err != nil {
		w.t.Fatal(err)
	}
	configs := map[string]*plugin.ReattachConfig{}
	for _, served := range append(others, servedProvider{providerAddress("gcore-community/gcore"), server}) {
		configs[served.address] = served.start(w.t)
	}
	w.env = append(w.env[:len(w.env):len(w.env)], "TF_REATTACH_PROVIDERS="+reattachVariable(w.t, configs))
	return w
}

// servedProvider is a provider that this process serves.
type servedProvider struct {
	address string
	server  tfprotov6.ProviderServer
}

// start serves the provider until the test ends.
func (p servedProvider) start(t *testing.T) *plugin.ReattachConfig {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	configured, closed := make(chan *plugin.ReattachConfig, 1), make(chan struct{})
	go func() {
		err := tf6server.Serve(p.address, func() tfprotov6.ProviderServer { return p.server },
			tf6server.WithDebug(ctx, configured, closed), tf6server.WithLoggingSink(t),
			tf6server.WithGoPluginLogger(hclog.New(&hclog.LoggerOptions{Output: io.Discard})))
		if err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() { cancel(); <-closed })
	select {
	case config := <-configured:
		return config
	case <-time.After(10 * time.Second):
		t.Fatal("the provider did not start")
		return nil
	}
}

// providerAddress is the full address of a source such as
// `gcore-community/gcore`: OpenTofu has its own registry, set in the variable
// that terraform-plugin-testing uses.
func providerAddress(source string) string {
	return cmp.Or(os.Getenv("TF_ACC_PROVIDER_HOST"), "registry.terraform.io") + "/" + source
}

func reattachVariable(t *testing.T, configs map[string]*plugin.ReattachConfig) string {
	t.Helper()
	type address struct{ Network, String string }
	addresses := map[string]any{}
	for name, config := range configs {
		addresses[name] = map[string]any{
			"Protocol": string(config.Protocol), "ProtocolVersion": config.ProtocolVersion, "Pid": config.Pid, "Test": config.Test,
			"Addr": address{config.Addr.Network(), config.Addr.String()},
		}
	}
	value, err := json.Marshal(addresses)
	if err != nil {
		t.Fatal(fmt.Errorf("encoding the address of the provider: %w", err))
	}
	return string(value)
}

// getenv is the environment of the provider's binary.
func (w workspace) getenv(name string) string {
	for _, variable := range slices.Backward(w.env) {
		if value, ok := strings.CutPrefix(variable, name+"="); ok {
			return value
		}
	}
	return ""
}
