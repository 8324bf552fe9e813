package provider

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// frameworkServer is what the framework's server implements. List resources
// are not part of the protocol's own interface yet.
//
//nolint:staticcheck // there is no other name for it until they are
type frameworkServer interface {
	tfprotov6.ProviderServerWithListResource
}

// forgetful is the framework's server, which keeps the context of every call
// until the process ends, to cancel it if Terraform says stop: with all that
// hangs on it some 13 KB for each of the four calls that a resource takes in a
// plan. A context that it is given here holds on to nothing once its call is
// over. Calls that come once a run are left as they are, and so are lists,
// whose answers are made after the call.
type forgetful struct{ frameworkServer }

// borrowed is a context for the time of a call.
type borrowed struct {
	from atomic.Pointer[context.Context] // nil once it is given back
	done <-chan struct{}
}

func (b *borrowed) Deadline() (time.Time, bool) {
	if from := b.from.Load(); from != nil {
		return (*from).Deadline()
	}
	return time.Time{}, false
}

func (b *borrowed) Done() <-chan struct{} { return b.done }

func (b *borrowed) Err() error {
	if from := b.from.Load(); from != nil {
		return (*from).Err()
	}
	return context.Canceled
}

func (b *borrowed) Value(key any) any {
	if from := b.from.Load(); from != nil {
		return (*from).Value(key)
	}
	return nil
}

// lend makes a call with a context that is given back when it ends.
//
//nolint:contextcheck // what is lent is the caller's own
func lend[Request, Response any](ctx context.Context, req Request, call func(context.Context, Request) (Response, error)) (Response, error) {
	lent := &borrowed{done: ctx.Done()}
	lent.from.Store(&ctx)
	defer lent.from.Store(nil)
	return call(lent, req)
}

func (f forgetful) ValidateResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest,
) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return lend(ctx, req, f.frameworkServer.ValidateResourceConfig)
}

func (f forgetful) UpgradeResourceState(
	ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest,
) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return lend(ctx, req, f.frameworkServer.UpgradeResourceState)
}

func (f forgetful) UpgradeResourceIdentity(
	ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest,
) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return lend(ctx, req, f.frameworkServer.UpgradeResourceIdentity)
}

func (f forgetful) ImportResourceState(
	ctx context.Context, req *tfprotov6.ImportResourceStateRequest,
) (*tfprotov6.ImportResourceStateResponse, error) {
	return lend(ctx, req, f.frameworkServer.ImportResourceState)
}

func (f forgetful) MoveResourceState(
	ctx context.Context, req *tfprotov6.MoveResourceStateRequest,
) (*tfprotov6.MoveResourceStateResponse, error) {
	return lend(ctx, req, f.frameworkServer.MoveResourceState)
}

func (f forgetful) ReadResource(
	ctx context.Context, req *tfprotov6.ReadResourceRequest,
) (*tfprotov6.ReadResourceResponse, error) {
	return lend(ctx, req, f.frameworkServer.ReadResource)
}

func (f forgetful) PlanResourceChange(
	ctx context.Context, req *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	return lend(ctx, req, f.frameworkServer.PlanResourceChange)
}

func (f forgetful) ApplyResourceChange(
	ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return lend(ctx, req, f.frameworkServer.ApplyResourceChange)
}

func (f forgetful) ValidateDataResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest,
) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return lend(ctx, req, f.frameworkServer.ValidateDataResourceConfig)
}

func (f forgetful) ReadDataSource(
	ctx context.Context, req *tfprotov6.ReadDataSourceRequest,
) (*tfprotov6.ReadDataSourceResponse, error) {
	return lend(ctx, req, f.frameworkServer.ReadDataSource)
}

func (f forgetful) CallFunction(
	ctx context.Context, req *tfprotov6.CallFunctionRequest,
) (*tfprotov6.CallFunctionResponse, error) {
	return lend(ctx, req, f.frameworkServer.CallFunction)
}
