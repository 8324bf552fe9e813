package provider

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

// providerData is what a resource gets from the provider.
type providerData struct {
	service             *secgroup.Service // nil while the API key, the address or the allowed projects are not known
	owners              secgroup.Owners
	replaced            sync.Map // see leaveToNext
	groupNames          sync.Map // by id in lower case, for messages
	projectID, regionID types.Int64
	allowedProjects     types.Set // null: all
	tags                tagSettings
	publicAdminPorts    types.String
	timeout             time.Duration // of an operation whose resource sets none
	told                sync.Map      // what was already explained in full, and the object that it was explained for
}

// dataFrom is what each resource's Configure does with the provider's data. The data is nil while Terraform only
// validates.
func dataFrom(data any, diags *diag.Diagnostics) *providerData {
	if data == nil {
		return nil
	}
	result, ok := data.(*providerData)
	if !ok {
		diags.AddError("Unexpected provider data",
			fmt.Sprintf("The provider handed a %T to its resource. This is a bug in the provider: please report it.", data))
	}
	return result
}

// notConfigured is why nothing can be sent.
const notConfigured = "api_key, base_url or allowed_project_ids of the provider is not known before the apply"

// ready reports whether the API can be reached at all; it adds an error if the provider's configuration is still
// unknown when something is to be written.
func (d *providerData) ready(diags *diag.Diagnostics) bool {
	if d.service == nil {
		diags.AddError("The provider is not configured",
			"First apply the resources that provide the value, with -target, then the rest: "+notConfigured+", so nothing can be looked up or written.")
		return false
	}
	return true
}

// writable is ready for a create, update or delete in a project, which is null in a state that another provider wrote.
func (d *providerData) writable(projectID types.Int64, diags *diag.Diagnostics) bool {
	if !d.ready(diags) {
		return false
	}
	refused := d.checkProject(projectID)
	diags.Append(refused...)
	return !refused.HasError()
}

// defaultGrace is how long what an operation has begun may go on after an interruption. GitHub Actions sends a second
// signal 7.5 seconds after the first, at which Terraform exits. Until then it also has to save the state:
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-cancellation
const defaultGrace = 4500 * time.Millisecond

// operation is the context of one create, update or delete, which has the resource's own timeout or the given one.
func (d *providerData) operation(
	ctx context.Context, own timeouts.Value, action string, limit time.Duration,
) (context.Context, context.CancelFunc) {
	setting := "timeouts." + action
	written, _ := own.Attributes()[action].(types.String)
	if ownLimit, err := time.ParseDuration(written.ValueString()); err == nil {
		limit = ownLimit
	} else if limit == d.timeout { // none of its own: what is no duration does not pass validation
		setting = "polling_timeout_seconds"
	}
	return d.service.Operation(ctx, limit, timeLimit{limit, setting})
}

// recovered is deferred by what creates, reads, updates and deletes. Terraform saves no state of a provider that dies:
// a panic becomes an error, and what the response holds by then is kept.
func recovered(ctx context.Context, diags *diag.Diagnostics) {
	if cause := recover(); cause != nil {
		tflog.Error(ctx, "panic", map[string]any{"cause": fmt.Sprint(cause), "stack": string(debug.Stack())})
		diags.AddError("The provider has a bug", fmt.Sprintf(
			"Please report this, with the log of a run with TF_LOG=ERROR. The state keeps what was known. The provider panicked: %v.", cause))
	}
}

func attribute(name string) path.Path { return path.Root(name) }
