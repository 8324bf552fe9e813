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
			return "If this resource is being replaced, " + destroyFirst + "only a rule set that is destroyed first gives way to the new one. Otherwise " +
				adoptRules(unplanned.Group)
		case unplanned.Completing:
			return "Run terraform untaint for the group and plan again: the plan then lists these rules. Otherwise the next apply replaces the group and deletes them with it."
		}
		return "Plan again: the plan lists them. Then apply it to remove them, add them to the configuration to keep them, or leave them to others with ignore_rules."
	}
	if open, ok := errors.AsType[*openPortsError](err); ok {
		return open.advice
	}
	if mail, ok := errors.AsType[*secgroup.MailError](err); ok {
		return "The API rejects rules that allow egress to TCP or UDP port 25, unless Gcore's support has enabled that for the account. " +
			"Write tcp and udp with ports 1 to 24 and 26 to 65535 instead of:\n\n" + rule.Bullets(mail.Rules)
	}
	var keep *secgroup.KeepError
	switch {
	case errors.As(err, &keep) && keep.TooMany:
		return "Write fewer and wider rules, or use another group: an instance can be in more than one."
	case keep != nil:
		return "Delete these rules in the cloud, or do not manage the rules of the group as a whole: " + ruleType + " leaves other rules alone."
	case is[*secgroup.NotDefaultError](err):
		return `Set on_destroy to "keep" or "remove" and apply again.`
	case is[*secgroup.InUseError](err):
		return "Detach the group from everything that uses it and apply again. If the same run detaches it but takes longer, raise timeouts.delete."
	case errors.Is(err, client.ErrQuota):
		return "A quota is used up. Delete what is no longer needed, or ask Gcore for a higher limit."
	case is[*client.TaskError](err):
		return "The task failed. Fix the value that the API names and apply again. The next plan shows what exists."
	}
	return nextStepByAnswer(err)
}

func is[T error](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}

// destroyFirst lets Terraform destroy what is replaced before it creates the new one.
const destroyFirst = "remove create_before_destroy, also from the resources that depend on it: "

// nextStepOfCreate says what to do about a create without an object; "" if the outcome says nothing more than its
// cause.
func nextStepOfCreate(e *secgroup.CreateError) string {
	switch {
	case e.Outcome == secgroup.Exists && e.IsRule:
		return heldOnce +
			"If another resource of this configuration has this rule, remove one of the two resources. " +
			"If you have renamed this resource, add a moved block and apply again. " +
			"If this resource is being replaced, " + destroyFirst + "the new rule cannot be created beside the old one. " +
			"If another resource had the rule until this apply, apply again. " +
			"Otherwise import the rule with this block:\n\n" + adoptions(e)
	case e.Outcome == secgroup.Exists:
		return "If it is the group that you want, import it with this block and apply again:\n\n" + adoptions(e)
	case len(e.Candidates) > 0:
		return "If one of them belongs to this resource, remove the resource from the state (terraform state rm) if it is there, " +
			"import the object with its block, and apply again:\n\n" + adoptions(e)
	case e.Outcome == secgroup.Unresolved:
		return "The state records the create, and the next plan checks again whether it succeeded. " +
			"If it did, the object is tainted: terraform untaint keeps it, otherwise the next apply replaces it. " +
			"If it did not, the next apply waits until it no longer can, a few minutes at most, and creates the object."
	}
	return ""
}

// nextStepByAnswer is what follows from the kind of the API's last answer, or from its absence.
func nextStepByAnswer(err error) string {
	switch {
	case errors.Is(err, client.ErrChanged):
		return "The object was changed elsewhere at the same time, and this request was not carried out. Plan again: the plan shows the other change."
	case errors.Is(err, client.ErrUnauthorized):
		return "The API did not accept the key. Check api_key or GCORE_API_KEY: the key may be mistyped, expired or deleted."
	case errors.Is(err, client.ErrForbidden):
		return "The key is valid, but its user has no permission for this. Check the user's role, the project and the region."
	case errors.Is(err, client.ErrTooManyRequests):
		return "The API accepts no more requests from this account for now. Apply again later, or with fewer requests at a time (terraform apply -parallelism=2)."
	case errors.Is(err, client.ErrLocked):
		return "Another task, started elsewhere or by an earlier run, is still changing the security group. Apply again when it has finished. If it regularly takes longer, raise the resource's timeouts."
	case errors.Is(err, client.ErrConflict):
		return "Another operation is changing the object, or another object conflicts with it. Apply again when that is resolved. If it regularly takes longer, raise the resource's timeouts."
	case errors.Is(err, context.DeadlineExceeded):
		return "The operation timed out. Tasks that have started continue in the cloud, and the next plan shows their result. " +
			"A new object is then tainted: terraform untaint keeps it, otherwise the next apply replaces it. " +
			"If it regularly takes longer, raise the resource's timeouts or the provider's polling_timeout_seconds."
	case errors.Is(err, context.Canceled):
		return "The run was interrupted. Tasks that have started continue in the cloud, and the next plan shows their result. " +
			"A new object is then tainted: terraform untaint keeps it, otherwise the next apply replaces it."
	case errors.Is(err, client.ErrAmbiguous):
		return "It is not known whether the API carried out the request. The next plan shows what became of an object in the state; " +
			"look for a new one in the Gcore portal before applying again."
	case errors.Is(err, client.ErrInvalid):
		return "The API rejected a value. Correct the configuration as the message says and apply again."
	case errors.Is(err, client.ErrUnavailable):
		return "The API had an internal error. Apply again later. If the error persists, give the request id to Gcore's support."
	case errors.Is(err, client.ErrNotFound):
		return "Something that the request needs no longer exists. Plan again: the plan shows what exists."
	case errors.Is(err, client.ErrUnknownReference):
		return "The API does not know the project, the region, or something else that the request refers to, such as a remote group. This does not mean that the object is gone. " +
			"Check project_id and region_id, the provider that the resource uses (an alias is set by provider = gcore.<alias>), and the ids in the configuration. " + stateRemoval
	case errors.Is(err, client.ErrUnknownPath):
		return "This response is not from the API itself and does not show whether the object exists. Check base_url or GCORE_BASE_URL, and proxies on the way to the API. " + stateRemoval
	}
	return "Apply again. If the error persists, run with TF_LOG_PROVIDER=DEBUG to see the requests."
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

// importBlock imports an object into a resource of that type.
func importBlock(resourceType, id string) string {
	return fmt.Sprintf("import {\n  to = %s.<name>\n  id = %q\n}", resourceType, id)
}

// removedBlock removes a resource from the state; its object stays in the cloud.
func removedBlock(resourceType string) string {
	return fmt.Sprintf("removed {\n  from = %s.<name>\n  lifecycle {\n    destroy = false\n  }\n}", resourceType)
}

func groupImportID(group secgroup.Ref) string {
	return fmt.Sprintf("%d/%d/%s", group.Location.ProjectID, group.Location.RegionID, group.ID)
}

// adoptions are the blocks that import what may be the object of a create.
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
	return "either add them to rules, or import the rule set with this block: the plan then shows what it removes.\n\n" +
		importBlock(ruleSetType, groupImportID(group))
}

var defaultGroupAdvice = `Each project has a group named "default", which cannot be deleted. Nothing was sent.

To keep the group and remove it from the state, replace its resource block with:

` + removedBlock(groupType)
