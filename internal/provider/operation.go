package provider

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-log/tflog"
)

const (
	// defaultGrace is how long an operation may go on after an interruption:
	// long enough for most tasks to end, short enough for whoever pressed
	// Ctrl-C.
	defaultGrace = 15 * time.Second
	// visibility is how long a finished change may take to show in a read.
	visibility = 5 * time.Second
	// handover is how long a new object waits for the one in its place to go,
	// as when two rules exchange what they say.
	handover = 30 * time.Second
)

// operation is the context of one create, update or delete. Terraform itself
// never ends one, so its timeout does; and an interruption does not cut it off,
// but leaves it the grace to finish, or to learn what it has made.
func (c *configured) operation(
	ctx context.Context, timeout func(context.Context, time.Duration) (time.Duration, diag.Diagnostics), diags *diag.Diagnostics,
) (context.Context, context.CancelFunc) {
	limit, more := timeout(ctx, c.timeout)
	diags.Append(more...)
	longer, release := outlive(ctx, c.grace)
	bounded, cancel := context.WithTimeout(longer, limit)
	return bounded, func() { cancel(); release() }
}

// write is the context of a request that must not be cut off once it is sent:
// it outlives the operation, also its timeout, by the grace.
func (c *configured) write(ctx context.Context) (context.Context, context.CancelFunc) {
	longer, release := outlive(ctx, c.grace)
	deadline, ok := ctx.Deadline()
	if !ok {
		return longer, release
	}
	bounded, cancel := context.WithDeadline(longer, deadline.Add(c.grace))
	return bounded, func() { cancel(); release() }
}

// outlive is a context that ends when ctx has ended for as long as the grace,
// for the same reason.
func outlive(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		time.AfterFunc(grace, func() { cancel(ctx.Err()) })
	})
	return longer, func() { stop(); cancel(nil) }
}

// recovered is deferred by what creates, reads, updates and deletes. Terraform
// saves no state of a provider that dies: a panic becomes an error, and what
// the response holds by then is kept.
func recovered(ctx context.Context, diags *diag.Diagnostics) {
	if cause := recover(); cause != nil {
		tflog.Error(ctx, "panic", map[string]any{"cause": fmt.Sprint(cause), "stack": string(debug.Stack())})
		diags.AddError("The provider has a bug", fmt.Sprintf(
			"It panicked: %v. The state keeps what was known. Please report this, with the log of a run under TF_LOG=ERROR.", cause))
	}
}
