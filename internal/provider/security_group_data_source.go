package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

var (
	_ datasource.DataSourceWithConfigure      = (*securityGroupData)(nil)
	_ datasource.DataSourceWithValidateConfig = (*securityGroupData)(nil)
)

// securityGroupData is the data source gcore_cloud_security_group.
type securityGroupData struct{ *providerData }

// securityGroupDataModel is the data source as Terraform holds it.
type securityGroupDataModel struct {
	GroupID   types.String `tfsdk:"group_id"`
	FindOneBy types.Object `tfsdk:"find_one_by"`
	securityGroupItem
	WithInstances types.Bool     `tfsdk:"with_instances"`
	Instances     []instanceItem `tfsdk:"instances"`
}

// instanceItem is an instance in a data source.
type instanceItem struct {
	ID   types.String `tfsdk:"id"`
	Name types.String `tfsdk:"name"`
}

func (d *securityGroupData) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_cloud_security_group"
}

func (d *securityGroupData) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.providerData = dataFrom(req.ProviderData, &resp.Diagnostics)
}

func (d *securityGroupData) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := itemAttributes()
	attributes["group_id"] = schema.StringAttribute{
		Optional: true, MarkdownDescription: "ID of the group. Set either this or `find_one_by`.",
	}
	attributes["find_one_by"] = schema.SingleNestedAttribute{
		Optional: true, Attributes: filterAttributes(),
		MarkdownDescription: "Filters that identify the group in its project and region; at least one is required. " +
			"Exactly one group must match all of them.",
	}
	attributes["with_instances"] = schema.BoolAttribute{
		Optional: true, MarkdownDescription: "Whether to read `instances`, which takes one more request. Defaults to `false`.",
	}
	attributes["instances"] = schema.ListNestedAttribute{
		Computed: true,
		MarkdownDescription: "Instances that use the group, sorted by name. Null unless `with_instances` is `true`. " +
			"A warning appears if the API counts more instances than it lists.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"id":   schema.StringAttribute{Computed: true, MarkdownDescription: "Instance ID."},
			"name": schema.StringAttribute{Computed: true, MarkdownDescription: "Name of the instance. Names need not be unique."},
		}},
	}
	attributes["project_id"], attributes["region_id"] = placeToLookIn("Project"), placeToLookIn("Region")
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads one security group in Gcore Cloud with its rules, by ID, or by name and tags.",
		Attributes:          attributes,
	}
}

// placeToLookIn is the project or region of what a data source looks for.
func placeToLookIn(place string) schema.Attribute {
	return schema.Int64Attribute{
		Optional: true, Computed: true, Validators: []validator.Int64{int64validator.AtLeast(1)},
		MarkdownDescription: placeDescription(place),
	}
}

// filterAttributes is the schema of a groupFilter.
func filterAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"name":          schema.StringAttribute{Optional: true, MarkdownDescription: nameFilterDescription},
		"tag_key":       schema.ListAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: tagKeyFilterDescription},
		"tag_key_value": schema.StringAttribute{Optional: true, MarkdownDescription: tagKeyValueFilterDescription},
	}
}

// ValidateConfig finds what would look for nothing, or for two things at once.
func (d *securityGroupData) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var config securityGroupDataModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &config)...); resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(checkGroupID(config.GroupID)...)
	given := func(value attr.Value) bool { return !value.IsNull() && !value.IsUnknown() }
	switch {
	case given(config.GroupID) && given(config.FindOneBy):
		resp.Diagnostics.AddAttributeError(attribute("find_one_by"), "group_id conflicts with find_one_by",
			"group_id and find_one_by are both given. Remove one of the two.")
	case config.GroupID.IsNull() && config.FindOneBy.IsNull():
		resp.Diagnostics.AddError("Missing group_id or find_one_by",
			`Write group_id, or find_one_by with a name or tags, such as find_one_by = { name = "web" }.`)
	}
	filter, known, diags := config.filter(ctx)
	resp.Diagnostics.Append(diags...)
	if config.FindOneBy.IsNull() || diags.HasError() {
		return
	}
	resp.Diagnostics.Append(filter.check(attribute("find_one_by"))...)
	if known && filter.request().Empty() {
		resp.Diagnostics.AddAttributeError(attribute("find_one_by"), "find_one_by is empty",
			`find_one_by has no filter. Write a name, tag_key or tag_key_value in it, such as { name = "web" }.`)
	}
}

// filter is find_one_by; known is false while a part of it is for the apply.
func (m securityGroupDataModel) filter(ctx context.Context) (filter groupFilter, known bool, diags diag.Diagnostics) {
	if m.FindOneBy.IsNull() || m.FindOneBy.IsUnknown() {
		return groupFilter{}, false, nil
	}
	diags = m.FindOneBy.As(ctx, &filter, basetypes.ObjectAsOptions{})
	return filter, filter.known(), diags
}

func (d *securityGroupData) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	defer recovered(ctx, &resp.Diagnostics)
	var model securityGroupDataModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	filter, _, diags := model.filter(ctx)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || !d.ready(&resp.Diagnostics) {
		return
	}
	at, diags := d.readLocation(model.ProjectID, model.RegionID)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	var group client.SecurityGroup
	if id := model.GroupID; !id.IsNull() {
		group, diags = d.byID(ctx, at, id.ValueString())
	} else {
		group, diags = d.onlyOne(ctx, at, filter)
	}
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	model.securityGroupItem, diags = itemFromAPI(at, group, d.tags.ignored)
	resp.Diagnostics.Append(diags...)
	if model.WithInstances.ValueBool() {
		model.Instances, diags = d.instances(ctx, secgroup.Ref{Location: at, ID: group.ID})
		if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
			return
		}
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

// instances are those that use a group.
func (d *securityGroupData) instances(ctx context.Context, group secgroup.Ref) (items []instanceItem, diags diag.Diagnostics) {
	found, count, err := d.service.ListInstances(ctx, group)
	if err != nil {
		return nil, diag.Diagnostics{d.failed(subject{kind: "security group", id: group.ID, location: group.Location}, "list the instances of", err)}
	}
	if listed := int64(len(found)); count > listed {
		diags.Append(missingInstances(group, count, listed))
	}
	items = []instanceItem{}
	slices.SortFunc(found, func(a, b client.Instance) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	for _, instance := range found {
		items = append(items, instanceItem{types.StringValue(instance.ID), types.StringValue(instance.Name)})
	}
	return items, diags
}

func missingInstances(group secgroup.Ref, count, listed int64) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(attribute("instances"), "Some instances are missing", fmt.Sprintf(
		"The API counts %d instances that use security group %s, but returned only %d.", count, group.ID, listed))
}

func (d *securityGroupData) byID(ctx context.Context, at client.Location, id string) (client.SecurityGroup, diag.Diagnostics) {
	ref := secgroup.Ref{Location: at, ID: id}
	group, err := d.service.ReadRules(ctx, ref)
	switch {
	case errors.Is(err, client.ErrNotFound):
		return group, groupNotFound(ref, err)
	case err != nil:
		return group, diag.Diagnostics{d.failed(subject{kind: "security group", id: id, location: at}, "read", err)}
	}
	return group, nil
}

// onlyOne looks for the one group that matches, which is neither none nor one of several.
func (d *securityGroupData) onlyOne(ctx context.Context, at client.Location, filter groupFilter) (client.SecurityGroup, diag.Diagnostics) {
	wanted := filter.request()
	var found, others []client.SecurityGroup
	for group, err := range d.service.ListGroups(ctx, at, wanted) {
		switch {
		case err != nil:
			return group, diag.Diagnostics{d.failed(subject{kind: "security groups", location: at}, "list", err)}
		case wanted.Matches(group):
			found = append(found, group)
		default:
			others = append(others, group)
		}
	}
	refused := func(title, format string, a ...any) (client.SecurityGroup, diag.Diagnostics) {
		return client.SecurityGroup{}, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(attribute("find_one_by"), title, fmt.Sprintf(format, a...))}
	}
	switch {
	case len(found) == 0:
		return refused("No security group found", "No security group in project %d, region %d has %s (exact match). %s",
			at.ProjectID, at.RegionID, filterWords(wanted), d.alternatives(ctx, at, others))
	case len(found) > 1:
		return refused("More than one security group found", "Set group_id to the id of the group that you want, or narrow find_one_by. "+
			"%d security groups in project %d, region %d have %s:\n\n%s",
			len(found), at.ProjectID, at.RegionID, filterWords(wanted), groupLines(found))
	case found[0].Rules == nil:
		return d.byID(ctx, at, found[0].ID)
	}
	return found[0], nil
}

// alternatives names what there is in place of what was looked for: what the API took for a match, else any groups of
// that place.
func (d *securityGroupData) alternatives(ctx context.Context, at client.Location, others []client.SecurityGroup) string {
	if len(others) > 0 {
		return "The API returned these, which do not match exactly:\n\n" + groupLines(others)
	}
	for group, err := range d.service.ListGroups(ctx, at, client.SecurityGroupFilter{}) {
		if err != nil || len(others) > groupLineLimit {
			break
		}
		others = append(others, group)
	}
	if len(others) == 0 {
		return "There are no groups at all: check project_id and region_id, here or in the provider block."
	}
	return "Check project_id and region_id too. There are:\n\n" + groupLines(others)
}

// groupLineLimit is how many groups a message names.
const groupLineLimit = 10

// groupLines names groups by name, id and age, up to a number.
func groupLines(groups []client.SecurityGroup) string {
	var lines []string
	for _, group := range groups[:min(len(groups), groupLineLimit)] {
		line := fmt.Sprintf("  - %s (%s)", rule.Quote(group.Name), group.ID)
		if !group.CreatedAt.IsZero() {
			line += " created " + timestamp(group.CreatedAt).ValueString()
		}
		lines = append(lines, line)
	}
	if len(groups) > groupLineLimit {
		lines = append(lines, "  - and more")
	}
	return strings.Join(lines, "\n")
}
