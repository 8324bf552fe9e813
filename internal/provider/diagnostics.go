package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

// subject is the object that an operation is about, as a message names it.
type subject struct {
	kind     string // "security group", "security group rule"
	name     string // what the user calls it; may be empty
	id       string // may be empty while it is not known
	location client.Location
}

// String names the object: `security group "web" (0d1e...) in project 1, region 76`. Projects and regions are in none.
func (s subject) String() string {
	words := s.title()
	if s.id != "" {
		words += " (" + s.id + ")"
	}
	if s.location == (client.Location{}) {
		return words
	}
	return fmt.Sprintf("%s in project %d, region %d", words, s.location.ProjectID, s.location.RegionID)
}

func (s subject) title() string {
	if s.name == "" {
		return s.kind
	}
	return fmt.Sprintf("%s %q", s.kind, s.name)
}

// failed turns an error of the API client into the one form that all messages have: what failed, on which object, the
// API's own words with request and task id, and what to do next.
func (s subject) failed(action string, err error) diag.Diagnostic {
	detail := fmt.Sprintf("%s\n\nObject: %s.", sentence(err.Error()), s)
	return diag.NewErrorDiagnostic(fmt.Sprintf("Cannot %s %s", action, s.title()), detail+"\n\n"+nextStep(err))
}

// importError is an import that found nothing to take.
type importError struct {
	err  error
	form string // of the import id
}

func (e *importError) Error() string { return e.err.Error() }

func (e *importError) Unwrap() error { return e.err }

// nextStep says what the user can do about an error.
func nextStep(err error) string {
	if unimported, ok := errors.AsType[*importError](err); ok {
		advice := "Check the project, the region and the ids."
		if !errors.Is(err, client.ErrNotFound) {
			advice = nextStep(unimported.err)
		}
		return advice + " The import id is " + unimported.form + "."
	}
	if errors.Is(err, secgroup.ErrTaken) {
		return sameRuleAdvice
	}
	if create, ok := errors.AsType[*secgroup.CreateError](err); ok {
		if advice := nextStepOfCreate(create); advice != "" {
			return advice
		}
	}
	if unplanned, ok := errors.AsType[*secgroup.UnplannedRulesError](err); ok {
		switch {
		case unplanned.Creating:
			return adoptRules(unplanned.Group)
		case unplanned.Completing:
			return "Run terraform untaint for the group, then plan again: the plan shows these rules in full. Without that the next apply replaces the group, and they are deleted with it."
		}
		return "Plan again: the plan shows them in full. Then apply it, or declare them, or leave them to others with ignore_rules."
	}
	if mail, ok := errors.AsType[*secgroup.MailError](err); ok {
		return "The API lets no rule open egress to TCP or UDP port 25, unless Gcore's support has lifted that for the account. " +
			"Write tcp and udp with ports 1 to 24 and 26 to 65535 in place of:\n\n" + rule.Bullets(mail.Rules)
	}
	var keep *secgroup.KeepError
	switch {
	case errors.As(err, &keep) && keep.TooMany:
		return "Write fewer and wider rules, or use another group: an instance can be in more than one."
	case keep != nil:
		return "Delete these rules in the cloud, or do not manage the rules of the group as a whole: " + ruleType + " leaves other rules alone."
	case is[*secgroup.NotDefaultError](err):
		return `Write on_destroy = "keep" or "remove", and apply again.`
	case is[*secgroup.InUseError](err):
		return "Detach the group from what uses it and apply again. If that goes on in the same run and only takes longer, raise timeouts.delete."
	case errors.Is(err, client.ErrQuota):
		return "A quota is used up. Delete what is no longer needed, or ask Gcore for a higher limit."
	case is[*client.TaskError](err):
		return "The API gave up on the task. Fix the value that it names and apply again: the next plan shows what is there."
	}
	return nextStepByAnswer(err)
}

func is[T error](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}

// nextStepOfCreate says what to do about a create without an object; "" if the outcome says nothing more than its
// cause.
func nextStepOfCreate(e *secgroup.CreateError) string {
	switch {
	case e.Outcome == secgroup.Exists && e.IsRule:
		return heldOnce +
			"If another resource of this configuration has this rule, remove one of the two resources. " +
			"If you have renamed this resource, add a moved block and apply again. " +
			"If this resource is being replaced, remove create_before_destroy, also from the resources that depend on it: the new rule cannot be created beside the old one. " +
			"If another resource had the rule until this apply, apply again. " +
			"Otherwise import the rule with this block:\n\n" + adoptions(e)
	case e.Outcome == secgroup.Exists:
		return "If it is the one that is meant, take it over by this block, and apply again:\n\n" + adoptions(e)
	case len(e.Candidates) > 0:
		return "If one of them is the one that is meant, remove this resource from the state (terraform state rm) if it is there, " +
			"take the object over by its block, and apply again:\n\n" + adoptions(e)
	case e.Outcome == secgroup.Unresolved:
		return "The state remembers the create, and the next plan looks again for what came of it. " +
			"If something did, it is tainted then: terraform untaint keeps it, else the next apply replaces it. " +
			"If nothing has by then, the next apply waits until nothing more can, some minutes at most, and makes it again."
	}
	return ""
}

// nextStepByAnswer is what follows from the kind of the API's last answer, or from its absence.
func nextStepByAnswer(err error) string {
	switch {
	case errors.Is(err, client.ErrChanged):
		return "Somebody else changes the object at the same time, and this request was not carried out. Plan again: the plan shows what it has become."
	case errors.Is(err, client.ErrUnauthorized):
		return "The API did not accept the key. Check api_key or GCORE_API_KEY: the key may be mistyped, expired or deleted."
	case errors.Is(err, client.ErrForbidden):
		return "The key is valid, but its user may not do this. Check the user's role and that the project and region are the right ones."
	case errors.Is(err, client.ErrTooManyRequests):
		return "The API takes no more requests from this account for now. Apply again later, or with fewer at a time (terraform apply -parallelism=2)."
	case errors.Is(err, client.ErrLocked):
		return "A task of somebody else, or of an earlier run, is still at work on the security group. Apply again once it has ended; if that only takes longer, raise the resource's timeouts."
	case errors.Is(err, client.ErrConflict):
		return "Something else is at work on the object, or stands in its way. Apply again once it has ended; if it only takes longer, raise the resource's timeouts."
	case errors.Is(err, context.DeadlineExceeded):
		return "The time for this operation is over. What had begun goes on in the cloud, and the next plan shows what became of it. " +
			"A new object is tainted then: terraform untaint keeps it, else the next apply replaces it. " +
			"If it regularly takes longer, raise the resource's timeouts or the provider's polling_timeout_seconds."
	case errors.Is(err, context.Canceled):
		return "The run was interrupted. What had begun goes on in the cloud, and the next plan shows what became of it. " +
			"A new object is tainted then: terraform untaint keeps it, else the next apply replaces it."
	case errors.Is(err, client.ErrAmbiguous):
		return "It is not known whether the API did what it was asked. The next plan shows an object that the state knows; " +
			"look for a new one in the Gcore portal before applying again."
	case errors.Is(err, client.ErrInvalid):
		return "The API refused a value. Correct the configuration as its words say and apply again."
	case errors.Is(err, client.ErrUnavailable):
		return "The API had a fault of its own. Apply again later; if it stays, give the request id to Gcore's support."
	case errors.Is(err, client.ErrNotFound):
		return "What it needs is no longer in the cloud. Plan again: the plan shows what is there."
	case errors.Is(err, client.ErrUnknownReference):
		return "The API does not know the project, the region, or something else that the request refers to, such as a remote group; this does not mean that the object is gone. " +
			"Check project_id and region_id, the provider that the resource uses (an alias is set by provider = gcore.<alias>), and the ids in the configuration. " + stateRemoval
	case errors.Is(err, client.ErrUnknownPath):
		return "This is not the API's own answer, and says nothing about the object. Check base_url or GCORE_BASE_URL, and what stands between here and the API. " + stateRemoval
	}
	return "Apply again. If it stays, a run under TF_LOG_PROVIDER=DEBUG shows the requests."
}

// stateRemoval is for an object that may be gone although the answer does not say so.
const stateRemoval = "If you know that the object is gone, remove its resource from the state (terraform state rm)."

func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// sentence makes a Go error's text the sentence that a message wants.
func sentence(words string) string {
	words = capitalised(strings.TrimSpace(words))
	if words == "" || strings.ContainsAny(words[len(words)-1:], ".!?") {
		return words
	}
	return words + "."
}

func capitalised(words string) string {
	if words == "" {
		return words
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

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
