package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// schemaVersion is the version of every resource's state. The vendor's provider of the same type names stands at 0, and
// Terraform calls an upgrader only for a lower version than ours.
const schemaVersion = 100

// placeDescription is that of a project or region, wherever one can be set.
func placeDescription(place string) string {
	return fmt.Sprintf("%s ID. Defaults to the provider's `cloud_%s_id`.", place, strings.ToLower(place))
}

// placeAttribute is the project or region that an object belongs to.
func placeAttribute(place string) schema.Attribute {
	return schema.Int64Attribute{
		Optional: true, Computed: true, Validators: []validator.Int64{int64validator.AtLeast(1)},
		MarkdownDescription: placeDescription(place) + " Changing this forces a new resource.",
	}
}

// sameID keeps the spelling of an id in state where only its case changes.
type sameID struct{}

var _ planmodifier.String = sameID{}

func (sameID) Description(context.Context) string { return "The case of the id does not matter." }

func (m sameID) MarkdownDescription(ctx context.Context) string { return m.Description(ctx) }

func (sameID) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	exists := !req.State.Raw.IsNull() && !req.Plan.Raw.IsNull()
	if exists && !req.PlanValue.IsUnknown() && strings.EqualFold(req.PlanValue.ValueString(), req.StateValue.ValueString()) {
		resp.PlanValue = req.StateValue
	}
}

// entryAt says where in a configuration something is: `rules["https"]`. Terraform's own pointer ends at the attribute
// of the resource, and says nothing of the entry in it.
func entryAt(at path.Path, key string) string { return fmt.Sprintf("%s[%q]", at, key) }
