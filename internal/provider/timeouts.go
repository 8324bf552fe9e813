package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// groupDeletion is the default timeout for deleting a group, if the provider's is not shorter. A group in use is waited for,
// since the same run may delete what uses it. If nothing does, the error should not take as long as the slowest operation.
const groupDeletion = 5 * time.Minute

// timeoutsAttribute is `timeouts` of a resource that manages such an object. The note is about defaults; it may be empty.
func timeoutsAttribute(ctx context.Context, object, note string) schema.Attribute {
	describe := func(operation string) string {
		return fmt.Sprintf("Timeout for %s the %s, such as `90s` or `10m`.", operation, object)
	}
	attribute, ok := timeouts.Attributes(ctx, timeouts.Opts{
		Create: true, CreateDescription: describe("creating"),
		Update: true, UpdateDescription: describe("updating"),
		Delete: true, DeleteDescription: describe("deleting"),
	}).(schema.SingleNestedAttribute)
	if !ok {
		panic("terraform-plugin-framework-timeouts has another attribute for timeouts")
	}
	attribute.MarkdownDescription = "Timeouts for single operations. Each defaults to the provider's `polling_timeout_seconds`." + note
	for name, each := range attribute.Attributes {
		text, ok := each.(schema.StringAttribute)
		if !ok {
			panic("terraform-plugin-framework-timeouts has another attribute for " + name)
		}
		// In place of the library's, which accepts a negative duration.
		text.Validators = []validator.String{positiveDuration{}}
		attribute.Attributes[name] = text
	}
	return attribute
}

type positiveDuration struct{}

var _ validator.String = positiveDuration{}

func (positiveDuration) Description(context.Context) string { return "a duration above zero" }

func (v positiveDuration) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (positiveDuration) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if limit, err := time.ParseDuration(req.ConfigValue.ValueString()); err == nil && limit > 0 {
		return
	}
	resp.Diagnostics.Append(diag.NewAttributeErrorDiagnostic(req.Path, "Invalid timeout", fmt.Sprintf(
		"%s is %s. Write a duration above zero, such as \"90s\" or \"10m\".", req.Path, req.ConfigValue)))
}
