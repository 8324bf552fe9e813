package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// replacementKey holds, in private state, the rule that takes the place of the
// one in state, from the moment it may exist until the other is gone.
const replacementKey = "replacement"

// replacement is a rule that an update has made, or is making. The state has
// the old rule until that is deleted; whatever ends the run in between, the new
// one is not lost.
type replacement struct {
	// ID is the rule's; empty as long as it is not known.
	ID string `json:"rule_id,omitempty"`
	// Create is how to find the rule while its id is not known.
	Create *pending `json:"create,omitempty"`
	// Rule is what it says, in the API's words.
	Rule client.RuleRequest `json:"rule"`
}

func (r *replacement) rule() rule.Rule { return ruleFromRequest(r.Rule) }

func (r *replacement) save(ctx context.Context, private privateWriter) diag.Diagnostics {
	value, err := json.Marshal(r)
	if err != nil {
		var diags diag.Diagnostics
		diags.AddError("Cannot remember the new rule", sentence(err.Error()))
		return diags
	}
	return private.SetKey(ctx, replacementKey, value)
}

// loadReplacement returns nil if no change of the rule is half-way.
func loadReplacement(ctx context.Context, private privateReader) (*replacement, diag.Diagnostics) {
	value, diags := private.GetKey(ctx, replacementKey)
	if diags.HasError() || len(value) == 0 {
		return nil, diags
	}
	var r replacement
	err := json.Unmarshal(value, &r)
	if err == nil && r.ID == "" && r.Create == nil {
		err = errors.New("it holds neither an id nor a create")
	}
	if err != nil {
		diags.AddError("Cannot read what an earlier change of the rule has made",
			fmt.Sprintf("The state's private data under %q is not what this version of the provider writes: %v.", replacementKey, err))
		return nil, diags
	}
	return &r, diags
}

// settled learns the id of a replacement whose create was cut off. The task is
// looked at once or waited for, as await does it. The error is errMadeNothing
// if there is nothing, and says what looks like it but is somebody else's.
func (c *configured) settled(
	ctx context.Context, at client.Location, groupID string, r *replacement, await func(context.Context, string) (client.Task, error),
) (*replacement, error) {
	if r == nil || r.ID != "" {
		return r, nil
	}
	n := c.ruleCreation(at, groupID, r.rule())
	id, err := c.resolve(ctx, n, *r.Create, await)
	if err == nil && !c.claims.take(id) {
		err = n.doubt([]string{id})
	}
	if err == nil {
		err = c.awaitVisible(ctx, n, id)
	}
	if err != nil {
		return r, fmt.Errorf("finding out what an earlier change of the rule has made: %w", err)
	}
	return &replacement{ID: id, Rule: r.Rule}, nil
}

// cameToNothing warns of an earlier change whose new rule was never made.
func cameToNothing(of subject, err error) diag.Diagnostic {
	return diag.NewWarningDiagnostic(fmt.Sprintf("An earlier change of %s came to nothing", of.title()), sentence(err.Error())+"\n\n"+nextStep(err))
}
