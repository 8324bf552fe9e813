package provider

import (
	"cmp"
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	_ datasource.DataSourceWithConfigure      = (*securityGroupsData)(nil)
	_ datasource.DataSourceWithValidateConfig = (*securityGroupsData)(nil)
)

// securityGroupsData is the data source gcore_cloud_security_groups.
type securityGroupsData struct{ *providerData }

// securityGroupsDataModel is the data source as Terraform holds it.
type securityGroupsDataModel struct {
	groupSearch
	MaxItems types.Int64         `tfsdk:"max_items"`
	Items    []securityGroupItem `tfsdk:"items"`
}

func (d *securityGroupsData) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_cloud_security_groups"
}

func (d *securityGroupsData) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.providerData = dataFrom(req.ProviderData, &resp.Diagnostics)
}

func (d *securityGroupsData) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := filterAttributes()
	attributes["name_regex"] = schema.StringAttribute{Optional: true, MarkdownDescription: nameRegexDescription}
	attributes["max_items"] = schema.Int64Attribute{
		Optional: true, Validators: []validator.Int64{int64validator.AtLeast(1)},
		MarkdownDescription: "Maximum number of groups to return. Defaults to all that match. The API decides which come first.",
	}
	attributes["items"] = schema.ListNestedAttribute{
		Computed: true, NestedObject: schema.NestedAttributeObject{Attributes: itemAttributes()},
		MarkdownDescription: "Groups, sorted by name.",
	}
	attributes["project_id"], attributes["region_id"] = placeToLookIn("Project"), placeToLookIn("Region")
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the security groups of a project and region in Gcore Cloud, with their rules: all groups, " +
			"or those that match every filter.",
		Attributes: attributes,
	}
}

// ValidateConfig finds filters that nothing could match.
func (d *securityGroupsData) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var config securityGroupsDataModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &config)...); resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(config.check()...)
}

func (d *securityGroupsData) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	defer recovered(ctx, &resp.Diagnostics)
	var model securityGroupsDataModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() || !d.ready(&resp.Diagnostics) {
		return
	}
	at, diags := d.readLocation(model.ProjectID, model.RegionID)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	model.ProjectID, model.RegionID = types.Int64Value(at.ProjectID), types.Int64Value(at.RegionID)
	model.Items = []securityGroupItem{}
	for group, err := range d.search(ctx, at, model.groupSearch, true) {
		if err != nil {
			resp.Diagnostics.Append(d.failed(subject{kind: "security groups", location: at}, "list", err))
			return
		}
		item, diags := itemFromAPI(at, group, d.tags.ignored)
		resp.Diagnostics.Append(diags...)
		model.Items = append(model.Items, item)
		if !model.MaxItems.IsNull() && int64(len(model.Items)) == model.MaxItems.ValueInt64() {
			break
		}
	}
	slices.SortFunc(model.Items, func(a, b securityGroupItem) int {
		return cmp.Or(cmp.Compare(a.Name.ValueString(), b.Name.ValueString()), cmp.Compare(a.ID.ValueString(), b.ID.ValueString()))
	})
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}
