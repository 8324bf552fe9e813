package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource"
)

var (
	_ resource.ResourceWithUpgradeState = (*securityGroup)(nil)
	_ resource.ResourceWithMoveState    = (*securityGroup)(nil)
	_ resource.ResourceWithUpgradeState = (*securityGroupRule)(nil)
	_ resource.ResourceWithMoveState    = (*securityGroupRule)(nil)
)

// vendorVersion is the version of every state of Gcore's own providers, also
// where two releases differ in what a state holds. So the raw state is read,
// without a schema of theirs.
const vendorVersion = 0

// UpgradeState takes over a state that Gcore's provider 2.x wrote for its
// resource of the same name: Terraform asks for it once the configuration says
// that the resource belongs to this provider.
func (r *securityGroup) UpgradeState(context.Context) map[int64]resource.StateUpgrader {
	return upgrade(vendorGroup, "security group")
}

// UpgradeState is that of the group, for one rule.
func (r *securityGroupRule) UpgradeState(context.Context) map[int64]resource.StateUpgrader {
	return upgrade(vendorRule, "security group rule")
}

func upgrade[M any](read func(rawObject) M, of string) map[int64]resource.StateUpgrader {
	return map[int64]resource.StateUpgrader{vendorVersion: {
		StateUpgrader: func(ctx context.Context, req resource.UpgradeStateRequest, resp *resource.UpgradeStateResponse) {
			defer recovered(ctx, &resp.Diagnostics)
			model, diags := readVendorState(req.RawState, of, read)
			resp.Diagnostics.Append(diags...)
			if !resp.Diagnostics.HasError() {
				resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
			}
		},
	}}
}

// MoveState takes over a state for a `moved` block: of the group of Gcore's
// provider 0.x, which has another name, and of the one of 2.x.
func (r *securityGroup) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{
		{StateMover: mover("gcore_securitygroup", "security group", legacyGroup)},
		{StateMover: mover(groupType, "security group", vendorGroup)},
	}
}

// MoveState takes over a rule of Gcore's provider 2.x.
func (r *securityGroupRule) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{{StateMover: mover(ruleType, "security group rule", vendorRule)}}
}

// mover takes over what is of the given type in a state of Gcore's provider. A
// response that stays empty lets the framework ask the next one.
func mover[M any](
	sourceType, of string, read func(rawObject) M,
) func(context.Context, resource.MoveStateRequest, *resource.MoveStateResponse) {
	return func(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
		defer recovered(ctx, &resp.Diagnostics)
		if req.SourceTypeName != sourceType || req.SourceSchemaVersion != vendorVersion || !isVendor(req.SourceProviderAddress) {
			return
		}
		model, diags := readVendorState(req.SourceRawState, of, read)
		resp.Diagnostics.Append(diags...)
		if !resp.Diagnostics.HasError() {
			resp.Diagnostics.Append(resp.TargetState.Set(ctx, model)...)
		}
	}
}

// isVendor tells whether an address such as registry.terraform.io/g-core/gcore
// is Gcore's own provider, under its name or its first one. The host is of no
// account: OpenTofu has a registry of its own, and so may a company.
func isVendor(address string) bool {
	_, name, _ := strings.Cut(strings.ToLower(address), "/")
	return name == "g-core/gcore" || name == "g-core/gcorelabs"
}
