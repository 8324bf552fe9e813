package provider

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// Logging is off by default; a configured level is kept.
func TestSilence(t *testing.T) {
	t.Parallel()
	for environment, want := range map[string]map[string]string{
		"":                           {"TF_LOG_SDK": "off", "TF_LOG_PROVIDER": "off"},
		"HOME=/ TF_VAR_a=1 TF_LO=1":  {"TF_LOG_SDK": "off", "TF_LOG_PROVIDER": "off"},
		"HOME=/ TF_LOG=DEBUG":        {},
		"TF_LOG_PROVIDER=TRACE":      {},
		"TF_LOG_PROVIDER_GCORE=INFO": {},
		"Tf_Log_Sdk=WARN":            {},
	} {
		got := map[string]string{}
		err := silence(strings.Fields(environment), func(name, value string) error {
			got[name] = value
			return nil
		})
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%q: error %v (-want +got):\n%s", environment, err, diff)
		}
	}
	reason := errors.New("no")
	if err := silence(nil, func(string, string) error { return reason }); !errors.Is(err, reason) {
		t.Errorf("error %v", err)
	}
}

// kept is a server that keeps the context of a call, as the framework's server
// does.
type kept struct {
	frameworkServer
	ctx context.Context
	// during inspects the context during the call.
	during func(context.Context)
}

func (k *kept) ReadResource(ctx context.Context, _ *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	k.ctx = ctx
	k.during(ctx)
	return &tfprotov6.ReadResourceResponse{}, nil
}

type noteKey struct{}

// The context equals the caller's during the call, and is empty after it.
func TestBorrowedContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(context.WithValue(t.Context(), noteKey{}, "note"), time.Hour)
	defer cancel()
	k := &kept{during: func(lent context.Context) {
		want, _ := ctx.Deadline()
		if got, ok := lent.Deadline(); !ok || !got.Equal(want) || lent.Value(noteKey{}) != "note" || lent.Err() != nil {
			t.Errorf("deadline %s, value %v, error %v", got, lent.Value(noteKey{}), lent.Err())
		}
		child, cancelChild := context.WithCancel(lent)
		defer cancelChild()
		cancel()
		<-child.Done()
		if !errors.Is(lent.Err(), context.Canceled) || !errors.Is(child.Err(), context.Canceled) {
			t.Errorf("after the end: error %v, child's %v", lent.Err(), child.Err())
		}
	}}
	if _, err := (contextReleasing{k}).ReadResource(ctx, nil); err != nil {
		t.Fatal(err)
	}
	_, ok := k.ctx.Deadline()
	<-k.ctx.Done()
	if k.ctx.Value(noteKey{}) != nil || ok || !errors.Is(k.ctx.Err(), context.Canceled) {
		t.Errorf("thereafter: value %v, deadline %t, error %v", k.ctx.Value(noteKey{}), ok, k.ctx.Err())
	}
}

// Values of a call's context can be freed after the call, whatever the
// framework keeps.
func TestCallsAreForgotten(t *testing.T) {
	t.Parallel()
	server := completed(providerserver.NewProtocol6(New("test"))())
	freed := make(chan struct{})
	func() {
		note := new([1 << 16]byte)
		runtime.AddCleanup(note, func(freed chan struct{}) { close(freed) }, freed)
		ctx, cancel := context.WithCancel(context.WithValue(t.Context(), noteKey{}, note))
		defer cancel()
		if _, err := server.UpgradeResourceState(ctx, &tfprotov6.UpgradeResourceStateRequest{TypeName: groupType}); err != nil {
			t.Error(err)
		}
	}()
	for deadline := time.After(10 * time.Second); ; {
		runtime.GC()
		select {
		case <-freed:
			runtime.KeepAlive(server)
			return
		case <-deadline:
			t.Fatal("the context of a call is kept")
		case <-time.After(10 * time.Millisecond):
		}
	}
}
