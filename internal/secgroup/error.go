package secgroup

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// Outcome is how a create ended that has no object to show.
type Outcome int

// The outcomes of a create.
const (
	// MadeNothing: it is certain that no object came of it.
	MadeNothing Outcome = iota + 1
	// StillRunning: its task has not ended, or may still begin.
	StillRunning
	// Unresolved: it could not be found out what came of it. The memory of it has to stay.
	Unresolved
	// Doubtful: several objects may have come of it, or one that another resource has.
	Doubtful
	// Exists: an object that was there before stands in its place.
	Exists
	// Forgotten: there is no memory of it.
	Forgotten
	// Refused: the API refused the request, and made nothing.
	Refused
)

// CreateError is a create that has no object to show.
type CreateError struct {
	Outcome Outcome
	// Group is the group of a rule; of a group it has the location alone.
	Group Ref
	// IsRule is true for a rule and false for a group.
	IsRule bool
	// Candidates are the ids of objects that may be the one that was asked for; of Exists, of the one in its place.
	Candidates []string
	// Holder describes the object in its place.
	Holder string
	held   rule.Rule // what it says, if it is a rule
	// Cause is the answer or the failed task; nil if there is none.
	Cause error
	// Search is why looking for the object found nothing; nil unless Unresolved or StillRunning.
	Search error
}

// OutcomeOf is the outcome of a failed create, 0 if the error is none.
func OutcomeOf(err error) Outcome {
	if create, ok := errors.AsType[*CreateError](err); ok {
		return create.Outcome
	}
	return 0
}

// IsNothing reports whether a failed create certainly made no object.
func IsNothing(err error) bool {
	outcome := OutcomeOf(err)
	return outcome == MadeNothing || outcome == Exists || outcome == Refused
}

func (e *CreateError) Error() string {
	candidates := ""
	if len(e.Candidates) > 0 {
		candidates = "these matching objects were created at that time: " + strings.Join(e.Candidates, ", ")
	}
	cause := ""
	if e.Cause != nil {
		cause = e.Cause.Error()
	}
	switch e.Outcome {
	case Refused:
		return cause
	case Unresolved:
		return joined(joined(cause, "; searching for the object: ", e.Search.Error()), "; ", candidates)
	case StillRunning:
		if e.Search != nil {
			return joined(e.Search.Error(), "; ", candidates)
		}
		return "its task is still running"
	case Doubtful:
		return joined(cause, "; ", candidates)
	case Exists:
		return joined(e.Holder+" already exists", ": ", cause)
	case Forgotten:
		return "the state has neither an id nor a task"
	}
	return joined(joined(cause, "; ", "nothing was created"), ", but ", candidates)
}

func joined(a, separator, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + separator + b
}

// Unwrap gives the cause and the failed search.
func (e *CreateError) Unwrap() []error {
	var errs []error
	for _, err := range []error{e.Cause, e.Search} {
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// UnplannedRulesError is a group with rules that neither the state nor the plan knows, and that a change would remove
// although no plan has shown them. Nothing was sent.
type UnplannedRulesError struct {
	Group Ref
	Rules []rule.Rule
	// Creating is true if a new rule set met them.
	Creating bool
	// Completing is true if a new group met them, which exists without some of its rules.
	Completing bool
}

func (e *UnplannedRulesError) Error() string {
	words := "the group has rules that the plan did not show, and the update would have removed them"
	if e.Completing {
		return fmt.Sprintf("rules were added to the new group from elsewhere, and adding the remaining rules would have removed them:\n\n%s\n\nThey are still there",
			rule.Bullets(e.Rules))
	}
	if e.Creating {
		words = "the group has rules that are not in the rule set, and a create does not remove rules that no plan has shown"
	}
	return fmt.Sprintf("%s:\n\n%s\n\nNothing was sent", words, rule.Bullets(e.Rules))
}

// InUseError is a group that could not be deleted in time.
type InUseError struct {
	Instances []client.Instance // that use it, as far as the API tells
	Conflict  error
	Ended     error // why nobody waits any longer
}

func (e *InUseError) Error() string {
	names := make([]string, len(e.Instances))
	for i, instance := range e.Instances {
		names[i] = fmt.Sprintf("%q (%s)", instance.Name, instance.ID)
	}
	by := ""
	if len(names) > 0 {
		by = " by instance " + strings.Join(names, ", ")
	}
	return fmt.Sprintf("the group is in use%s: %v", by, e.Conflict)
}

// Unwrap gives the API's answer, and why the wait ended.
func (e *InUseError) Unwrap() []error { return []error{e.Conflict, e.Ended} }

// MailError is the API's refusal of egress to port 25.
type MailError struct {
	Rules []rule.Rule // of the request, that let TCP or UDP out to port 25
	Cause error
}

func (e *MailError) Error() string { return e.Cause.Error() }

// Unwrap gives the API's answer.
func (e *MailError) Unwrap() error { return e.Cause }

// withMailRules adds the rules at fault to an error that is about egress to port 25.
func withMailRules(err error, sent ...rule.Rule) error {
	if !errors.Is(err, client.ErrMail) {
		return err
	}
	rules := slices.DeleteFunc(slices.Clone(sent), func(r rule.Rule) bool { return !r.AllowsMail() })
	return &MailError{Rules: rules, Cause: err}
}

// NotDefaultError is a group that is to be reverted and is not the default one. What the API makes of such a group is
// not published. Nothing was sent.
type NotDefaultError struct{ Name string }

func (e *NotDefaultError) Error() string {
	return fmt.Sprintf("only the group named %q can be reverted; this one is named %q. Nothing was sent", DefaultGroup, e.Name)
}

// HeldRulesError is a group that is to be reverted although other resources of this run have rules in it. It was not reverted.
type HeldRulesError struct{ Rules []rule.Rule }

func (e *HeldRulesError) Error() string {
	return fmt.Sprintf("other resources of this run have rules in the group, and the revert would have deleted them:\n\n%s\n\nThe group was not reverted", rule.Bullets(e.Rules))
}

// errNoRules is an answer that says nothing about the rules of a group, which the API's contract allows. It must not be
// taken for a group without rules.
var errNoRules = errors.New("the API's answer has no rules in it (field security_group_rules)")
