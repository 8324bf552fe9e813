package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

var (
	_ list.ListResourceWithConfigure      = (*securityGroupRuleList)(nil)
	_ list.ListResourceWithValidateConfig = (*securityGroupRuleList)(nil)
)

// securityGroupRuleList lists the rules of a group for `terraform query`. It is configured as the resource is.
type securityGroupRuleList struct{ securityGroupRule }

// ruleSearch is the group whose rules are listed.
type ruleSearch struct {
	GroupID   types.String `tfsdk:"group_id"`
	ProjectID types.Int64  `tfsdk:"project_id"`
	RegionID  types.Int64  `tfsdk:"region_id"`
}

func (l *securityGroupRuleList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the rules of one security group in Gcore Cloud, oldest first.",
		Attributes: map[string]schema.Attribute{
			"group_id":   schema.StringAttribute{Required: true, MarkdownDescription: "ID of the group."},
			"project_id": placeToList("Project"),
			"region_id":  placeToList("Region"),
		},
	}
}

// ValidateListResourceConfig finds what is no id.
func (l *securityGroupRuleList) ValidateListResourceConfig(ctx context.Context, req list.ValidateConfigRequest, resp *list.ValidateConfigResponse) {
	var config ruleSearch
	if resp.Diagnostics.Append(req.Config.Get(ctx, &config)...); !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(checkGroupID(config.GroupID)...)
	}
}

func (l *securityGroupRuleList) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	results, diags := l.results(ctx, req)
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	stream.Results = func(push func(list.ListResult) bool) {
		for _, result := range results {
			if !push(result) {
				return
			}
		}
	}
}

// results are the rules of the group, as many as are asked for.
func (l *securityGroupRuleList) results(ctx context.Context, req list.ListRequest) ([]list.ListResult, diag.Diagnostics) {
	var config ruleSearch
	diags := req.Config.Get(ctx, &config)
	if diags.HasError() || !l.ready(&diags) {
		return nil, diags
	}
	at, diags := l.readLocation(config.ProjectID, config.RegionID)
	if diags.HasError() {
		return nil, diags
	}
	group, err := l.service.ReadRules(ctx, secgroup.Ref{Location: at, ID: config.GroupID.ValueString()})
	if err != nil {
		return nil, diag.Diagnostics{l.failed(subject{kind: "security group", id: config.GroupID.ValueString(), location: at}, "list the rules of", err)}
	}
	var results []list.ListResult
	for _, r := range secgroup.OldestFirst(group.Rules) {
		results = append(results, l.result(ctx, req, at, group.ID, r))
		if int64(len(results)) == req.Limit {
			break
		}
	}
	return results, nil
}

// result is a rule as an import of it gives it.
func (l *securityGroupRuleList) result(
	ctx context.Context, req list.ListRequest, at client.Location, groupID string, r client.SecurityGroupRule,
) list.ListResult {
	result := req.NewListResult(ctx)
	result.DisplayName = secgroup.RuleFromAPI(groupID, r).Label()
	identity := securityGroupRuleIdentity{
		ProjectID: types.Int64Value(at.ProjectID), RegionID: types.Int64Value(at.RegionID),
		GroupID: types.StringValue(groupID), RuleID: types.StringValue(r.ID),
	}
	result.Diagnostics.Append(result.Identity.Set(ctx, identity)...)
	if !req.IncludeResource {
		return result
	}
	var model securityGroupRuleModel
	result.Diagnostics.Append(identity.begin(ctx, result.Resource)...)
	result.Diagnostics.Append(result.Resource.Get(ctx, &model)...)
	model = model.refresh(r)
	result.Diagnostics.Append(model.warnOfImport()...)
	result.Diagnostics.Append(result.Resource.Set(ctx, model)...)
	return result
}
