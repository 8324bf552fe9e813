package provider

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

var uuidPattern = regexp.MustCompile(`^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$`)

// importID is what an import id names. Project and region are null in the
// short form, which takes the provider's.
type importID struct {
	projectID, regionID types.Int64
	ids                 []string
}

// parseImportID reads `<project_id>/<region_id>/<id>...` or the ids alone, of
// which there are as many as names; `:` is taken for `/`, as the vendor's
// provider writes it.
func parseImportID(text string, names ...string) (importID, error) {
	form := strings.Join(names, "/")
	wrong := fmt.Errorf("the import id %q is not of the form <project_id>/<region_id>/%[2]s, or %[2]s with the provider's project and region", text, form)
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
		if !uuidPattern.MatchString(id) {
			return importID{}, wrong
		}
		result.ids = append(result.ids, strings.ToLower(id))
	}
	return result, nil
}
