package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// grace is how long something may go on after the operation was cut off.
const grace = 15 * time.Second

var errNothingRemembered = errors.New("the state holds neither an id nor the task that would tell it")

// rememberedCreate looks once at the task of a create that was cut off: the
// id of what it made, or "" while it goes on.
func (c *configured) rememberedCreate(ctx context.Context, private privateReader, created func(client.Task) []string) (string, error) {
	taskID := rememberedTask(ctx, private)
	if taskID == "" {
		return "", errNothingRemembered
	}
	task, err := c.client.Task(ctx, taskID)
	if err != nil {
		return "", fmt.Errorf("look at task %s: %w", taskID, err)
	}
	switch task.State {
	case client.TaskNew, client.TaskRunning:
		return "", nil
	case client.TaskFinished:
		return oneCreated(task, created(task))
	}
	return "", &client.TaskError{Task: task}
}

// resolveCreate is a read's part: it looks at what became of a create that was
// cut off before the id was known, and returns the id. Without one, null: the
// state stays as it is, or goes if the task failed and made nothing.
func (c *configured) resolveCreate(
	ctx context.Context, of subject, created func(client.Task) []string, req resource.ReadRequest, resp *resource.ReadResponse,
) types.String {
	id, err := c.rememberedCreate(ctx, req.Private, created)
	failed, isFailed := errors.AsType[*client.TaskError](err)
	switch {
	case isFailed && failed.Task.State == client.TaskFailed:
		resp.Diagnostics.AddWarning(fmt.Sprintf("The create of %s failed", of.title()), sentence(err.Error())+" It made nothing, and leaves the state.")
		resp.State.RemoveResource(ctx)
	case err != nil:
		resp.Diagnostics.Append(of.failed("find out what became of the create of", err))
	case id == "":
		resp.Diagnostics.AddWarning(fmt.Sprintf("%s is still being created", capitalised(of.title())),
			"An earlier run was cut off while it was being made, and its task has not ended.")
	default:
		resp.Diagnostics.Append(forget(ctx, resp.Private, createTask)...)
		return types.StringValue(id)
	}
	return types.StringNull()
}

// awaitRememberedCreate waits for the task of a create that was cut off, since
// what is to be deleted has to exist first. It returns "" if the task failed
// and made nothing.
func (c *configured) awaitRememberedCreate(
	ctx context.Context, private privateReader, await func(ctx context.Context, taskID string) (string, error),
) (string, error) {
	taskID := rememberedTask(ctx, private)
	if taskID == "" {
		return "", errNothingRemembered
	}
	id, err := await(ctx, taskID)
	if failed, ok := errors.AsType[*client.TaskError](err); ok && failed.Task.State == client.TaskFailed {
		return "", nil
	}
	return id, err
}

// unreadable says that the state could not be compared with the cloud.
func unreadable(of subject) diag.Diagnostic {
	return diag.NewWarningDiagnostic(fmt.Sprintf("%s was not refreshed", capitalised(of.title())),
		"api_key or base_url of the provider is not known before the apply, so the plan is made from the state as it was.")
}

// vanished says that an object of the state is no longer in the cloud.
func vanished(of subject) diag.Diagnostic {
	return diag.NewWarningDiagnostic(fmt.Sprintf("%s is gone", capitalised(of.title())),
		fmt.Sprintf("%s was deleted outside of Terraform. It leaves the state; the plan makes it again if the configuration still has it.",
			capitalised(of.String())))
}
