package provider

import (
	"context"
	"errors"
	"iter"

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

// securityGroupRuleList lists the rules of one group or of all groups for `terraform query`. It is configured as the resource is.
type securityGroupRuleList struct{ securityGroupRule }

// ruleSearch is the group whose rules are listed, or null for all groups of the place.
type ruleSearch struct {
	GroupID   types.String `tfsdk:"group_id"`
	ProjectID types.Int64  `tfsdk:"project_id"`
	RegionID  types.Int64  `tfsdk:"region_id"`
}

func (s ruleSearch) subject(at client.Location) subject {
	if s.GroupID.IsNull() {
		return subject{kind: "security groups", location: at}
	}
	return subject{kind: "security group", id: s.GroupID.ValueString(), location: at}
}

func (l *securityGroupRuleList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the rules of one security group in Gcore Cloud, or of all groups of a project and region. The rules of a group come oldest first.",
		Attributes: map[string]schema.Attribute{
			"group_id":   schema.StringAttribute{Optional: true, MarkdownDescription: "ID of the group. Defaults to all groups of the project and region."},
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
	var config ruleSearch
	at, ok := l.beginList(ctx, req.Config, &config, stream)
	if !ok {
		return
	}
	stream.Results = func(push func(list.ListResult) bool) {
		var pushed int64
		for group, err := range l.groups(ctx, at, config.GroupID) {
			if err != nil {
				push(list.ListResult{Diagnostics: l.unlisted(config, at, err)})
				return
			}
			for _, r := range secgroup.OldestFirst(group.Rules) {
				result := l.result(ctx, req, at, group.ID, r)
				if config.GroupID.IsNull() {
					result.DisplayName = group.Name + ": " + result.DisplayName
				}
				if pushed++; !push(result) || pushed == req.Limit {
					return
				}
			}
		}
	}
}

func (l *securityGroupRuleList) unlisted(config ruleSearch, at client.Location, err error) diag.Diagnostics {
	if errors.Is(err, client.ErrNotFound) && !config.GroupID.IsNull() {
		return groupNotFound(secgroup.Ref{Location: at, ID: config.GroupID.ValueString()}, err)
	}
	return diag.Diagnostics{l.failed(config.subject(at), "list the rules of", err)}
}

// groups are those whose rules are listed: one, or all of the place, which the API lists with their rules.
func (l *securityGroupRuleList) groups(ctx context.Context, at client.Location, id types.String) iter.Seq2[client.SecurityGroup, error] {
	if id.IsNull() {
		return l.search(ctx, at, groupSearch{}, true)
	}
	return func(yield func(client.SecurityGroup, error) bool) {
		yield(l.service.ReadRules(ctx, secgroup.Ref{Location: at, ID: id.ValueString()}))
	}
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
