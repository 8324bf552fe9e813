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
		MarkdownDescription: "The regions that the API key may see on Gcore Cloud, with their ids. It needs no project and no region, here or in the provider block.",
		Attributes: map[string]schema.Attribute{
			"display_name": placeName("Display name of the region that is wanted, such as `Luxembourg-2`, as a whole, in any case. By default all regions are."),
			"ids":          idsOfPlaces("regions"),
			"items": schema.ListNestedAttribute{
				Computed: true, MarkdownDescription: "The regions, in the order of their names.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"id":            schema.Int64Attribute{Computed: true, MarkdownDescription: "Id of the region."},
					"display_name":  schema.StringAttribute{Computed: true, MarkdownDescription: "Name of the region: the `region` of a security group."},
					"keystone_name": schema.StringAttribute{Computed: true, MarkdownDescription: "Technical name of the region."},
					"state":         schema.StringAttribute{Computed: true, MarkdownDescription: "State of the region, such as `ACTIVE` or `MAINTENANCE`."},
					"country":       schema.StringAttribute{Computed: true, MarkdownDescription: "Two letters of the country, by ISO 3166-1."},
					"zone":          schema.StringAttribute{Computed: true, MarkdownDescription: "Part of the world: `AMERICAS`, `APAC`, `EMEA` or `RUSSIA_AND_CIS`; null if the API says none."},
					"endpoint_type": schema.StringAttribute{Computed: true, MarkdownDescription: "`public`, `internal` or `admin`."},
					"access_level":  schema.StringAttribute{Computed: true, MarkdownDescription: "`core` or `edge`."},
					"created_at":    schema.StringAttribute{Computed: true, MarkdownDescription: "When the region was made, in RFC 3339."},
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
			resp.Diagnostics.Append(subject{kind: "regions"}.failed("list", err))
			return
		case model.DisplayName.IsNull() || strings.EqualFold(model.DisplayName.ValueString(), region.DisplayName):
			model.Items = append(model.Items, regionFromAPI(region))
		}
	}
	slices.SortFunc(model.Items, func(a, b regionItem) int {
		return cmp.Or(cmp.Compare(a.DisplayName, b.DisplayName), cmp.Compare(a.ID, b.ID))
	})
	model.IDs = idsByName(model.Items, func(r regionItem) (string, int64) { return r.DisplayName, r.ID })
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

func regionFromAPI(r client.Region) regionItem {
	return regionItem{
		ID: r.ID, DisplayName: r.DisplayName, KeystoneName: r.KeystoneName, State: r.State, Country: r.Country, Zone: textOrNull(r.Zone),
		EndpointType: r.EndpointType, AccessLevel: r.AccessLevel, CreatedAt: timestamp(r.CreatedAt),
	}
}
