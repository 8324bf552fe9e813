package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// importedMark says, in private state, that the object was imported, or its
// state taken over from another provider, and not updated since.
const importedMark = "imported"

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
