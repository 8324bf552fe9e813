package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

// findCreated looks for the object of a create that was cut off; with wait it lets its task end first.
type findCreated func(ctx context.Context, p *secgroup.Pending, wait bool) (id string, err error)

// readPending is a read's part: it finds out what became of a create that was cut off before the id was known, and
// returns the id. Without one, null: the state stays as it is, or is removed if the create made nothing.
func readPending(ctx context.Context, of subject, find findCreated, req resource.ReadRequest, resp *resource.ReadResponse) types.String {
	ctx, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	id, err := find(ctx, loadPending(ctx, req.Private), false)
	switch outcome := secgroup.OutcomeOf(err); {
	case err == nil:
		resp.Diagnostics.Append(forget(ctx, resp.Private, pendingKey)...)
		return types.StringValue(id)
	case secgroup.IsNothing(err):
		resp.Diagnostics.AddWarning(fmt.Sprintf("The create of %s came to nothing", of.title()), sentence(err.Error())+" It leaves the state.\n\n"+nextStep(err))
		resp.State.RemoveResource(ctx)
	case outcome == secgroup.StillRunning, errors.Is(err, context.DeadlineExceeded):
		resp.Diagnostics.AddWarning(fmt.Sprintf("%s is still being created", capitalised(of.title())),
			"An earlier run was cut off while it was being made, and what became of it is not certain yet. "+sentence(err.Error()))
	default:
		resp.Diagnostics.Append(of.failed("find out what became of the create of", err))
	}
	return types.StringNull()
}

// deletePending is a delete's part: it waits for a create that was cut off, since what is to be deleted has to exist
// first, and returns the id; "" if there is nothing to delete.
func deletePending(ctx context.Context, of subject, find findCreated, private privateReader) (string, diag.Diagnostics) {
	id, err := find(ctx, loadPending(ctx, private), true)
	switch {
	case secgroup.IsNothing(err):
		return "", diag.Diagnostics{diag.NewWarningDiagnostic(fmt.Sprintf("The create of %s came to nothing", of.title()), sentence(err.Error()))}
	case err != nil:
		return "", diag.Diagnostics{of.failed("find out what became of the create of", err)}
	}
	return id, nil
}

// cameToNothing warns of a change that was cut off and has made nothing.
func cameToNothing(what string, of subject, err error) diag.Diagnostic {
	return diag.NewWarningDiagnostic(fmt.Sprintf("%s of %s came to nothing", what, of.title()), sentence(err.Error())+"\n\n"+nextStep(err))
}

// checkCreated refuses to change what a cut-off create has not been found to have made yet. It can be asked for only
// after terraform untaint.
func checkCreated(of subject, id types.String) diag.Diagnostics {
	if !id.IsNull() {
		return nil
	}
	return diag.Diagnostics{diag.NewErrorDiagnostic(fmt.Sprintf("%s is still being created", capitalised(of.title())),
		"An earlier run was cut off while it was being made, and what became of it is not known yet. Nothing was sent. "+
			"Plan again: each plan looks for it, and changes it once it is there.")}
}
