// Package provider is the Terraform provider for security groups and their rules on Gcore Cloud: schemas, plans, states
// and messages. It changes the cloud through internal/secgroup alone, and asks internal/rule what a rule means.
//
// Data flows one way: configuration, plan, engine, the group read back, state. Each resource has its schema and CRUD in
// ..._resource.go, its values in ..._model.go and its plan in ..._plan.go. Shared by all are the map of rules
// (rules_attribute.go, rules_plan.go, rules_validate.go, rules_read.go), project and region (location.go), what an
// interrupted operation leaves (pending.go), private state (private_state.go), and the wording of errors with the advice
// for each (advice.go).
package provider

import (
	"context"
	"os"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

var (
	_ provider.ProviderWithFunctions      = (*gcore)(nil)
	_ provider.ProviderWithListResources  = (*gcore)(nil)
	_ provider.ProviderWithValidateConfig = (*gcore)(nil)
)

// gcore is the provider. What it learns from its configuration goes to the resources as a [providerData]; it keeps
// nothing itself, since Terraform may configure one process several times.
type gcore struct {
	version string
	// getenv is os.Getenv, apart from tests, which run in parallel.
	getenv        func(string) string
	clientOptions []client.Option
	// The rest is for tests, which do not want to wait.
	grace          time.Duration
	requestTimeout time.Duration // 0: the client's own
}

// New returns the provider in the given version, which goes into its User-Agent. The options are the client's.
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
		func() datasource.DataSource { return &projectsData{} },
		func() datasource.DataSource { return &regionsData{} },
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
	functions := []func() function.Function{
		func() function.Function { return expandRules{} },
		func() function.Function { return rulesFromList{} },
		func() function.Function { return lintRules{} },
		func() function.Function { return whoCanReach{} },
	}
	for _, ofCIDRs := range cidrsFunctions() {
		functions = append(functions, func() function.Function { return ofCIDRs })
	}
	return functions
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
	data := &providerData{
		projectID: settings.projectID, regionID: settings.regionID, allowedProjects: settings.allowedProjects,
		tags: settings.tags, publicAdminPorts: settings.publicAdminPorts, timeout: settings.timeout,
	}
	if settings.ready() {
		api, err := client.New(client.Config{
			BaseURL:        settings.baseURL.ValueString(),
			APIKey:         settings.apiKey.ValueString(),
			UserAgent:      userAgent(p.version, req.TerraformVersion, p.getenv("TF_APPEND_USER_AGENT")),
			PollInterval:   settings.pollingInterval,
			RequestTimeout: p.requestTimeout,
		}, append([]client.Option{client.WithLogger(clientLog{key: settings.apiKey.ValueString()})}, p.clientOptions...)...)
		if err != nil {
			resp.Diagnostics.AddError("Invalid provider configuration", sentence(err.Error()))
			return
		}
		data.service = secgroup.New(api, &data.owners, p.grace)
	}
	resp.ResourceData = data
	resp.DataSourceData = data
	resp.ListResourceData = data
}
