package provider_test

import (
	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// Rule and RuleRequest have the same fields in the same order, so that each is a plain conversion of the other.
var _ = client.RuleRequest(rule.Rule(client.RuleRequest{}))
