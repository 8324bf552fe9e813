package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// vendor stands in for Gcore's own provider: Terraform starts it to move its
// states, and it keeps the networks when this provider manages the security
// groups. It sends no requests; its objects stay in the state.
type vendor struct{}

func vendorServer() tfprotov6.ProviderServer { return providerserver.NewProtocol6(vendor{})() }

func (vendor) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "gcore"
}

func (vendor) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (vendor) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

func (vendor) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (vendor) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return vendorNetwork{} }}
}

// vendorNetwork is a minimal gcore_cloud_network.
type vendorNetwork struct{}

func (vendorNetwork) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "gcore_cloud_network"
}

func (vendorNetwork) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"id":   schema.StringAttribute{Computed: true},
		"name": schema.StringAttribute{Required: true},
	}}
}

func (vendorNetwork) Create(_ context.Context, _ resource.CreateRequest, resp *resource.CreateResponse) {
	resp.Diagnostics.AddError("A network is made", "Nothing should be made.")
}

func (vendorNetwork) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (vendorNetwork) Update(_ context.Context, _ resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics.AddError("A network is changed", "Nothing should be changed.")
}

func (vendorNetwork) Delete(_ context.Context, _ resource.DeleteRequest, resp *resource.DeleteResponse) {
	resp.Diagnostics.AddError("A network is deleted", "Nothing should be deleted.")
}
