package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

// memory is what an interrupted operation may have created, beside the object in state. The attribute `pending` holds it
// as JSON. Private data would lose it: the delete half of a replacement receives the planned private data, which is empty
// for a tainted resource, but the whole prior state.
type memory struct {
	// Create is the create of the object itself, whose id is not known yet.
	Create *secgroup.Pending `json:"create,omitempty"`
	// Replacement is the rule that takes the place of the one in state, until one of the two is deleted.
	Replacement *secgroup.Replacement `json:"replacement,omitempty"`
	// Sent are the rules that a rule set may have added to a group, until it has all of its rules.
	Sent *secgroup.SentRules `json:"sent,omitempty"`
}

func pendingAttribute(operations string) schema.Attribute {
	return schema.StringAttribute{
		Computed: true,
		MarkdownDescription: "Null, except after an interrupted " + operations + ": JSON that identifies what may have been created. " +
			"The next plan, apply or destroy uses it.",
	}
}

// notPending is the planned value of `pending`: Terraform holds an apply to its plan only if it succeeds.
var notPending = types.StringNull()

// pending is the memory as the attribute holds it; null if there is nothing to remember.
func (m memory) pending() types.String {
	if m == (memory{}) {
		return types.StringNull()
	}
	text, err := json.Marshal(m)
	if err != nil {
		panic(err) // only a year after 9999 is no JSON
	}
	return types.StringValue(string(text))
}

// recall decodes the attribute `pending`.
func recall(pending types.String) (m memory, err error) {
	if pending.IsNull() {
		return m, nil
	}
	if err = json.Unmarshal([]byte(pending.ValueString()), &m); err == nil && m == (memory{}) {
		err = errors.New("it names no operation")
	}
	if err != nil {
		err = fmt.Errorf("the attribute pending in the state was not written by this version of the provider: %w", err)
	}
	return m, err
}

// findCreated looks for the object of a create that was cut off; with wait it lets its task end first.
type findCreated func(ctx context.Context, wait bool) (id string, err error)

// keepInState is the warning about the one thing that loses a memory.
const keepInState = "Until then, do not remove the resource from the state (terraform state rm): only its pending attribute records this."

// readPending is a read's part: it finds out what became of a create that was cut off before the id was known, and
// returns the id. Without one, null: the state stays as it is, or is removed if the create made nothing.
func (d *providerData) readPending(ctx context.Context, of subject, find findCreated, resp *resource.ReadResponse) types.String {
	ctx, cancel := context.WithTimeoutCause(ctx, readLimit, timeLimit{readLimit, "the limit of a read"})
	defer cancel()
	id, err := find(ctx, false)
	switch outcome := secgroup.OutcomeOf(err); {
	case err == nil:
		return types.StringValue(id)
	case secgroup.IsNothing(err):
		resp.Diagnostics.AddWarning(fmt.Sprintf("The create of %s had no effect", of.title()), fmt.Sprintf(
			"The resource is removed from the state. %s\n\n%s", nextStep(actionCreate, err), explain(err)))
		resp.State.RemoveResource(ctx)
	case outcome == secgroup.StillRunning, errors.Is(err, context.DeadlineExceeded):
		resp.Diagnostics.AddWarning(fmt.Sprintf("%s is still being created", capitalised(of.title())),
			fmt.Sprintf("An earlier run was interrupted while creating it, and the result is not certain yet. %s\n\n%s", keepInState, explain(err)))
	default:
		resp.Diagnostics.Append(d.failed(of, "determine the result of creating", err))
	}
	return types.StringNull()
}

// deletePending is a delete's part: it waits for a create that was cut off, since what is to be deleted has to exist
// first, and returns the id; "" if there is nothing to delete.
func (d *providerData) deletePending(ctx context.Context, of subject, find findCreated) (string, diag.Diagnostics) {
	id, err := find(ctx, true)
	switch {
	case secgroup.IsNothing(err):
		return "", diag.Diagnostics{diag.NewWarningDiagnostic(fmt.Sprintf("The create of %s had no effect", of.title()), explain(err).String())}
	case err != nil:
		return "", diag.Diagnostics{d.failed(of, "determine the result of creating", err)}
	}
	return id, nil
}

// cameToNothing warns of a change that was cut off and has made nothing.
func cameToNothing(of subject, err error) diag.Diagnostic {
	return diag.NewWarningDiagnostic(fmt.Sprintf("An earlier update of %s had no effect", of.title()), fmt.Sprintf("%s\n\n%s", nextStep(actionUpdate, err), explain(err)))
}

// checkCreated refuses to change what a cut-off create has not been found to have made yet. It can be asked for only
// after terraform untaint.
func checkCreated(of subject, id types.String) diag.Diagnostics {
	if !id.IsNull() {
		return nil
	}
	return diag.Diagnostics{diag.NewErrorDiagnostic(fmt.Sprintf("%s is still being created", capitalised(of.title())),
		"Plan again: each plan looks for it, and shows the change once it exists. "+
			"An earlier run was interrupted while creating it, and the result is not known yet. Nothing was sent.")}
}

// createJournal keeps the state level with what is known of a new object: how to find it, then its id.
type createJournal struct {
	data     *providerData
	ctx      context.Context // a journal lives for the call that it is made for
	plan     tfsdk.Plan
	resp     *resource.CreateResponse
	identity func(id types.String) any
	id       types.String // null until it is known
}

func (j *createJournal) Pending(p secgroup.Pending) {
	saveKnown(j.plan, &j.resp.State)
	j.resp.Diagnostics.Append(j.resp.State.SetAttribute(j.ctx, attribute("pending"), memory{Create: &p}.pending())...)
	j.resp.Diagnostics.Append(j.resp.Identity.Set(j.ctx, j.identity(types.StringNull()))...)
}

func (j *createJournal) Created(id string) {
	j.id = types.StringValue(id)
	j.resp.Diagnostics.Append(j.resp.State.SetAttribute(j.ctx, attribute("id"), j.id)...)
	j.resp.Diagnostics.Append(j.resp.Identity.Set(j.ctx, j.identity(j.id))...)
	j.resp.Diagnostics.Append(j.resp.State.SetAttribute(j.ctx, attribute("pending"), notPending)...)
}

// fail turns the error of a create into its diagnostic. A create that certainly made nothing leaves no state.
func (j *createJournal) fail(of subject, err error) {
	if secgroup.IsNothing(err) {
		j.resp.State.RemoveResource(j.ctx)
	}
	j.resp.Diagnostics.Append(j.data.failed(of, actionCreate, unsent(j.resp.State, err)))
}

// unsent marks the error of a create that ended before anything was sent: nothing is in the state then.
func unsent(state tfsdk.State, err error) error {
	if state.Raw.IsNull() && secgroup.OutcomeOf(err) == 0 {
		return &secgroup.CreateError{Outcome: secgroup.Refused, Cause: err}
	}
	return err
}

// saveKnown puts a plan into the state before its unknown values are known: null stands for them, since a state cannot
// hold unknown ones.
func saveKnown(plan tfsdk.Plan, state *tfsdk.State) {
	raw, err := tftypes.Transform(plan.Raw, func(_ *tftypes.AttributePath, value tftypes.Value) (tftypes.Value, error) {
		if value.IsKnown() {
			return value, nil
		}
		return tftypes.NewValue(value.Type(), nil), nil
	})
	if err != nil {
		panic(err) // a null value of the same type fits everywhere
	}
	state.Raw = raw
}

// replacementJournal keeps the state level with what is known of a rule and of the one that takes its place.
type replacementJournal struct {
	ctx   context.Context // a journal lives for the call that it is made for
	state securityGroupRuleModel
	resp  *resource.UpdateResponse
}

func (j *replacementJournal) Replacing(r *secgroup.Replacement) {
	j.state.Pending = memory{Replacement: r}.pending()
	j.resp.Diagnostics.Append(j.resp.State.Set(j.ctx, j.state)...)
}

func (j *replacementJournal) Adopted(r client.SecurityGroupRule) {
	j.state = j.state.refresh(r)
	j.Replacing(nil)
	j.resp.Diagnostics.Append(j.resp.Identity.Set(j.ctx, j.state.identity())...)
}

func (j *replacementJournal) CameToNothing(err error) {
	j.resp.Diagnostics.Append(cameToNothing(j.state.subject(), err))
}
