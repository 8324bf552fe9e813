package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

var (
	_ list.ListResourceWithConfigure      = (*securityGroupList)(nil)
	_ list.ListResourceWithValidateConfig = (*securityGroupList)(nil)
)

// securityGroupList lists groups for `terraform query`. It is configured as the resource is.
type securityGroupList struct{ securityGroup }

func (l *securityGroupList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the security groups of a project and region in Gcore Cloud: all groups, or those that match every filter.",
		Attributes: map[string]schema.Attribute{
			"name":          schema.StringAttribute{Optional: true, MarkdownDescription: nameFilterDescription},
			"name_regex":    schema.StringAttribute{Optional: true, MarkdownDescription: nameRegexDescription},
			"tag_key":       schema.ListAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: tagKeyFilterDescription},
			"tag_key_value": schema.StringAttribute{Optional: true, MarkdownDescription: tagKeyValueFilterDescription},
			"project_id":    placeToList("Project"),
			"region_id":     placeToList("Region"),
		},
	}
}

// placeToList is the project or region of what is listed.
func placeToList(place string) schema.Attribute {
	return schema.Int64Attribute{
		Optional: true, Validators: []validator.Int64{int64validator.AtLeast(1)},
		MarkdownDescription: placeDescription(place),
	}
}

// beginList reads a configuration with project_id and region_id. It returns ok false if the list ends here.
func (d *providerData) beginList(ctx context.Context, given tfsdk.Config, config any, stream *list.ListResultsStream) (at client.Location, ok bool) {
	var projectID, regionID types.Int64
	diags := given.Get(ctx, config)
	diags.Append(given.GetAttribute(ctx, attribute("project_id"), &projectID)...)
	diags.Append(given.GetAttribute(ctx, attribute("region_id"), &regionID)...)
	if !diags.HasError() && d.ready(&diags) {
		var more diag.Diagnostics
		at, more = d.readLocation(projectID, regionID)
		diags.Append(more...)
	}
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
	}
	return at, !diags.HasError()
}

// ValidateListResourceConfig finds filters that nothing could match.
func (l *securityGroupList) ValidateListResourceConfig(ctx context.Context, req list.ValidateConfigRequest, resp *list.ValidateConfigResponse) {
	var config groupSearch
	if resp.Diagnostics.Append(req.Config.Get(ctx, &config)...); !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(config.check()...)
	}
}

func (l *securityGroupList) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config groupSearch
	at, ok := l.beginList(ctx, req.Config, &config, stream)
	if !ok {
		return
	}
	stream.Results = func(push func(list.ListResult) bool) {
		var pushed int64
		for group, err := range l.search(ctx, at, config, req.IncludeResource) {
			if err != nil {
				push(list.ListResult{Diagnostics: []diag.Diagnostic{l.failed(subject{kind: "security groups", location: at}, "list", err)}})
				return
			}
			// What is not asked for is not read: the next one may be on the next page.
			if pushed++; !push(l.result(ctx, req, at, group)) || pushed == req.Limit {
				return
			}
		}
	}
}

// result is a group as an import of it gives it.
func (l *securityGroupList) result(ctx context.Context, req list.ListRequest, at client.Location, group client.SecurityGroup) list.ListResult {
	result := req.NewListResult(ctx)
	result.DisplayName = group.Name
	identity := securityGroupIdentity{
		ProjectID: types.Int64Value(at.ProjectID), RegionID: types.Int64Value(at.RegionID), GroupID: types.StringValue(group.ID),
	}
	result.Diagnostics.Append(result.Identity.Set(ctx, identity)...)
	if !req.IncludeResource {
		return result
	}
	var model securityGroupModel
	result.Diagnostics.Append(identity.begin(ctx, result.Resource)...)
	result.Diagnostics.Append(result.Resource.Get(ctx, &model)...)
	model, diags := model.imported(group, l.tags)
	result.Diagnostics.Append(diags...)
	result.Diagnostics.Append(result.Resource.Set(ctx, model)...)
	return result
}
