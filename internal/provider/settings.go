package provider

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

const defaultTimeout = 20 * time.Minute

// settings is the provider's configuration with the environment and the defaults filled in. A value that another
// resource of the run will make is unknown until the apply.
type settings struct {
	apiKey, baseURL     types.String
	projectID, regionID types.Int64   // null: each resource has to name its own
	allowedProjects     types.Set     // null: all
	pollingInterval     time.Duration // 0: the client's own
	timeout             time.Duration
	tags                tagSettings
	publicAdminPorts    types.String
}

// resolveSettings fills what the provider block leaves out from the environment, then from the defaults.
func resolveSettings(model providerModel, getenv func(string) string) (settings, diag.Diagnostics) {
	tags, diags := model.tags()
	result := settings{
		apiKey:           textSetting(model.APIKey, getenv("GCORE_API_KEY"), ""),
		baseURL:          textSetting(model.BaseURL, getenv("GCORE_BASE_URL"), client.DefaultBaseURL),
		allowedProjects:  model.AllowedProjectIDs,
		pollingInterval:  seconds(model.PollingIntervalSeconds, 0),
		timeout:          seconds(model.PollingTimeoutSeconds, defaultTimeout),
		tags:             tags,
		publicAdminPorts: textSetting(model.PublicAdminPorts, "", publicPortsWarn),
	}
	result.projectID = idSetting(model.CloudProjectID, "GCORE_CLOUD_PROJECT_ID", getenv, &diags)
	result.regionID = idSetting(model.CloudRegionID, "GCORE_CLOUD_REGION_ID", getenv, &diags)
	if !result.apiKey.IsUnknown() && result.apiKey.ValueString() == "" {
		diags.AddAttributeError(attribute("api_key"), "Missing Gcore API key",
			"The provider has no API key. Set the environment variable GCORE_API_KEY. If the key has to come from a variable, set api_key from an ephemeral one: "+
				"saved plans contain other variables in clear text, sensitive ones too.")
	}
	return result, diags
}

// ready reports whether a request may be sent. A project could be refused once a value of allowedProjects is known.
func (s settings) ready() bool {
	return allKnown(s.apiKey, s.baseURL, s.allowedProjects) && allKnown(s.allowedProjects.Elements()...)
}

func textSetting(configured types.String, environment, fallback string) types.String {
	switch {
	case configured.IsUnknown(), configured.ValueString() != "":
		return configured
	case environment != "":
		return types.StringValue(environment)
	}
	return types.StringValue(fallback)
}

// idSetting is a project's or region's number from the provider block, else from the environment, else null.
func idSetting(configured types.Int64, variable string, getenv func(string) string, diags *diag.Diagnostics) types.Int64 {
	text := getenv(variable)
	if !configured.IsNull() || text == "" {
		return configured
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 {
		diags.AddError("Invalid value of "+variable,
			"The environment variable "+variable+" is "+strconv.Quote(text)+
				". It must be a number above 0: the id that the Gcore portal and API give, not a name.")
		return types.Int64Null()
	}
	return types.Int64Value(id)
}

// seconds is a number of seconds. An unknown one cannot matter yet: nothing waits while Terraform plans.
func seconds(configured types.Int64, fallback time.Duration) time.Duration {
	if configured.IsNull() || configured.IsUnknown() {
		return fallback
	}
	return time.Duration(configured.ValueInt64()) * time.Second
}

// longestAppended bounds what TF_APPEND_USER_AGENT adds, so that a server does not refuse the header.
const longestAppended = 256

// userAgent names the provider and Terraform. What is appended comes from the environment: what no header can hold is
// removed, so that a stray newline stops no run.
func userAgent(version, terraform, appended string) string {
	printable := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, appended)
	printable = printable[:min(len(printable), longestAppended)]
	return strings.TrimSpace(fmt.Sprintf("terraform-provider-gcore/%s terraform/%s %s", version, terraform, strings.TrimSpace(printable)))
}
