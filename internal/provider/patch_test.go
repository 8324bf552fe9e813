package provider

import (
	"testing"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// A response about another group never reaches the state.
func TestAnswerAboutAnotherGroup(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t).reattached(c)
	w.configure(web(""))
	w.must(0, "apply", "-auto-approve")
	c.Fail(gcoretest.Fault{Operation: gcoretest.OperationReadGroup, Effect: gcoretest.WrongShape(
		`{"id": "`+otherGroup+`", "name": "other", "security_group_rules": []}`, false)})
	says(t, w.must(1, "plan"), `Cannot read security group "web"`, otherGroup)
}
