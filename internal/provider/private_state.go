package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

// The keys of private state.
const (
	pendingKey      = "create"      // a create whose object has no known id yet
	replacementKey  = "replacement" // the rule that takes the place of the one in state, until the other is deleted
	foreignStateKey = "imported"    // marks an imported object, or another provider's state, until its first update
)

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

// forget removes a key, whether it is there or not.
func forget(ctx context.Context, private privateWriter, key string) diag.Diagnostics {
	return private.SetKey(ctx, key, nil)
}

func save(ctx context.Context, private privateWriter, key string, memory any) diag.Diagnostics {
	value, err := json.Marshal(memory)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Cannot save what was begun into the state", sentence(err.Error()))}
	}
	return private.SetKey(ctx, key, value)
}

// loadPending returns nil if the state remembers no create.
func loadPending(ctx context.Context, private privateReader) *secgroup.Pending {
	value, diags := private.GetKey(ctx, pendingKey)
	var p secgroup.Pending
	if diags.HasError() || json.Unmarshal(value, &p) != nil || p.Began.IsZero() {
		return nil
	}
	return &p
}

// loadReplacement returns nil if no replacement of the rule was cut off.
func loadReplacement(ctx context.Context, private privateReader) (*secgroup.Replacement, diag.Diagnostics) {
	value, diags := private.GetKey(ctx, replacementKey)
	if diags.HasError() || len(value) == 0 {
		return nil, diags
	}
	var r secgroup.Replacement
	err := json.Unmarshal(value, &r)
	if err == nil && r.ID == "" && r.Create == nil {
		err = errors.New("it holds neither an id nor a create")
	}
	if err != nil {
		diags.AddError("Cannot read what an earlier change of the rule has made",
			fmt.Sprintf("The state's private data under %q is not what this version of the provider writes: %v.", replacementKey, err))
		return nil, diags
	}
	return &r, diags
}
