package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
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
		MarkdownDescription: "Security groups and their rules on [Gcore Cloud](https://gcore.com/cloud), through its v2 API: " +
			"what the configuration says is what the cloud does, and what somebody changes in the cloud shows in the next plan.",
		Attributes: map[string]schema.Attribute{
			"api_key": schema.StringAttribute{
				Optional: true, Sensitive: true,
				MarkdownDescription: "Permanent API token of a Gcore account. Also from the environment variable `GCORE_API_KEY`, which keeps it out of files.",
			},
			"base_url": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Address of the API, `https://api.gcore.com` by default. Also from `GCORE_BASE_URL`. It has no path, not even `/cloud`. Plain `http` is taken for a loopback address only.",
			},
			"cloud_project_id": schema.Int64Attribute{
				Optional: true, Validators: positive,
				MarkdownDescription: "Project of resources that name none. Also from `GCORE_CLOUD_PROJECT_ID`. Each resource keeps the project it was made in in its state.",
			},
			"cloud_region_id": schema.Int64Attribute{
				Optional: true, Validators: positive,
				MarkdownDescription: "Region of resources that name none. Also from `GCORE_CLOUD_REGION_ID`. Each resource keeps the region it was made in in its state.",
			},
			"polling_interval_seconds": schema.Int64Attribute{
				Optional: true, Validators: duration,
				MarkdownDescription: "The longest wait between two looks at a task, in seconds; 3 by default. The first looks come sooner.",
			},
			"polling_timeout_seconds": schema.Int64Attribute{
				Optional: true, Validators: duration,
				MarkdownDescription: "How long one create, update or delete may take where the resource's `timeouts` say nothing, in seconds; 1200 by default.",
			},
			"default_tags": schema.MapAttribute{
				Optional: true, ElementType: types.StringType, Validators: []validator.Map{validTags{}},
				MarkdownDescription: "Tags of every security group. A group's own `tags` win where both name a key. " + tagDescription,
			},
			"public_admin_ports": schema.StringAttribute{
				Optional: true, Validators: publicPortsValidators,
				MarkdownDescription: publicPortsDescription + "`warn` by default. The attribute of that name of a resource wins.",
			},
		},
		Blocks: map[string]schema.Block{ignoreTags: ignoreTagsBlock()},
	}
}
