package provider

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

var _ datasource.DataSourceWithConfigure = (*regionsData)(nil)

// regionsData is the data source gcore_cloud_regions.
type regionsData struct{ *providerData }

// regionsDataModel is the data source as Terraform holds it.
type regionsDataModel struct {
	DisplayName types.String     `tfsdk:"display_name"`
	IDs         map[string]int64 `tfsdk:"ids"`
	Items       []regionItem     `tfsdk:"items"`
}

// regionItem is a region in a data source.
type regionItem struct {
	ID           int64        `tfsdk:"id"`
	DisplayName  string       `tfsdk:"display_name"`
	KeystoneName string       `tfsdk:"keystone_name"`
	State        string       `tfsdk:"state"`
	Country      string       `tfsdk:"country"`
	Zone         types.String `tfsdk:"zone"`
	EndpointType string       `tfsdk:"endpoint_type"`
	AccessLevel  string       `tfsdk:"access_level"`
	CreatedAt    types.String `tfsdk:"created_at"`
}

func (d *regionsData) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_cloud_regions"
}

func (d *regionsData) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.providerData = dataFrom(req.ProviderData, &resp.Diagnostics)
}

func (d *regionsData) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the Gcore Cloud regions that the API key can access, with their IDs. Requires only an API key: no project and no region.",
		Attributes: map[string]schema.Attribute{
			"display_name": placeName("Full display name of the region, such as `Luxembourg-2`, case-insensitive. Defaults to all regions."),
			"ids":          idsOfPlaces("regions"),
			"items": schema.ListNestedAttribute{
				Computed: true, MarkdownDescription: "Regions, sorted by name.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"id":            schema.Int64Attribute{Computed: true, MarkdownDescription: "ID of the region."},
					"display_name":  schema.StringAttribute{Computed: true, MarkdownDescription: "Name of the region, as in `region` of a security group."},
					"keystone_name": schema.StringAttribute{Computed: true, MarkdownDescription: "Technical name of the region."},
					"state":         schema.StringAttribute{Computed: true, MarkdownDescription: "State of the region: `ACTIVE` if it is in operation, otherwise `NEW`, `MAINTENANCE`, `INACTIVE`, `DELETING`, `DELETION_FAILED` or `DELETED`."},
					"country":       schema.StringAttribute{Computed: true, MarkdownDescription: "Two-letter country code (ISO 3166-1)."},
					"zone":          schema.StringAttribute{Computed: true, MarkdownDescription: "Geographical zone: `AMERICAS`, `APAC`, `EMEA` or `RUSSIA_AND_CIS`; null if the API returns none."},
					"endpoint_type": schema.StringAttribute{Computed: true, MarkdownDescription: "`public`, `internal` or `admin`."},
					"access_level":  schema.StringAttribute{Computed: true, MarkdownDescription: "Kind of region: `core` or `edge`. The API documents no field for whether an account can use a region."},
					"created_at":    schema.StringAttribute{Computed: true, MarkdownDescription: "Creation time, in RFC 3339 format."},
				}},
			},
		},
	}
}

func (d *regionsData) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	defer recovered(ctx, &resp.Diagnostics)
	var model regionsDataModel
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, attribute("display_name"), &model.DisplayName)...)
	if resp.Diagnostics.HasError() || !d.ready(&resp.Diagnostics) {
		return
	}
	model.Items = []regionItem{}
	for region, err := range d.service.ListRegions(ctx) {
		switch {
		case err != nil:
			resp.Diagnostics.Append(d.failed(subject{kind: "regions"}, "list", err))
			return
		case model.DisplayName.IsNull() || strings.EqualFold(model.DisplayName.ValueString(), region.DisplayName):
			model.Items = append(model.Items, regionFromAPI(region))
		}
	}
	slices.SortFunc(model.Items, func(a, b regionItem) int {
		return cmp.Or(cmp.Compare(a.DisplayName, b.DisplayName), cmp.Compare(a.ID, b.ID))
	})
	there := slices.DeleteFunc(slices.Clone(model.Items), func(r regionItem) bool { return r.State == "DELETED" })
	model.IDs = idsByName(there, func(r regionItem) (string, int64) { return r.DisplayName, r.ID })
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

func regionFromAPI(r client.Region) regionItem {
	return regionItem{
		ID: r.ID, DisplayName: r.DisplayName, KeystoneName: r.KeystoneName, State: r.State, Country: r.Country, Zone: textOrNull(r.Zone),
		EndpointType: r.EndpointType, AccessLevel: r.AccessLevel, CreatedAt: timestamp(r.CreatedAt),
	}
}
