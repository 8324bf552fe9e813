package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// rulesChange is the way of a group's rules from what the state knows to what
// is wanted. Whoever owns all rules of a group goes it by one PATCH.
type rulesChange struct {
	wanted, known []rule.Rule
	// unseen is asked before rules go that are neither wanted nor known. Its
	// error ends the change before anything is sent; nil lets nothing go unseen.
	unseen func([]rule.Rule) error
}

// changes tells whether the rules say something else than before. Another key,
// or another spelling, is nothing.
func (c rulesChange) changes() bool { return !sameRules(c.wanted, c.known) }

// request is the list of rules that a PATCH of a group has to carry, which was
// read just before; nil if the group has these rules already.
func (c rulesChange) request(group client.SecurityGroup) (*[]client.RuleRequest, error) {
	have := rulesFromAPI(group)
	if foreign := undeclared(have, slices.Concat(c.wanted, c.known)); len(foreign) > 0 {
		if c.unseen == nil {
			return nil, &unseenRulesError{foreign}
		}
		if err := c.unseen(foreign); err != nil {
			return nil, err
		}
	}
	if sameRules(c.wanted, have) {
		return nil, nil
	}
	return rulesRequest(c.wanted, group), nil
}

// differs says in what the rules of a group are not as wanted; empty if in
// nothing.
func (c rulesChange) differs(group client.SecurityGroup) string {
	return rulesDiffer(group, c.wanted, c.known)
}

// changeRules brings the rules of a group to what is wanted, and nothing else
// of it.
func (c *configured) changeRules(ctx context.Context, at client.Location, groupID string, rules rulesChange) error {
	return c.patch(ctx, at, groupID, change{
		rules: true,
		build: func(ctx context.Context) (client.UpdateSecurityGroupRequest, error) {
			var request client.UpdateSecurityGroupRequest
			group, err := c.groupWithRules(ctx, at, groupID)
			if err == nil {
				request.Rules, err = rules.request(group)
			}
			return request, err
		},
		differs: rules.differs,
	})
}

// unseenRulesError is the guard: rules that appeared since the plan, and that
// an update would remove although no plan has shown them.
type unseenRulesError struct{ rules []rule.Rule }

func (e *unseenRulesError) Error() string {
	return fmt.Sprintf("the group has rules that the plan did not show, and the update would have removed them:\n\n%s\n\nNothing was sent",
		bullets(e.rules))
}
