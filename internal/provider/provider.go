// Package provider is the Terraform provider for security groups and their rules on Gcore Cloud: schemas, plans, states
// and messages. It changes the cloud through internal/secgroup alone, and asks internal/rule what a rule means.
//
// Data flows one way: configuration, plan, engine, the group read back, state. Each resource has its schema and CRUD in
// ..._resource.go, its values in ..._model.go and its plan in ..._plan.go. Shared by all are the map of rules
// (rules_attribute.go, rules_plan.go, rules_validate.go, rules_read.go), project and region (location.go), private state
// (private_state.go), and the wording of errors with the advice for each (diagnostics.go).
package provider

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

var (
	_ provider.ProviderWithFunctions     = (*gcore)(nil)
	_ provider.ProviderWithListResources = (*gcore)(nil)
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
	data := &providerData{
		projectID: settings.projectID, regionID: settings.regionID,
		defaultTags: settings.defaultTags, timeout: settings.timeout,
	}
	if !settings.apiKey.IsUnknown() && !settings.baseURL.IsUnknown() {
		api, err := client.New(client.Config{
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
		data.service = secgroup.New(api, &data.owners, p.grace)
	}
	resp.ResourceData = data
	resp.DataSourceData = data
	resp.ListResourceData = data
}

// dataFrom is what each resource's Configure does with the provider's data. The data is nil while Terraform only
// validates.
func dataFrom(data any, diags *diag.Diagnostics) *providerData {
	if data == nil {
		return nil
	}
	result, ok := data.(*providerData)
	if !ok {
		diags.AddError("Unexpected provider data",
			fmt.Sprintf("The provider handed a %T to its resource. This is a bug in the provider: please report it.", data))
	}
	return result
}

// ready reports whether the API can be reached at all; it adds an error if the provider's configuration is still
// unknown when something is to be written.
func (d *providerData) ready(diags *diag.Diagnostics) bool {
	if d.service == nil {
		diags.AddError("The provider is not configured", "api_key or base_url of the provider is not known yet, so nothing can be looked up or written. "+
			"Apply first what makes its value, with -target, then the rest.")
		return false
	}
	return true
}

// defaultGrace is how long an operation may go on after an interruption: long enough for most tasks to end, short
// enough for a user who pressed Ctrl-C.
const defaultGrace = 15 * time.Second

// operation is the context of one create, update or delete, which has the resource's own timeout or the provider's.
func (d *providerData) operation(
	ctx context.Context, timeout func(context.Context, time.Duration) (time.Duration, diag.Diagnostics), diags *diag.Diagnostics,
) (context.Context, context.CancelFunc) {
	limit, more := timeout(ctx, d.timeout)
	diags.Append(more...)
	return d.service.Operation(ctx, limit)
}

// recovered is deferred by what creates, reads, updates and deletes. Terraform saves no state of a provider that dies:
// a panic becomes an error, and what the response holds by then is kept.
func recovered(ctx context.Context, diags *diag.Diagnostics) {
	if cause := recover(); cause != nil {
		tflog.Error(ctx, "panic", map[string]any{"cause": fmt.Sprint(cause), "stack": string(debug.Stack())})
		diags.AddError("The provider has a bug", fmt.Sprintf(
			"It panicked: %v. The state keeps what was known. Please report this, with the log of a run under TF_LOG=ERROR.", cause))
	}
}

// attribute is short for the path of a top-level attribute.
func attribute(name string) path.Path { return path.Root(name) }
