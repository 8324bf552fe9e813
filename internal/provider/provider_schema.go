package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// providerModel is the provider block as written.
type providerModel struct {
	APIKey                 types.String `tfsdk:"api_key"`
	BaseURL                types.String `tfsdk:"base_url"`
	CloudProjectID         types.Int64  `tfsdk:"cloud_project_id"`
	CloudRegionID          types.Int64  `tfsdk:"cloud_region_id"`
	AllowedProjectIDs      types.Set    `tfsdk:"allowed_project_ids"`
	PollingIntervalSeconds types.Int64  `tfsdk:"polling_interval_seconds"`
	PollingTimeoutSeconds  types.Int64  `tfsdk:"polling_timeout_seconds"`
	DefaultTags            types.Map    `tfsdk:"default_tags"`
	PublicAdminPorts       types.String `tfsdk:"public_admin_ports"`
	IgnoreTags             types.Object `tfsdk:"ignore_tags"`
}

func (p *gcore) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	positive := []validator.Int64{int64validator.AtLeast(1)}
	duration := []validator.Int64{int64validator.Between(1, 86400)}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages security groups and their rules in [Gcore Cloud](https://gcore.com/cloud). " +
			"After an apply the cloud matches the configuration; changes made elsewhere show up as drift in the next plan.",
		Attributes: map[string]schema.Attribute{
			"api_key": schema.StringAttribute{
				Optional: true, Sensitive: true,
				MarkdownDescription: "Permanent API token of a Gcore account. Required, here or in the environment variable `GCORE_API_KEY`, which keeps it out of files.",
			},
			"base_url": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "URL of the API, without a path (not even `/cloud`). Defaults to `https://api.gcore.com`. Can also be set with `GCORE_BASE_URL`. Plain `http` is accepted only for a loopback address.",
			},
			"cloud_project_id": schema.Int64Attribute{
				Optional: true, Validators: positive,
				MarkdownDescription: "Project ID for resources and data sources that set no `project_id`. Can also be set with `GCORE_CLOUD_PROJECT_ID`. Each resource stores its project in the state, so changing this plans to replace resources that rely on it.",
			},
			"cloud_region_id": schema.Int64Attribute{
				Optional: true, Validators: positive,
				MarkdownDescription: "Region ID for resources and data sources that set no `region_id`. Can also be set with `GCORE_CLOUD_REGION_ID`. Each resource stores its region in the state, so changing this plans to replace resources that rely on it.",
			},
			"allowed_project_ids": schema.SetAttribute{
				Optional: true, ElementType: types.Int64Type,
				Validators: []validator.Set{setvalidator.SizeAtLeast(1), setvalidator.NoNullValues(), setvalidator.ValueInt64sAre(positive...)},
				MarkdownDescription: "IDs of the only projects that the provider reads or changes. Defaults to all projects. A resource, data source, list or import " +
					"in any other project fails before a request is sent for it. The data source `gcore_cloud_projects` still lists all projects. If one of the IDs is known only after apply, the provider sends no request until then. " +
					"It has no environment variable, so that the guard applies wherever the configuration runs.",
			},
			"polling_interval_seconds": schema.Int64Attribute{
				Optional: true, Validators: duration,
				MarkdownDescription: "Longest pause between two polls of a task, in seconds. Defaults to 3. The first polls come sooner.",
			},
			"polling_timeout_seconds": schema.Int64Attribute{
				Optional: true, Validators: duration,
				MarkdownDescription: "Timeout for one create, update or delete, in seconds, unless the resource sets `timeouts`. Defaults to 1200.",
			},
			"default_tags": schema.MapAttribute{
				Optional: true, ElementType: types.StringType, Validators: []validator.Map{validTags{}},
				MarkdownDescription: "Tags for every security group. If a group's own `tags` has the same key, its value takes precedence. " + tagDescription,
			},
			"public_admin_ports": schema.StringAttribute{
				Optional: true, Validators: publicPortsValidators,
				MarkdownDescription: publicPortsDescription + "Defaults to `warn`. `public_admin_ports` of a resource takes precedence.",
			},
		},
		Blocks: map[string]schema.Block{ignoreTags: ignoreTagsBlock()},
	}
}
