package provider

import (
	"context"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

// What times out names the setting to raise.
func TestTimeoutSettings(t *testing.T) {
	t.Parallel()
	ofDelete := map[string]attr.Type{"delete": types.StringType}
	none := timeouts.Value{Object: types.ObjectNull(ofDelete)}
	set := timeouts.Value{Object: types.ObjectValueMust(ofDelete, map[string]attr.Value{"delete": types.StringValue("3ms")})}
	api, err := client.New(client.Config{APIKey: "k"})
	if err != nil {
		t.Fatal(err)
	}
	d := &providerData{timeout: 2 * time.Millisecond, service: secgroup.New(api, nil, 0)}
	for name, test := range map[string]struct {
		own   timeouts.Value
		limit time.Duration
		want  string
	}{
		"of the provider": {none, d.timeout, "timed out after 2ms (polling_timeout_seconds)"},
		"shorter default": {none, time.Millisecond, "timed out after 1ms (timeouts.delete)"},
		"of the resource": {set, time.Millisecond, "timed out after 3ms (timeouts.delete)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := d.operation(t.Context(), test.own, actionDelete, test.limit)
			defer cancel()
			<-ctx.Done()
			if got := context.Cause(ctx).Error(); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestTimeoutValues(t *testing.T) {
	t.Parallel()
	nested, ok := timeoutsAttribute(t.Context(), "rule", "").(schema.SingleNestedAttribute)
	if !ok || len(nested.Attributes) != 3 {
		t.Fatalf("%v", nested)
	}
	for value, valid := range map[types.String]bool{
		types.StringNull(): true, types.StringUnknown(): true, types.StringValue("90s"): true, types.StringValue("1h30m"): true,
		types.StringValue(""): false, types.StringValue("x"): false, types.StringValue("0s"): false, types.StringValue("-5m"): false, types.StringValue("90"): false,
	} {
		for name, attribute := range nested.Attributes {
			text, ok := attribute.(schema.StringAttribute)
			if !ok || len(text.Validators) != 1 {
				t.Fatalf("%s: %v", name, attribute)
			}
			req := validator.StringRequest{Path: path.Root("timeouts").AtName(name), ConfigValue: value}
			var resp validator.StringResponse
			if text.Validators[0].ValidateString(t.Context(), req, &resp); resp.Diagnostics.HasError() == valid {
				t.Errorf("%s = %s: %v", name, value, resp.Diagnostics)
			}
		}
	}
}
