// Package provider is the Terraform provider for security groups and their
// rules on Gcore Cloud: schemas, plans, and what create, read, update and
// delete do. It reaches the cloud through internal/client alone, and asks
// internal/rule what a rule means.
//
// Data flows one way: configuration, model, request, task, the group read
// back, state. The mappings between them are pure functions.
package provider

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

var (
	_ provider.ProviderWithFunctions     = (*gcore)(nil)
	_ provider.ProviderWithListResources = (*gcore)(nil)
)

// gcore is the provider. What it learns from its configuration goes to the
// resources as a [configured]; it keeps nothing itself, since Terraform may
// configure one process several times.
type gcore struct {
	version string
	// getenv is os.Getenv, apart from tests, which run in parallel.
	getenv        func(string) string
	clientOptions []client.Option
	// The rest is for tests, which do not want to wait.
	grace          time.Duration
	requestTimeout time.Duration // 0: the client's own
}

// New returns the provider in the given version, which goes into its
// User-Agent. The options are the client's.
func New(version string, options ...client.Option) provider.Provider {
	return &gcore{version: version, getenv: os.Getenv, grace: defaultGrace, clientOptions: options}
}

func (p *gcore) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "gcore"
	resp.Version = p.version
}

func (p *gcore) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		func() resource.Resource { return &securityGroup{} },
		func() resource.Resource { return &securityGroupRule{} },
		func() resource.Resource { return &securityGroupRuleSet{} },
	}
}

func (p *gcore) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		func() datasource.DataSource { return &securityGroupData{} },
		func() datasource.DataSource { return &securityGroupsData{} },
	}
}

func (p *gcore) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{
		func() list.ListResource { return &securityGroupList{} },
		func() list.ListResource { return &securityGroupRuleList{} },
	}
}

// Functions are pure: they need neither a key nor the cloud.
func (p *gcore) Functions(context.Context) []func() function.Function {
	return []func() function.Function{
		func() function.Function { return expandRules{} },
		func() function.Function { return mergeCIDRs{} },
		func() function.Function { return rulesFromList{} },
	}
}

func (p *gcore) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var model providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	settings, diags := resolveSettings(model, p.getenv)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	result := &configured{
		projectID: settings.projectID, regionID: settings.regionID,
		defaultTags: settings.defaultTags, timeout: settings.timeout, grace: p.grace,
	}
	if !settings.apiKey.IsUnknown() && !settings.baseURL.IsUnknown() {
		var err error
		result.client, err = client.New(client.Config{
			BaseURL:        settings.baseURL.ValueString(),
			APIKey:         settings.apiKey.ValueString(),
			UserAgent:      fmt.Sprintf("terraform-provider-gcore/%s terraform/%s", p.version, req.TerraformVersion),
			PollInterval:   settings.pollingInterval,
			RequestTimeout: p.requestTimeout,
		}, append([]client.Option{client.WithLogger(clientLog{key: settings.apiKey.ValueString()})}, p.clientOptions...)...)
		if err != nil {
			resp.Diagnostics.AddError("Invalid provider configuration", sentence(err.Error()))
			return
		}
	}
	resp.ResourceData = result
	resp.DataSourceData = result
	resp.ListResourceData = result
}

// clientFrom is what each resource's Configure does with the provider's data.
// The data is nil while Terraform only validates.
func clientFrom(data any, diags *diag.Diagnostics) *configured {
	if data == nil {
		return nil
	}
	result, ok := data.(*configured)
	if !ok {
		diags.AddError("Unexpected provider data",
			fmt.Sprintf("The provider handed a %T to its resource. This is a bug in the provider: please report it.", data))
	}
	return result
}

// attribute is short for the path of a top-level attribute.
func attribute(name string) path.Path { return path.Root(name) }
