package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

// readLimit bounds what a read may wait for. Its context has no deadline.
const readLimit = time.Minute

// readable is a state that can be read from the cloud.
type readable interface {
	subject() subject
	identity() any
	// isImported reports whether nothing but the ids is known, as an import has it.
	isImported() bool
}

// beginRead decodes the state. It returns ok false if the read ends here.
func beginRead[M readable](
	ctx context.Context, d *providerData, req resource.ReadRequest, resp *resource.ReadResponse,
) (state M, imported, ok bool) {
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	// Terraform 1.11 blocks a resource whose read sets no identity, also when the read removes it.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
	resp.Diagnostics.Append(d.checkPrior(ctx, req.State)...)
	if resp.Diagnostics.HasError() {
		return state, false, false
	}
	imported = state.isImported()
	if d.service == nil {
		resp.Diagnostics.Append(unreadable(state.subject(), imported))
		return state, imported, false
	}
	return state, imported, true
}

// readFailed ends a read: an object that is gone leaves the state.
func (d *providerData) readFailed(ctx context.Context, of subject, err error, imported bool, form string, resp *resource.ReadResponse) {
	switch {
	case imported:
		resp.Diagnostics.Append(d.failed(of, "import", &importError{err, form}))
	case errors.Is(err, client.ErrNotFound):
		resp.Diagnostics.AddWarning(fmt.Sprintf("%s is gone", capitalised(of.title())), fmt.Sprintf(
			"%s is no longer in the cloud: it was deleted outside of Terraform, or by an interrupted update. "+
				"It is removed from the state, and the plan creates it again if the configuration still has it.", capitalised(of.String())))
		resp.State.RemoveResource(ctx)
	default:
		resp.Diagnostics.Append(d.failed(of, "read", err))
	}
}

// failedInPlan is about a read of a plan. The apply does without it, or reads again, so that most errors are warnings. An
// address at which no API answers, and a key or a place that it does not accept, are errors: no apply can succeed with them.
func (d *providerData) failedInPlan(of subject, action string, err error) diag.Diagnostic {
	for _, kind := range []error{client.ErrUnauthorized, client.ErrForbidden, client.ErrUnknownReference, client.ErrUnreachable, client.ErrWebPage} {
		if errors.Is(err, kind) {
			return d.failed(of, action, err)
		}
	}
	return diag.NewWarningDiagnostic(fmt.Sprintf(titleCannot, action, of.title()), fmt.Sprintf("The plan continues without it.\n\n%s", explain(err)))
}

// groupInPlan reads the group that something is planned for. Its id is known, so that it has to be there: if it is not, the
// plan looks in the wrong place.
func (d *providerData) groupInPlan(ctx context.Context, group secgroup.Ref) (client.SecurityGroup, diag.Diagnostics) {
	read, err := d.service.RefreshGroup(ctx, group, time.Time{})
	switch {
	case errors.Is(err, client.ErrNotFound):
		return read, groupNotFound(group, err)
	case err != nil:
		return read, diag.Diagnostics{d.failedInPlan(subject{kind: "security group", id: group.ID, location: group.Location}, "read", err)}
	}
	return read, nil
}

// groupNotFound is about a group that the configuration names by its id.
func groupNotFound(group secgroup.Ref, err error) diag.Diagnostics {
	return diag.Diagnostics{diag.WithPath(attribute("group_id"), noGroup(group, err,
		"Check group_id, project_id, region_id and the provider block in use (an alias is set by provider = gcore.<alias>)."))}
}

// noGroup says that a group is not where it was looked for.
func noGroup(group secgroup.Ref, err error, advice string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Security group not found", fmt.Sprintf("%s\n\nThere is no security group %s in project %d, region %d.\n\n%s",
		advice, group.ID, group.Location.ProjectID, group.Location.RegionID, explain(err)))
}

// unreadable says that the state could not be compared with the cloud. An import cannot do without: its plan would be
// made from an empty state, and remove or replace what nobody has seen.
func unreadable(of subject, imported bool) diag.Diagnostic {
	if imported {
		return diag.NewErrorDiagnostic(fmt.Sprintf("Cannot import %s yet", of.title()),
			"First apply the resources that provide the value, with -target, then import: "+notConfigured+", so the object to import cannot be read.")
	}
	return diag.NewWarningDiagnostic(fmt.Sprintf("%s was not refreshed", capitalised(of.title())),
		notConfigured+", so the plan uses the state without a refresh.")
}
