package provider

import (
	"context"
	"crypto/rand"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// foreignStateKey is a key of private state. It marks an imported object, or another provider's state, until its first
// update.
const foreignStateKey = "imported"

// privateReader and privateWriter are the framework's private state, whose type cannot be named.
type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

func markForeign(ctx context.Context, private privateWriter) diag.Diagnostics {
	return private.SetKey(ctx, foreignStateKey, []byte("true"))
}

func isForeign(ctx context.Context, private privateReader) bool {
	value, diags := private.GetKey(ctx, foreignStateKey)
	return !diags.HasError() && string(value) == "true"
}

// unmarkForeign removes the mark, whether it is there or not.
func unmarkForeign(ctx context.Context, private privateWriter) diag.Diagnostics {
	return private.SetKey(ctx, foreignStateKey, nil)
}

// plannedKey is a key of private state: the mark of a plan, as JSON.
const plannedKey = "planned"

// planMark returns the mark by which the register of owners recognizes a resource that is planned twice. Terraform plans a
// replacement first with the prior state, then without it but with the private state that the first plan wrote. A create has
// no mark.
func planMark(ctx context.Context, exists bool, prior privateReader, planned privateWriter) (string, diag.Diagnostics) {
	if !exists {
		mark, diags := prior.GetKey(ctx, plannedKey)
		return string(mark), diags
	}
	mark := strconv.Quote(rand.Text())
	return mark, planned.SetKey(ctx, plannedKey, []byte(mark))
}
