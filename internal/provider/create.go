package provider

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// create makes an object and keeps the state level with what is known of it:
// before the wait how to find it, then its id. It returns the id; or null, and
// the diagnostics say why. A create that certainly made nothing leaves no state.
func (c *configured) create(
	ctx context.Context, n creation, of subject, req resource.CreateRequest, resp *resource.CreateResponse, identity func(id types.String) any,
) types.String {
	id, err := c.bring(ctx, n, func(p pending) {
		resp.Diagnostics.Append(p.save(ctx, resp.Private)...)
		resp.Diagnostics.Append(saveKnown(req.Plan, &resp.State)...)
		resp.Diagnostics.Append(resp.Identity.Set(ctx, identity(types.StringNull()))...)
	})
	if errors.Is(err, errMadeNothing) {
		resp.State.RemoveResource(ctx)
	}
	if err != nil {
		resp.Diagnostics.Append(of.failed("create", err))
		return types.StringNull()
	}
	made := types.StringValue(id)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, attribute("id"), made)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identity(made))...)
	resp.Diagnostics.Append(forget(ctx, resp.Private, pendingKey)...)
	return made
}

// bring makes an object and returns its id. As soon as the object may exist,
// and before the wait for it begins, remember is told how to find it: no end of
// the run may lose it.
func (c *configured) bring(ctx context.Context, n creation, remember func(pending)) (string, error) {
	p := pending{Began: time.Now()}
	id, err := c.start(ctx, n, &p)
	if _, unresolved := errors.AsType[*unresolvedError](err); err != nil && !unresolved {
		return "", err
	}
	if since, known := c.client.ServerTime(p.Began); known {
		p.Since = since
	}
	remember(p)
	if err == nil && id == "" {
		id, err = c.resolve(ctx, n, p, c.client.WaitForTask)
	}
	if err == nil && !c.claims.take(id) {
		err = n.doubt([]string{id})
	}
	return id, err
}

// saveKnown puts a plan into the state before its unknown values are known:
// null stands for them, since a state cannot hold unknown ones.
func saveKnown(plan tfsdk.Plan, state *tfsdk.State) diag.Diagnostics {
	var diags diag.Diagnostics
	raw, err := tftypes.Transform(plan.Raw, func(_ *tftypes.AttributePath, value tftypes.Value) (tftypes.Value, error) {
		if value.IsKnown() {
			return value, nil
		}
		return tftypes.NewValue(value.Type(), nil), nil
	})
	if err != nil {
		diags.AddError("Cannot save the plan into the state", sentence(err.Error()))
		return diags
	}
	state.Raw = raw
	return diags
}
