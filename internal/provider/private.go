package provider

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// What a resource keeps in its private state, beside what the user sees.
const (
	// importedMark says that the object was imported and not updated since.
	importedMark = "imported"
	// createTask is the task that makes the object, as long as its id is not
	// known. Written before the wait begins, so an interrupted run loses
	// nothing.
	createTask = "create_task"
)

// privateReader and privateWriter are the framework's private state, whose
// type cannot be named.
type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

func setMark(ctx context.Context, private privateWriter, key string) diag.Diagnostics {
	return private.SetKey(ctx, key, []byte("true"))
}

func hasMark(ctx context.Context, private privateReader, key string) bool {
	value, diags := private.GetKey(ctx, key)
	return !diags.HasError() && string(value) == "true"
}

// forget removes a key, whether it is there or not.
func forget(ctx context.Context, private privateWriter, key string) diag.Diagnostics {
	return private.SetKey(ctx, key, nil)
}

func rememberTask(ctx context.Context, private privateWriter, taskID string) diag.Diagnostics {
	value, err := json.Marshal(taskID)
	if err != nil {
		var diags diag.Diagnostics
		diags.AddError("Cannot remember the task "+taskID, sentence(err.Error()))
		return diags
	}
	return private.SetKey(ctx, createTask, value)
}

// rememberedTask is the id of the task that makes the object, or empty.
func rememberedTask(ctx context.Context, private privateReader) string {
	value, diags := private.GetKey(ctx, createTask)
	var taskID string
	if diags.HasError() || json.Unmarshal(value, &taskID) != nil {
		return ""
	}
	return taskID
}
