package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// leftoverAge is how long a group counts as what a killed run may have left.
const leftoverAge = time.Hour

// warnOfLeftovers looks, before a group is planned, for young groups of its
// name that no resource of this process has. A provider that is killed cannot
// save what it was making; this is where it is found again.
func (r *securityGroup) warnOfLeftovers(ctx context.Context, plan securityGroupModel) diag.Diagnostics {
	if r.client == nil || plan.Name.IsUnknown() || plan.ProjectID.IsUnknown() || plan.RegionID.IsUnknown() {
		return nil
	}
	var diags diag.Diagnostics
	for group, err := range r.client.SecurityGroups(ctx, plan.location(), client.SecurityGroupFilter{Name: plan.Name.ValueString()}) {
		if err != nil {
			diags.AddWarning(fmt.Sprintf("Groups named %q could not be looked for", plan.Name.ValueString()), sentence(err.Error())+
				" If an earlier run was killed, it may have left one.")
			return diags
		}
		now, _ := r.client.ServerTime(time.Now())
		if group.Name != plan.Name.ValueString() || now.Sub(group.CreatedAt.Time) > leftoverAge || r.claims.has(group.ID) {
			continue
		}
		diags.AddWarning(fmt.Sprintf("A security group named %q was made less than an hour ago", group.Name), fmt.Sprintf(
			"Group %s is not in this state, and the plan makes another one of that name. If a killed run left it, take it over by this block, and apply:\n\n%s",
			group.ID, importBlock(groupType, groupImportID(plan.location(), group.ID))))
	}
	return diags
}
