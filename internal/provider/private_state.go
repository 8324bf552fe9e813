package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

// The keys of private state.
const (
	// pendingKey holds a create whose object has no known id yet.
	pendingKey = "create"
	// replacementKey holds the rule that takes the place of the one in state, until the other is gone.
	replacementKey = "replacement"
	// foreignStateKey marks an object that was imported, or whose state another provider wrote, until its first update.
	foreignStateKey = "imported"
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

// createJournal keeps the state level with what is known of a new object: how to find it, then its id.
type createJournal struct {
	ctx      context.Context // a journal lives for the call that it is made for
	plan     tfsdk.Plan
	resp     *resource.CreateResponse
	identity func(id types.String) any
	id       types.String // null until it is known
}

func (j *createJournal) Pending(p secgroup.Pending) {
	j.resp.Diagnostics.Append(save(j.ctx, j.resp.Private, pendingKey, p)...)
	j.resp.Diagnostics.Append(saveKnown(j.plan, &j.resp.State)...)
	j.resp.Diagnostics.Append(j.resp.Identity.Set(j.ctx, j.identity(types.StringNull()))...)
}

func (j *createJournal) Created(id string) {
	j.id = types.StringValue(id)
	j.resp.Diagnostics.Append(j.resp.State.SetAttribute(j.ctx, attribute("id"), j.id)...)
	j.resp.Diagnostics.Append(j.resp.Identity.Set(j.ctx, j.identity(j.id))...)
	j.resp.Diagnostics.Append(forget(j.ctx, j.resp.Private, pendingKey)...)
}

// fail turns the error of a create into its diagnostic. A create that certainly made nothing leaves no state.
func (j *createJournal) fail(of subject, err error) {
	if secgroup.IsNothing(err) {
		j.resp.State.RemoveResource(j.ctx)
	}
	j.resp.Diagnostics.Append(of.failed("create", err))
}

// saveKnown puts a plan into the state before its unknown values are known: null stands for them, since a state cannot
// hold unknown ones.
func saveKnown(plan tfsdk.Plan, state *tfsdk.State) diag.Diagnostics {
	raw, err := tftypes.Transform(plan.Raw, func(_ *tftypes.AttributePath, value tftypes.Value) (tftypes.Value, error) {
		if value.IsKnown() {
			return value, nil
		}
		return tftypes.NewValue(value.Type(), nil), nil
	})
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Cannot save the plan into the state", sentence(err.Error()))}
	}
	state.Raw = raw
	return nil
}

// replacementJournal keeps the new rule in private state, beside the old one in state.
type replacementJournal struct {
	ctx   context.Context // a journal lives for the call that it is made for
	state securityGroupRuleModel
	resp  *resource.UpdateResponse
}

func (j *replacementJournal) Replacing(r *secgroup.Replacement) {
	if r == nil {
		j.resp.Diagnostics.Append(forget(j.ctx, j.resp.Private, replacementKey)...)
		return
	}
	j.resp.Diagnostics.Append(save(j.ctx, j.resp.Private, replacementKey, r)...)
}

func (j *replacementJournal) Adopted(r client.SecurityGroupRule) {
	j.state = j.state.refresh(r)
	j.resp.Diagnostics.Append(j.resp.State.Set(j.ctx, j.state)...)
	j.resp.Diagnostics.Append(j.resp.Identity.Set(j.ctx, j.state.identity())...)
	j.Replacing(nil)
}

func (j *replacementJournal) CameToNothing(err error) {
	j.resp.Diagnostics.Append(cameToNothing("An earlier change", j.state.subject(), err))
}
