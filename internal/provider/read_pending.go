package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// readLimit bounds what a read may wait for. Its context has no deadline.
const readLimit = time.Minute

// readPending is a read's part: it finds out what became of a create that was
// cut off before the id was known, and returns the id. Without one, null: the
// state stays as it is, or goes if the create made nothing.
func (c *configured) readPending(
	ctx context.Context, of subject, n creation, req resource.ReadRequest, resp *resource.ReadResponse,
) types.String {
	ctx, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	p, err := loadPending(ctx, req.Private)
	var id string
	if err == nil {
		id, err = c.resolve(ctx, n, p, c.client.Task)
	}
	if err == nil && !c.claims.take(id) {
		err = n.doubt([]string{id})
	}
	if err == nil {
		err = c.awaitVisible(ctx, n, id)
	}
	switch {
	case err == nil:
		resp.Diagnostics.Append(forget(ctx, resp.Private, pendingKey)...)
		return types.StringValue(id)
	case errors.Is(err, errMadeNothing):
		resp.Diagnostics.AddWarning(fmt.Sprintf("The create of %s came to nothing", of.title()), sentence(err.Error())+" It leaves the state.\n\n"+nextStep(err))
		resp.State.RemoveResource(ctx)
	case errors.Is(err, errStillRunning), errors.Is(err, context.DeadlineExceeded):
		resp.Diagnostics.AddWarning(fmt.Sprintf("%s is still being created", capitalised(of.title())),
			"An earlier run was cut off while it was being made, and what became of it is not certain yet. "+sentence(err.Error()))
	default:
		resp.Diagnostics.Append(of.failed("find out what became of the create of", err))
	}
	return types.StringNull()
}

// deletePending is a delete's part: it waits for a create that was cut off,
// since what is to be deleted has to exist first, and returns the id; empty if
// there is nothing to delete.
func (c *configured) deletePending(ctx context.Context, of subject, n creation, private privateReader) (string, diag.Diagnostics) {
	p, err := loadPending(ctx, private)
	var id string
	if err == nil {
		id, err = c.resolve(ctx, n, p, c.client.WaitForTask)
	}
	if err == nil {
		err = c.awaitVisible(ctx, n, id)
	}
	switch {
	case errors.Is(err, errMadeNothing):
		return "", diag.Diagnostics{diag.NewWarningDiagnostic(fmt.Sprintf("The create of %s came to nothing", of.title()), sentence(err.Error()))}
	case err != nil:
		return "", diag.Diagnostics{of.failed("find out what became of the create of", err)}
	}
	return id, nil
}

// checkCreated refuses to change what a cut-off create has not been found to
// have made yet. It can be asked for only after terraform untaint.
func checkCreated(of subject, id types.String) diag.Diagnostics {
	var diags diag.Diagnostics
	if id.IsNull() {
		diags.AddError(fmt.Sprintf("%s is still being created", capitalised(of.title())),
			"An earlier run was cut off while it was being made, and what became of it is not known yet. Nothing was sent. "+
				"Plan again: each plan looks for it, and changes it once it is there.")
	}
	return diags
}

// awaitVisible waits for what a task has just made to show in a read. Who read
// it before that would take it for gone, and lose it.
func (c *configured) awaitVisible(ctx context.Context, n creation, id string) error {
	_, err := c.client.Repeat(ctx, visibility, func(ctx context.Context) (bool, error) { return n.visible(ctx, id) })
	return err
}

// unreadable says that the state could not be compared with the cloud. An
// import cannot do without: its plan would be made from an empty state, and
// remove or replace what nobody has seen.
func unreadable(of subject, imported bool) diag.Diagnostic {
	if imported {
		return diag.NewErrorDiagnostic(fmt.Sprintf("Cannot import %s yet", of.title()),
			"api_key or base_url of the provider is not known before the apply, so what is imported cannot be read. "+
				"Apply first what makes its value, with -target, then import.")
	}
	return diag.NewWarningDiagnostic(fmt.Sprintf("%s was not refreshed", capitalised(of.title())),
		"api_key or base_url of the provider is not known before the apply, so the plan is made from the state as it was.")
}

// vanished says that an object of the state is no longer in the cloud.
func vanished(of subject) diag.Diagnostic {
	return diag.NewWarningDiagnostic(fmt.Sprintf("%s is gone", capitalised(of.title())),
		fmt.Sprintf("%s is no longer in the cloud: it was deleted outside of Terraform, or by a change of it that was cut off. "+
			"It leaves the state; the plan makes it again if the configuration still has it.", capitalised(of.String())))
}
