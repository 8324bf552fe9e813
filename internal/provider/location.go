package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

// place is what differs between a project and a region when either is planned.
type place struct {
	attribute, word, providerAttribute, variable string
	fallback                                     types.Int64
}

func (d *providerData) places() [2]place {
	return [...]place{
		{"project_id", "project", "cloud_project_id", "GCORE_CLOUD_PROJECT_ID", d.projectID},
		{"region_id", "region", "cloud_region_id", "GCORE_CLOUD_REGION_ID", d.regionID},
	}
}

// missing says that nothing names the project or region.
func (p place) missing(note string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(attribute(p.attribute), "Missing "+p.word, fmt.Sprintf(
		"No %s is set. Set %s here, %s in the provider block, or the environment variable %s.%s",
		p.word, p.attribute, p.providerAttribute, p.variable, note))
}

// elsewhere refuses to replace an object whose configuration does not name its place.
func (p place) elsewhere(prior, effective int64) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(attribute(p.attribute), "The configuration implies another "+p.word, fmt.Sprintf(
		"Write %[5]s = %[2]d into this resource. Its object was imported from %[1]s %[2]d, or taken over from another provider there, "+
			"while this provider's %[3]s is %[4]d: applying this would replace it.",
		p.word, prior, p.providerAttribute, effective, p.attribute))
}

// replaces says why the provider's default replaces an object whose configuration does not name its place. It is said once for all
// of a place.
func (d *providerData) replaces(p place, prior, effective int64) diag.Diagnostics {
	text := fmt.Sprintf(
		"To keep the object in %[1]s %[2]d, write %[5]s = %[2]d into this resource, or set %[3]s of the provider, or %[6]s, to %[2]d. "+
			"If the resource has lost its provider alias, set provider = gcore.<alias>. The resource does not set %[5]s and the provider's default is %[4]d, "+
			"so the plan replaces the object, and every other one in %[1]s %[2]d whose resource does not set %[5]s.",
		p.word, prior, p.providerAttribute, effective, p.attribute, p.variable)
	if _, known := d.told.LoadOrStore(told{text: text}, ""); known {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(attribute(p.attribute), "The default "+p.word+" forces a replacement", text)}
}

// checkProject refuses a project that the provider's allowed_project_ids does not have. An unknown project is judged once it
// is known, and an unknown list keeps all requests back.
func (d *providerData) checkProject(projectID types.Int64) diag.Diagnostics {
	allowed := d.allowedProjects
	if allowed.IsNull() || projectID.IsNull() || !allKnown(append(allowed.Elements(), allowed, projectID)...) ||
		slices.ContainsFunc(allowed.Elements(), projectID.Equal) {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(attribute("project_id"), fmt.Sprintf("Project %d is not allowed", projectID.ValueInt64()), fmt.Sprintf(
		"If the project is wrong, correct project_id, the import id, cloud_project_id of the provider, or GCORE_CLOUD_PROJECT_ID. "+
			"If it is right, add it to the provider's allowed_project_ids, which is %s. No request is sent for project %d.",
		allowed, projectID.ValueInt64()))}
}

// checkPrior is checkProject for the project of a state, which may have no object.
func (d *providerData) checkPrior(ctx context.Context, state tfsdk.State) diag.Diagnostics {
	if state.Raw.IsNull() {
		return nil
	}
	var projectID types.Int64
	diags := state.GetAttribute(ctx, attribute("project_id"), &projectID)
	diags.Append(d.checkProject(projectID)...)
	return diags
}

// readLocation is where a data source or a list looks: its own project and region, else the provider's.
func (d *providerData) readLocation(projectID, regionID types.Int64) (client.Location, diag.Diagnostics) {
	var diags diag.Diagnostics
	given := map[string]*types.Int64{"project_id": &projectID, "region_id": &regionID}
	for _, place := range d.places() {
		effective := given[place.attribute]
		*effective = effectiveID(*effective, place.fallback, types.Int64Null())
		switch {
		case effective.IsNull():
			diags.Append(place.missing(""))
		case effective.IsUnknown():
			diags.AddAttributeError(attribute(place.attribute), "The "+place.word+" is not known yet", fmt.Sprintf(
				"%s of the provider is known only during the apply, so nothing can be read before then. Set %s here.",
				place.providerAttribute, place.attribute))
		}
	}
	diags.Append(d.checkProject(projectID)...)
	return location(projectID, regionID), diags
}

// planLocation plans the effective project and region into the state: the resource's own, else the provider's, else
// those it has. An object cannot move, so a change replaces it. Without this, a change of the provider's default would
// make Terraform look for every object in the wrong place, find nothing and drop it from the state.
//
// The ids are those of project and region, by configuration and prior state; null without a state.
func (d *providerData) planLocation(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse, configured, known [2]types.Int64,
) (projectID, regionID types.Int64) {
	imported := isForeign(ctx, req.Private)
	var planned [2]types.Int64
	for i, place := range d.places() {
		config, prior := configured[i], known[i]
		effective := effectiveID(config, place.fallback, prior)
		planned[i] = effective
		if effective.IsNull() {
			resp.Diagnostics.Append(place.missing(" An object that is replaced needs it too, even if its state has one."))
			continue
		}
		if prior.IsNull() || effective.Equal(prior) {
			continue
		}
		if imported && config.IsNull() {
			resp.Diagnostics.Append(place.elsewhere(prior.ValueInt64(), effective.ValueInt64()))
			continue
		}
		if config.IsNull() {
			resp.Diagnostics.Append(d.replaces(place, prior.ValueInt64(), effective.ValueInt64())...)
		}
		resp.RequiresReplace = append(resp.RequiresReplace, attribute(place.attribute))
	}
	resp.Diagnostics.Append(d.checkProject(planned[0])...)
	return planned[0], planned[1]
}

// effectiveID is the project or region that an object belongs to; null if nothing names it. One that is not known yet
// replaces nothing: what exists keeps the prior one until the apply knows better.
func effectiveID(config, fallback, prior types.Int64) types.Int64 {
	effective := config
	if config.IsNull() {
		effective = fallback
	}
	if (effective.IsUnknown() || effective.IsNull()) && !prior.IsNull() {
		return prior
	}
	return effective
}

// location of an object whose project and region are known.
func location(projectID, regionID types.Int64) client.Location {
	return client.Location{ProjectID: projectID.ValueInt64(), RegionID: regionID.ValueInt64()}
}

// locate completes the place of an object whose state does not name it: Gcore's own provider leaves out of a state what
// is its default. This provider's default need not be the same, so the group has to be there. That it is not says
// nothing about the group, which must neither be dropped from the state nor be created again.
func (d *providerData) locate(
	ctx context.Context, of subject, groupID types.String, projectID, regionID types.Int64,
) (types.Int64, types.Int64, diag.Diagnostics) {
	if !projectID.IsNull() && !regionID.IsNull() {
		return projectID, regionID, nil
	}
	untold := "The state of " + of.title() + " does not say in which project and region it is: the provider that wrote it had defaults for them"
	var diags diag.Diagnostics
	for _, missing := range d.fillLocation(&projectID, &regionID) {
		diags.AddError("Missing "+missing.word, fmt.Sprintf("Set %s in the provider block, or %s, to what the earlier provider had. %s.",
			missing.providerAttribute, missing.variable, untold))
	}
	diags.Append(d.checkProject(projectID)...)
	if diags.HasError() {
		return projectID, regionID, diags
	}
	of.location = location(projectID, regionID)
	group := secgroup.Ref{Location: of.location, ID: groupID.ValueString()}
	_, err := d.service.ReadGroup(ctx, group)
	switch {
	case errors.Is(err, client.ErrNotFound):
		diags.Append(noGroup(group, err, fmt.Sprintf("Set cloud_project_id and cloud_region_id to what the earlier provider had. %s. "+
			"If the group is gone, remove its resource from the state (terraform state rm).", untold)))
	case err != nil:
		diags.Append(d.failed(of, "find", err))
	}
	return projectID, regionID, diags
}

// fillLocation fills what is null with the provider's project and region. It lists what is still missing, which the
// provider may only not know yet.
func (d *providerData) fillLocation(projectID, regionID *types.Int64) (missing []place) {
	for _, place := range d.places() {
		given := projectID
		if place.attribute == "region_id" {
			given = regionID
		}
		if given.IsNull() {
			*given = place.fallback
		}
		if given.IsNull() || given.IsUnknown() {
			missing = append(missing, place)
		}
	}
	return missing
}
