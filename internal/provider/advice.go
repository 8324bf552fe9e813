package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

// importError is an import that found nothing to take.
type importError struct {
	err  error
	form string // of the import id
}

func (e *importError) Error() string { return e.err.Error() }

func (e *importError) Unwrap() error { return e.err }

// timeLimit is the cause of a timeout, with the setting that it comes from.
type timeLimit struct {
	limit   time.Duration
	setting string
}

func (e timeLimit) Error() string {
	limit := e.limit.String() // as one writes it: 20m, not 20m0s
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(limit, zero) {
			limit = strings.TrimSuffix(limit, zero[1:])
		}
	}
	return fmt.Sprintf("timed out after %s (%s)", limit, e.setting)
}

func (timeLimit) Is(target error) bool { return target == context.DeadlineExceeded }

// nextStep says what the user can do about an error of an action: why it ended, the cause, what the state has.
func nextStep(action string, err error) string {
	var parts []string
	limit, timedOut := errors.AsType[timeLimit](err)
	switch {
	case timedOut:
		parts = append(parts, sentence(limit.Error()))
	case errors.Is(err, context.DeadlineExceeded):
		parts = append(parts, "Timed out.")
	case ended(err):
		parts = append(parts, "The run was interrupted.")
	}
	cause := nextStepByCause(action, err)
	if cause != "" {
		parts = append(parts, cause)
	}
	if ended(err) {
		parts = append(parts, afterEnd(action, err))
	}
	if timedOut && (cause == "" || errors.Is(err, client.ErrConflict)) {
		parts = append(parts, fmt.Sprintf("If it regularly takes longer, raise %s.", limit.setting))
	}
	if len(parts) == 0 {
		return "Apply again. If the error persists, run with TF_LOG_PROVIDER=DEBUG to see the requests."
	}
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), " ")
}

// ended reports whether an operation was interrupted, or timed out.
func ended(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}

// afterEnd is what the state has of an operation that ended before its result was known; "" if the advice has that.
func afterEnd(action string, err error) string {
	running := ""
	if is[*client.WaitError](err) {
		running = "The task continues in the cloud. "
	}
	switch {
	case secgroup.OutcomeOf(err) == secgroup.Unresolved:
		return ""
	case action == actionCreate && secgroup.IsNothing(err):
		return "Nothing was created, and nothing is saved in the state."
	case action == actionCreate:
		return running + "The state records the create, and the next plan shows its result. " + tainted
	case action == actionUpdate:
		return running + "The next plan shows what is left to do."
	case action == actionDelete:
		return "The object stays in the state, and the next plan shows whether it still exists."
	}
	return "The state is unchanged."
}

const tainted = "The new object is tainted: terraform untaint keeps it, otherwise the next apply replaces it."

// nextStepByCause is what follows from the cause of an error; "" if that says nothing.
func nextStepByCause(action string, err error) string {
	if unimported, ok := errors.AsType[*importError](err); ok {
		advice := "Check the project, the region and the ids."
		if !errors.Is(err, client.ErrNotFound) {
			advice = nextStep(action, unimported.err)
		}
		return advice + " The import id is " + unimported.form + "."
	}
	if errors.Is(err, secgroup.ErrTaken) {
		return sameRuleAdvice
	}
	if create, ok := errors.AsType[*secgroup.CreateError](err); ok {
		if advice := nextStepOfCreate(action, create); advice != "" {
			return advice
		}
	}
	if unplanned, ok := errors.AsType[*secgroup.UnplannedRulesError](err); ok {
		return nextStepOfUnplanned(unplanned)
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
		return "Delete the rules below in the cloud, or do not manage the rules of the group as a whole: " + ruleType + " leaves other rules alone."
	case is[*secgroup.NotDefaultError](err):
		return `Set on_destroy to "keep" or "remove" and apply again.`
	case is[*secgroup.HeldRulesError](err):
		return "To remove the rule set from the state and keep all rules of the group, replace its block with this one and apply again:\n\n" +
			removedBlock(ruleSetType)
	case is[*secgroup.InUseError](err):
		return "Detach the group from everything that uses it and apply again."
	case errors.Is(err, client.ErrQuota):
		return "A quota is used up. Delete what is no longer needed, or ask Gcore for a higher limit."
	case is[*client.TaskError](err):
		return "The task failed. Correct what the API reports below and apply again. The next plan shows what exists."
	}
	return nextStepByAnswer(action, err)
}

func is[T error](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}

func nextStepOfUnplanned(e *secgroup.UnplannedRulesError) string {
	switch {
	case e.Creating:
		return "If this resource is being replaced, " + destroyFirst + "the new rule set can take over the rules only if the old one is destroyed first. Otherwise " +
			adoptRules(e.Group)
	case e.Completing:
		return "Run terraform untaint for the group and plan again: the plan then lists the rules below. Otherwise the next apply replaces the group and deletes them with it."
	}
	return "Plan again: the plan then lists the rules below. Apply it to remove them, add them to the configuration to keep them, or leave them to others with ignore_rules."
}

// destroyFirst lets Terraform destroy what is replaced before it creates the new one.
const destroyFirst = "remove create_before_destroy, also from the resources that depend on it: "

// nextStepOfCreate says what to do about a create without an object; "" if the outcome says nothing more than its
// cause.
func nextStepOfCreate(action string, e *secgroup.CreateError) string {
	switch {
	case e.Outcome == secgroup.Exists && e.IsRule:
		return heldOnce +
			"If another resource of this configuration has this rule, remove one of the two resources. " +
			"If you have renamed this resource, add a moved block and apply again. " +
			"If this resource is being replaced, " + destroyFirst + "the new rule cannot be created beside the old one. " +
			"If another resource managed the rule until this apply, apply again. " +
			"Otherwise import the rule with this block:\n\n" + adoptions(e)
	case e.Outcome == secgroup.Exists:
		return "To use the existing group, import it with this block and apply again:\n\n" + adoptions(e)
	case len(e.Candidates) > 0:
		return "If one of the objects below belongs to this resource, remove the resource from the state (terraform state rm) if it is there, " +
			"import the object with its block, and apply again:\n\n" + adoptions(e)
	case e.Outcome == secgroup.Unresolved && action != actionCreate:
		return "The state records the new rule, and the next plan checks again whether the API created it. The next apply completes the change."
	case e.Outcome == secgroup.Unresolved:
		return "The state records the create, and the next plan checks again whether it succeeded. " +
			"If it did, the object is tainted: terraform untaint keeps it, otherwise the next apply replaces it. " +
			"If it did not, the next apply creates the object, a few minutes from now at the latest."
	}
	return ""
}

// nextStepByAnswer is what follows from the kind of the API's last answer, or from its absence.
func nextStepByAnswer(action string, err error) string {
	switch {
	case errors.Is(err, client.ErrChanged):
		return "The object was changed elsewhere at the same time, and this request was not carried out. Plan again: the plan shows the other change."
	case errors.Is(err, client.ErrUnauthorized):
		return "Check api_key or GCORE_API_KEY: the API did not accept the key, which may be mistyped, expired or deleted."
	case errors.Is(err, client.ErrWebPage):
		return "Check base_url or GCORE_BASE_URL, and proxies on the way to the API: the answer did not come from the Gcore API."
	case errors.Is(err, client.ErrForbidden):
		return "Check the role of the key's user, the project and the region: the key is valid, but has no permission for this."
	case errors.Is(err, client.ErrTooManyRequests):
		return "The API accepts no more requests from this account for now. Apply again later, or with fewer requests at a time (terraform apply -parallelism=2)."
	case errors.Is(err, client.ErrLocked):
		return "Apply again when the other task has finished: it was started elsewhere or by an earlier run, and is still changing the security group."
	case errors.Is(err, client.ErrConflict):
		return "Another operation is changing the object, or another object conflicts with it. Apply again when that is resolved."
	case errors.Is(err, client.ErrUnreachable):
		return unreachableAdvice(err)
	case errors.Is(err, client.ErrAmbiguous) && !ended(err):
		return "It is not known whether the API carried out the request. The next plan shows what became of an object in the state; " +
			"look for a new one in the Gcore portal before applying again."
	case errors.Is(err, client.ErrInvalid):
		return "Correct the value that the API rejected, and apply again."
	case errors.Is(err, client.ErrUnavailable):
		return "The API had an internal error. Apply again later. If the error persists, give the request id to Gcore's support."
	case action == actionCreate && (errors.Is(err, client.ErrNotFound) || errors.Is(err, client.ErrUnknownReference)):
		return "Check the ids in the configuration, such as group_id and remote_group_id, project_id and region_id, and the provider that the resource uses " +
			"(an alias is set by provider = gcore.<alias>): the API does not know one of them."
	case errors.Is(err, client.ErrNotFound):
		return "Something that the request needs no longer exists. Plan again: the plan shows what exists."
	case errors.Is(err, client.ErrUnknownReference):
		return "Check project_id and region_id, the provider that the resource uses (an alias is set by provider = gcore.<alias>), and the ids in the configuration, " +
			"such as remote_group_id: the API does not know one of them. The object may still exist. " + stateRemoval
	case errors.Is(err, client.ErrUnknownPath):
		return "Check base_url or GCORE_BASE_URL, and proxies on the way to the API: this answer is not from the API itself, and does not show whether the object exists. " + stateRemoval
	}
	return ""
}

// unreachableAdvice is about an address at which nothing answers.
func unreachableAdvice(err error) string {
	address := ""
	if failed, ok := errors.AsType[*client.TransportError](err); ok {
		address = " to " + failed.Address
	}
	return fmt.Sprintf("Cannot connect%s. Check base_url or GCORE_BASE_URL, the network, proxies, and the certificates that this machine trusts.", address)
}

// stateRemoval is for an object that may be gone although the answer does not say so.
const stateRemoval = "If you know that it is gone, remove its resource from the state (terraform state rm)."

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
	return fmt.Sprintf("either add the rules below to rules, or import the rule set with this block: the plan then shows what it removes. "+
		"Also import it if a run was killed while it was replacing the rule set.\n\n%s",
		importBlock(ruleSetType, groupImportID(group)))
}

// cannotRenameDefault is the error of another name for the group that each project has.
var cannotRenameDefault = diag.NewAttributeErrorDiagnostic(attribute("name"), `The security group "default" cannot be renamed`,
	"Write name = \"default\", or use another group. Each project has a group named \"default\".")

// cannotDeleteDefault is the error of a destroy of the group that each project has.
var cannotDeleteDefault = diag.NewErrorDiagnostic(`The security group "default" cannot be deleted`,
	"To keep the group and remove it from the state, replace its resource block with:\n\n"+removedBlock(groupType)+
		"\n\nEach project has a group named \"default\", which cannot be deleted. Nothing was sent.")
