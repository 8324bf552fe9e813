package provider

import (
	"fmt"
	"strings"

	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

const (
	groupType   = "gcore_cloud_security_group"
	ruleType    = "gcore_cloud_security_group_rule"
	ruleSetType = "gcore_cloud_security_group_rule_set"
)

// importBlock takes an object over into a resource of that type.
func importBlock(resourceType, id string) string {
	return fmt.Sprintf("import {\n  to = %s.<name>\n  id = %q\n}", resourceType, id)
}

// removedBlock makes Terraform forget a resource whose object stays in the cloud.
func removedBlock(resourceType string) string {
	return fmt.Sprintf("removed {\n  from = %s.<name>\n  lifecycle {\n    destroy = false\n  }\n}", resourceType)
}

func groupImportID(group secgroup.Ref) string {
	return fmt.Sprintf("%d/%d/%s", group.Location.ProjectID, group.Location.RegionID, group.ID)
}

// adoptions are the blocks that take over what may be the object of a create.
func adoptions(e *secgroup.CreateError) string {
	blocks := make([]string, len(e.Candidates))
	for i, id := range e.Candidates {
		if e.IsRule {
			blocks[i] = importBlock(ruleType, groupImportID(e.Group)+"/"+id)
		} else {
			blocks[i] = importBlock(groupType, groupImportID(secgroup.Ref{Location: e.Group.Location, ID: id}))
		}
	}
	return strings.Join(blocks, "\n")
}

// adoptRules says how a group with rules gets its rule set.
func adoptRules(group secgroup.Ref) string {
	return "Either add them to rules; or import the rule set by this block: the plan then shows what it removes.\n\n" +
		importBlock(ruleSetType, groupImportID(group))
}

var defaultGroupAdvice = `The cloud makes the group named "default" in each project and does not let it go. Nothing was sent.

To keep the group and let Terraform forget it, replace its resource block by:

` + removedBlock(groupType)
