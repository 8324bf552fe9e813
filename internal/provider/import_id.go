package provider

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// importID is what an import id names. Project and region are null in the short form, which takes the provider's.
type importID struct {
	projectID, regionID types.Int64
	ids                 []string
}

// importForm says how an import id is written.
func importForm(names ...string) string {
	ids := "<" + strings.Join(names, ">/<") + ">"
	return fmt.Sprintf("<project_id>/<region_id>/%[1]s, or %[1]s with the provider's project and region", ids)
}

// parseImportID reads `<project_id>/<region_id>/<id>...` or the ids alone, of which there are as many as names; `:` is
// taken for `/`, as the vendor's provider writes it.
func parseImportID(text string, names ...string) (importID, error) {
	wrong := fmt.Errorf("the import id %q is not of the form %s", text, importForm(names...))
	parts := strings.Split(strings.ReplaceAll(strings.TrimSpace(text), ":", "/"), "/")
	result := importID{projectID: types.Int64Null(), regionID: types.Int64Null()}
	if len(parts) == len(names)+2 {
		project, projectErr := strconv.ParseInt(parts[0], 10, 64)
		region, regionErr := strconv.ParseInt(parts[1], 10, 64)
		if projectErr != nil || regionErr != nil || project < 1 || region < 1 {
			return importID{}, wrong
		}
		result.projectID, result.regionID = types.Int64Value(project), types.Int64Value(region)
		parts = parts[2:]
	}
	if len(parts) != len(names) {
		return importID{}, wrong
	}
	for _, id := range parts {
		if !rule.IsUUID(id) {
			return importID{}, wrong
		}
		result.ids = append(result.ids, strings.ToLower(id))
	}
	return result, nil
}

// importID reads what an import names, from its id or its identity. Project and region are the provider's if it names
// none.
func (d *providerData) importID(ctx context.Context, req resource.ImportStateRequest, names ...string) (importID, diag.Diagnostics) {
	var diags diag.Diagnostics
	var id importID
	if req.ID == "" && req.Identity != nil {
		id, diags = parseIdentity(ctx, req.Identity, names...)
	} else {
		var err error
		if id, err = parseImportID(req.ID, names...); err != nil {
			diags.AddError("Invalid import id", sentence(err.Error()))
		}
	}
	if !diags.HasError() {
		id.projectID, id.regionID = d.importLocation(id.projectID, id.regionID, &diags)
	}
	return id, diags
}

// importLocation fills what an import leaves out with the provider's project and region.
func (d *providerData) importLocation(projectID, regionID types.Int64, diags *diag.Diagnostics) (types.Int64, types.Int64) {
	for _, missing := range d.fillLocation(&projectID, &regionID) {
		diags.AddError("Missing "+missing.word, "The import names no "+missing.word+" and the provider has none. "+
			"Import <project_id>/<region_id>/... or set "+missing.providerAttribute+" or "+missing.variable+".")
	}
	diags.Append(d.checkProject(projectID)...)
	return projectID, regionID
}

// parseIdentity is parseImportID for an identity, whose attributes have the given names.
func parseIdentity(ctx context.Context, identity *tfsdk.ResourceIdentity, names ...string) (importID, diag.Diagnostics) {
	var result importID
	diags := identity.GetAttribute(ctx, attribute("project_id"), &result.projectID)
	diags.Append(identity.GetAttribute(ctx, attribute("region_id"), &result.regionID)...)
	for _, place := range []struct {
		name string
		id   types.Int64
	}{{"project_id", result.projectID}, {"region_id", result.regionID}} {
		if !place.id.IsNull() && place.id.ValueInt64() < 1 {
			diags.AddAttributeError(attribute(place.name), "Invalid import identity",
				fmt.Sprintf("%s is %d. It must be a number above 0, or left out for the provider's.", place.name, place.id.ValueInt64()))
		}
	}
	for _, name := range names {
		var id types.String
		diags.Append(identity.GetAttribute(ctx, attribute(name), &id)...)
		if !rule.IsUUID(id.ValueString()) {
			diags.AddAttributeError(attribute(name), "Invalid import identity",
				fmt.Sprintf("%s is %s. It must be an id as the Gcore portal and API show it, such as %q.", name, rule.Quote(id.ValueString()), exampleID))
		}
		result.ids = append(result.ids, strings.ToLower(id.ValueString()))
	}
	return result, diags
}

// exampleID shows what the ids of groups and rules look like.
const exampleID = "0b0e6ba5-5fa5-4a94-9d4c-3a9ad7d8b5a1"
