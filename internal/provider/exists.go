package provider

import (
	"fmt"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// existsError is an object that stands in the way of a new one, and the block
// that would take it over.
type existsError struct {
	what         string // `security group "web" (0d1e...)`
	resourceType string
	importID     string
}

func (e *existsError) Error() string { return e.what + " is there already" }

// adoption is the block that imports the object into the resource that the user
// wanted to make.
func (e *existsError) adoption() string { return importBlock(e.resourceType, e.importID) }

func importBlock(resourceType, id string) string {
	return fmt.Sprintf("import {\n  to = %s.<name>\n  id = %q\n}", resourceType, id)
}

// removedBlock lets a resource go from the state and stay in the cloud.
func removedBlock(resourceType string) string {
	return fmt.Sprintf("removed {\n  from = %s.<name>\n  lifecycle {\n    destroy = false\n  }\n}", resourceType)
}

func groupExists(at client.Location, group client.SecurityGroup) error {
	return &existsError{
		what:         fmt.Sprintf("security group %q (%s)", group.Name, group.ID),
		resourceType: groupType, importID: groupImportID(at, group.ID),
	}
}

const (
	groupType   = "gcore_cloud_security_group"
	ruleType    = "gcore_cloud_security_group_rule"
	ruleSetType = "gcore_cloud_security_group_rule_set"
)

func groupImportID(at client.Location, groupID string) string {
	return fmt.Sprintf("%d/%d/%s", at.ProjectID, at.RegionID, groupID)
}
