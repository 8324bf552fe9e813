package provider

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/foreign"
	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

// sample is one kind of message, made by the code that makes it for a user.
type sample struct {
	when  string
	diags diag.Diagnostics
}

var (
	sampleRef   = secgroup.Ref{Location: client.Location{ProjectID: testProject, RegionID: testRegion}, ID: thisGroup}
	sampleGroup = subject{kind: "security group", name: "web", id: thisGroup, location: sampleRef.Location}
	sampleRule  = rule.Rule{Direction: "ingress", Ethertype: "IPv4", Protocol: "tcp", PortRangeMin: new(int64(22)), PortRangeMax: new(int64(22)), RemoteIPPrefix: "10.0.0.0/8", Description: "admins"}
	sampleSSH   = subject{kind: "security group rule", name: sampleRule.Name(), id: otherGroup, location: sampleRef.Location}
)

// failures are the kinds of errors that an operation ends with. Each has its
// own advice.
func failures() []struct {
	name, action string
	err          error
} {
	answer := func(status int, class, message string) *client.Error {
		return &client.Error{
			Method: "PATCH", Path: "/cloud/v2/security_groups/1/76/" + thisGroup, StatusCode: status, Class: class, Message: message, RequestID: "4b1c",
		}
	}
	post := &client.TransportError{
		Address: "https://api.gcore.com", Method: "POST", Path: "/cloud/v2/security_groups/1/76", Err: errors.New("dial tcp 192.0.2.1:443: connect: connection refused"),
	}
	const taskID = "5a0f"
	timeout, interrupt := timeLimit{20 * time.Minute, "timeouts.update"}, client.Ended(canceled())
	locked := answer(409, "ConflictError", "Security group is already locked by another task")
	inUse := func(ended error) error {
		return &secgroup.InUseError{
			Instances: []client.Instance{{Name: "db-1", ID: otherGroup}}, Conflict: answer(409, "ConflictError", "Security group is in use"), Ended: ended,
		}
	}
	waiting := func(ended error) error {
		return &client.WaitError{TaskID: taskID, LastState: client.TaskRunning, Err: ended}
	}
	create := func(outcome secgroup.Outcome, cause, search error) *secgroup.CreateError {
		return &secgroup.CreateError{Outcome: outcome, Group: sampleRef, Cause: cause, Search: search}
	}
	exists := create(secgroup.Exists, answer(409, "ConflictError", "Conflict"), nil)
	exists.Candidates, exists.Holder = []string{otherGroup}, `security group "web" (`+otherGroup+")"
	existsRule := *exists
	existsRule.IsRule, existsRule.Holder = true, "rule "+sampleRule.Name()+" ("+otherGroup+")"
	doubtful := create(secgroup.Doubtful, nil, nil)
	doubtful.Candidates = []string{thisGroup, otherGroup}
	taken := existsRule
	taken.Cause = secgroup.ErrTaken
	return []struct {
		name, action string
		err          error
	}{
		{"a value", actionUpdate, answer(400, "ValidationError", "Bad value")},
		{"the key", actionUpdate, answer(401, "token_not_valid", "Given token is not valid.")},
		{"the permission", actionUpdate, answer(403, "ForbiddenError", "Not your project.")},
		{"an object", actionUpdate, answer(404, "SecurityGroupNotFound", "Security group "+thisGroup+" does not exist")},
		{"another object", actionUpdate, answer(404, "NotFoundError", "Project 1 could not be found")},
		{"an object of a new one", actionCreate, create(secgroup.Refused, answer(404, "SecurityGroupNotFound", "Security group "+thisGroup+" does not exist"), nil)},
		{"an unknown path", actionUpdate, answer(404, "", "no Route matched")},
		{"a web page", actionUpdate, answer(404, "", client.ErrWebPage.Error()+` titled "Not Found"`)},
		{"a conflict", actionUpdate, answer(409, "ConflictError", "Conflict")},
		{"a quota", actionCreate, answer(409, "QuotaLimitExceed", "Quota limit exceeded")},
		{"another change", actionUpdate, answer(412, "PreconditionFailed", "Constrained to 5, but current revision is 6")},
		{"too many requests", actionUpdate, answer(429, "", "Slow down")},
		{"the API", actionUpdate, answer(500, "InternalServerError", "Oops")},
		{"any other status", actionUpdate, answer(418, "", "")},
		{"no connection", actionCreate, create(secgroup.Refused, post, nil)},
		{"no connection in time", actionCreate, create(secgroup.Refused, fmt.Errorf("%w; not repeated: %w", post, timeLimit{20 * time.Minute, "polling_timeout_seconds"}), nil)},
		{"a lost answer", actionUpdate, fmt.Errorf("%w; %w", answer(504, "", "no message"), client.ErrAmbiguous)},
		{"a failed task", actionUpdate, &client.TaskError{Task: client.Task{ID: taskID, Type: client.TaskUpdateSecurityGroup, State: client.TaskFailed, Error: "no capacity", RequestID: "4b1c"}}},
		{"a task in time", actionCreate, waiting(timeLimit{90 * time.Second, "timeouts.create"})},
		{"a task in time", actionUpdate, waiting(timeout)},
		{"a task in time", actionDelete, waiting(timeLimit{time.Hour, "timeouts.delete"})},
		{"an interruption", actionCreate, waiting(interrupt)},
		{"an interruption", actionUpdate, waiting(interrupt)},
		{"an interruption", actionDelete, waiting(interrupt)},
		{"an interruption before the request", actionCreate, create(secgroup.Refused, interrupt, nil)},
		{"a lock in time", actionUpdate, fmt.Errorf("%w: %w", timeout, locked)},
		{"a lock and an interruption", actionUpdate, fmt.Errorf("%w: %w", interrupt, locked)},
		{"a group in use, in time", actionDelete, inUse(timeLimit{20 * time.Minute, "timeouts.delete"})},
		{"a group in use, and an interruption", actionDelete, inUse(interrupt)},
		{"egress to port 25", actionUpdate, &secgroup.MailError{Rules: []rule.Rule{{Direction: "egress", Ethertype: "IPv4"}}, Cause: answer(400, "ValidationError", "egress port 25 is prohibited")}},
		{"a group exists", actionCreate, exists},
		{"a rule exists", actionCreate, &existsRule},
		{"a rule of another resource", actionCreate, &taken},
		{"several candidates", actionCreate, doubtful},
		{"an unknown result", actionCreate, create(secgroup.Unresolved, answer(503, "", "no message"), errors.New("nothing was found so far; the API may still carry out the request"))},
		{"an unknown result", actionUpdate, create(secgroup.Unresolved, answer(503, "", "no message"), errors.New("nothing was found so far; the API may still carry out the request"))},
		{"unplanned rules", actionUpdate, &secgroup.UnplannedRulesError{Group: sampleRef, Rules: []rule.Rule{sampleRule}}},
		{"unplanned rules of a new set", actionCreate, &secgroup.UnplannedRulesError{Group: sampleRef, Rules: []rule.Rule{sampleRule}, Creating: true}},
		{"unplanned rules of a new group", actionCreate, &secgroup.UnplannedRulesError{Group: sampleRef, Rules: []rule.Rule{sampleRule}, Completing: true}},
		{"rules of others", actionUpdate, &secgroup.KeepError{Wanted: 1, Rules: []rule.Rule{sampleRule}}},
		{"too many rules of others", actionUpdate, &secgroup.KeepError{Wanted: rule.GroupLimit, Rules: []rule.Rule{sampleRule}, TooMany: true}},
		{"a revert", actionDelete, &secgroup.NotDefaultError{Name: "web"}},
		{"a revert beside new rules", actionDelete, &secgroup.HeldRulesError{Rules: []rule.Rule{sampleRule}}},
		{"an import", "import", &importError{answer(404, "SecurityGroupNotFound", "Security group "+thisGroup+" does not exist"), importForm("group_id")}},
	}
}

func canceled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// samples are the messages that take more than a configuration.
func (c cloud) samples(t *testing.T) []sample {
	t.Helper()
	ctx := t.Context()
	api, err := client.New(client.Config{BaseURL: c.URL(), APIKey: c.APIKey()}, on(fast)...)
	must(err)
	d := &providerData{projectID: types.Int64Value(testProject), regionID: types.Int64Value(testRegion), timeout: time.Minute}
	d.service = secgroup.New(api, &d.owners, time.Second)
	nowhere := &providerData{}
	var all []sample
	add := func(when string, diags ...diag.Diagnostic) { all = append(all, sample{when, diags}) }
	collect := func(when string, made func(diags *diag.Diagnostics)) {
		var diags diag.Diagnostics
		made(&diags)
		add(when, diags...)
	}
	none := types.Int64Null()

	// The provider block.
	empty := types.ObjectValueMust(map[string]attr.Type{"keys": types.SetType{ElemType: types.StringType}, "key_prefixes": types.SetType{ElemType: types.StringType}},
		map[string]attr.Value{"keys": types.SetNull(types.StringType), "key_prefixes": types.SetNull(types.StringType)})
	_, diags := resolveSettings(providerModel{IgnoreTags: empty}, func(name string) string {
		return map[string]string{"GCORE_CLOUD_PROJECT_ID": "prod"}[name]
	})
	add("configuring the provider", diags...)
	_, diags = resolveSettings(providerModel{IgnoreTags: types.ObjectUnknown(empty.AttributeTypes(ctx))}, func(string) string { return "1" })
	add("configuring the provider", diags...)
	tags := types.MapValueMust(types.StringType, map[string]attr.Value{"k8s": types.StringValue("1")})
	add("configuring the provider", tagSettings{ignored: secgroup.IgnoredTags{Keys: []string{"k8s"}}}.check(tags)...)
	collect("configuring the provider", func(diags *diag.Diagnostics) { nowhere.ready(diags) })
	collect("a bug", func(diags *diag.Diagnostics) { dataFrom("data", diags) })
	collect("a bug", func(diags *diag.Diagnostics) {
		defer recovered(ctx, diags)
		panic("a bug")
	})
	broken := types.MapValueMust(types.ObjectType{AttrTypes: map[string]attr.Type{}}, map[string]attr.Value{"a": types.ObjectValueMust(map[string]attr.Type{}, map[string]attr.Value{})})
	_, diags = decodeRules(broken)
	add("a bug", diags[0])
	_, diags = decodeFinalRules(types.MapValueMust(ruleEntryType, map[string]attr.Value{"a": types.ObjectNull(ruleEntryType.AttrTypes)}))
	add("a bug", diags...)

	// Projects and regions.
	_, diags = nowhere.readLocation(none, none)
	add("plan: project and region", diags...)
	_, diags = (&providerData{projectID: types.Int64Unknown(), regionID: types.Int64Unknown()}).readLocation(none, none)
	add("plan: project and region", diags...)
	add("plan: project and region", d.places()[0].elsewhere(1, 2), d.places()[1].elsewhere(76, 80))
	add("plan: project and region", d.replaces(d.places()[0], 1, 2)...)
	add("plan: project and region", d.replaces(d.places()[1], 76, 80)...)
	var invalid validator.StringResponse
	positiveDuration{}.ValidateString(ctx, validator.StringRequest{Path: path.Root("timeouts").AtName(actionDelete), ConfigValue: types.StringValue("-5m")}, &invalid)
	add("validate", invalid.Diagnostics...)
	allowed := &providerData{allowedProjects: types.SetValueMust(types.Int64Type, []attr.Value{types.Int64Value(2)})}
	add("plan: project and region", allowed.checkProject(types.Int64Value(1))...)
	_, _, diags = nowhere.locate(ctx, sampleGroup, types.StringValue(thisGroup), none, none)
	add("plan: project and region", diags...)
	_, _, diags = d.locate(ctx, sampleGroup, types.StringValue(otherGroup), none, none)
	add("plan: project and region", diags...)
	_, diags = d.groupInPlan(ctx, secgroup.Ref{Location: sampleRef.Location, ID: otherGroup})
	add("plan: project and region", diags...)

	// Imports.
	_, diags = d.importID(ctx, resource.ImportStateRequest{ID: "web"}, "group_id")
	add("import", diags...)
	collect("import", func(diags *diag.Diagnostics) { nowhere.importLocation(none, none, diags) })
	identity := map[string]tftypes.Value{
		"project_id": tftypes.NewValue(tftypes.Number, 0), "region_id": tftypes.NewValue(tftypes.Number, 76), "group_id": tftypes.NewValue(tftypes.String, "web"),
	}
	of := map[string]tftypes.Type{"project_id": tftypes.Number, "region_id": tftypes.Number, "group_id": tftypes.String}
	_, diags = parseIdentity(ctx, &tfsdk.ResourceIdentity{Schema: groupIdentitySchema(), Raw: tftypes.NewValue(tftypes.Object{AttributeTypes: of}, identity)}, "group_id")
	add("import", diags...)
	odd := client.SecurityGroup{ID: thisGroup, Name: "web", Rules: []client.SecurityGroupRule{{ID: otherGroup, Direction: "ingress", Protocol: new("99"), RemoteIPPrefix: new("10.0.0.1/8")}}}
	_, diags = importedRules(sampleGroup, odd, "")
	add("import", diags...)
	large := client.SecurityGroup{ID: thisGroup}
	for i := range rule.GroupLimit + 1 {
		large.Rules = append(large.Rules, client.SecurityGroupRule{ID: fmt.Sprint(i), Direction: "egress", Protocol: new("tcp"), PortRangeMin: new(int64(i + 1)), PortRangeMax: new(int64(i + 1))})
	}
	_, diags = importedRules(sampleGroup, large, "")
	add("import", diags...)
	add("import", securityGroupRuleModel{ProjectID: types.Int64Value(1), RegionID: types.Int64Value(76), GroupID: types.StringValue(thisGroup)}.refresh(odd.Rules[0]).warnOfImport()...)
	add("import", unreadable(sampleGroup, true))

	// Reads.
	reading := func() *resource.ReadResponse {
		var schema resource.SchemaResponse
		(&securityGroup{}).Schema(ctx, resource.SchemaRequest{}, &schema)
		return &resource.ReadResponse{State: tfsdk.State{Schema: schema.Schema}}
	}
	finds := func(outcome secgroup.Outcome, cause error) findCreated {
		return func(context.Context, bool) (string, error) {
			return "", &secgroup.CreateError{Outcome: outcome, Group: sampleRef, Cause: cause}
		}
	}
	failedTask := &client.TaskError{Task: client.Task{ID: "5a0f", State: client.TaskFailed, Error: "no capacity"}}
	resp := reading()
	d.readFailed(ctx, sampleGroup, client.ErrNotFound, false, "", resp)
	d.readPending(ctx, sampleGroup, finds(secgroup.MadeNothing, failedTask), resp)
	d.readPending(ctx, sampleGroup, finds(secgroup.StillRunning, nil), resp)
	d.readPending(ctx, sampleGroup, finds(secgroup.Forgotten, nil), resp)
	add("read", resp.Diagnostics...)
	add("read", unreadable(sampleGroup, false), hasAnotherOwner(sampleSSH), cameToNothing(sampleSSH, failedTask), stillChanged(sampleSSH, finds(secgroup.StillRunning, nil).error(ctx)))
	model := securityGroupRuleModel{ID: types.StringValue(otherGroup), ProjectID: types.Int64Value(1), RegionID: types.Int64Value(76), GroupID: types.StringValue(thisGroup), ruleAttributes: entryFromRule(sampleRule).ruleAttributes}
	set := securityGroupRuleSetModel{ProjectID: types.Int64Value(1), RegionID: types.Int64Value(76), GroupID: types.StringValue(thisGroup)}
	left := &secgroup.Replacement{ID: thisGroup, Request: client.RuleRequest{Direction: "egress"}}
	found := *left
	found.Found = true
	add("read", cutOff(model, left), cutOff(model, &found), setCutOff(set, &secgroup.SentRules{GroupID: thisGroup}))
	_, diags = takeOver(&tfprotov6.RawState{JSON: []byte(`{"name": "web"}`)}, "security group", foreign.ReadGroup, groupFromForeign)
	add("read", diags...)
	data := &securityGroupData{providerData: d}
	add("read: data sources", missingInstances(sampleRef, 12, 10))
	_, diags = data.byID(ctx, sampleRef.Location, otherGroup)
	add("read: data sources", diags...)
	_, diags = data.onlyOne(ctx, sampleRef.Location, groupFilter{Name: types.StringValue("none")})
	add("read: data sources", diags...)
	c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, ID: thisGroup, Name: "twin"})
	c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, ID: secondGroup, Name: "twin"})
	_, diags = data.onlyOne(ctx, sampleRef.Location, groupFilter{Name: types.StringValue("twin")})
	add("read: data sources", diags...)

	// Plans.
	add("plan", d.failedInPlan(sampleGroup, "read", &client.Error{Method: "GET", Path: "/cloud/v1/securitygroups/1/76", StatusCode: 503, RequestID: "4b1c"}))
	plan := securityGroupModel{ProjectID: types.Int64Value(1), RegionID: types.Int64Value(76), Name: types.StringValue("twin")}
	add("plan", (&securityGroup{providerData: d}).warnOfOrphans(ctx, plan)[0])
	c.AddRule(thisGroup, gcoretest.Rule{ID: otherGroup, Direction: "egress", Ethertype: new("IPv4"), Protocol: new("udp"), Description: new("theirs")})
	set.OnDestroy = types.StringValue(onDestroyRevert)
	_, diags = (&securityGroupRuleSet{d}).reviewGroup(ctx, securityGroupRuleSetModel{}, set, rulesMap{value: types.MapValueMust(ruleEntryType, nil)}, nil, false)
	add("plan", diags...)
	udp := model
	udp.ruleAttributes = entryFromRule(rule.Rule{Direction: "egress", Ethertype: "IPv4", Protocol: "udp"}).ruleAttributes
	udp.ID = types.StringValue(secondGroup)
	diags = (&securityGroupRule{d}).reviewPlace(ctx, udp, udp)
	add("plan", diags...)
	add("plan", awayForAMoment(sampleSSH, "The API cannot change a rule, or hold two rules that differ only in their description.")...)
	add("plan", set.warnOfFound([]rule.Rule{sampleRule})...)
	add("plan", seen{ReadOnlyTags: []string{"k8s"}}.warnOfTags(sampleGroup, tags)...)
	open := rulesMap{value: types.MapValueMust(ruleEntryType, nil)}
	add("plan", seen{}.warnOfTakeover(sampleGroup, open, nil)...)
	add("plan", seen{Rules: []client.RuleRequest{}}.warnOfTakeover(sampleGroup, open, []rule.Rule{sampleRule})...)
	add("plan", seen{Rules: []client.RuleRequest{}}.warnOfTakeover(sampleGroup, rulesMap{value: types.MapUnknown(ruleEntryType)}, []rule.Rule{sampleRule})...)
	entries := map[string]ruleEntry{"ssh": entryFromRule(sampleRule)}
	prior, diags := encodeRules(entries)
	must(errorOf(diags))
	managed := rulesMap{value: prior, entries: entries}
	add("plan", rulesChange{prior: managed, planned: rulesMap{value: types.MapNull(ruleEntryType)}}.warn(sampleGroup)...)
	again := map[string]ruleEntry{"admins": entryFromRule(sampleRule)}
	renamed, diags := encodeRules(again)
	must(errorOf(diags))
	add("plan", warnOfRenaming(sampleGroup, managed, rulesMap{value: renamed, entries: again})...)
	add("plan", warnOfUnrepeatable(sampleGroup, rulesMap{value: prior, entries: map[string]ruleEntry{"odd": entryFromRule(secgroup.RuleFromAPI("", odd.Rules[0]))}})...)
	others := rulesChange{planned: managed, prior: managed, found: seen{Others: []client.RuleRequest{client.RuleRequest(sampleRule)}}, ignored: rule.Matchers{{DescriptionPrefix: new("admins")}}}
	add("plan", others.warnOfReplacement(sampleGroup)...)
	others.ignored, others.ignoredKnown = nil, true
	add("plan", others.warnOfChangedBlocks(sampleGroup))
	conflict := func(err error) diag.Diagnostics { return d.ownership(path.Empty(), err) }
	d.remember(types.StringValue(thisGroup), types.StringValue("web"))
	one, other := secgroup.Owner{Kind: ruleType, Rule: sampleRule.Name()}, secgroup.Owner{Kind: ruleType, Rule: sampleRule.Name(), ID: otherGroup, Existed: true}
	add("plan: two resources", conflict(&secgroup.OwnersConflictError{Group: sampleRef, One: secgroup.Owner{Kind: groupType}, Other: one})...)
	add("plan: two resources", conflict(&secgroup.SameRuleError{Group: sampleRef, One: one, Other: other})...)
	add("plan: two resources", conflict(&secgroup.LossError{Group: sampleRef, From: one, By: secgroup.Departing{Kind: ruleSetType}, Rules: []rule.Rule{sampleRule}})...)
	add("plan: two resources", conflict(&secgroup.LossError{Group: sampleRef, From: one, By: secgroup.Departing{Kind: ruleSetType, Everything: true}})...)
	add("plan: two resources", conflict(&secgroup.SameRuleError{Group: sampleRef, One: other, Other: other})...)

	// Applies.
	add("plan", cannotRenameDefault)
	add("apply", cannotDeleteDefault, handedOver(sampleGroup, ruleType))
	add("apply", checkCreated(sampleGroup, types.StringNull())...)
	add("apply", tookOver(sampleSSH, otherGroup, sampleRule, rule.Rule{Description: "other"})...)
	_, diags = d.deletePending(ctx, sampleGroup, finds(secgroup.MadeNothing, failedTask))
	add("apply", diags...)
	for _, failure := range failures() {
		of := sampleGroup
		if strings.HasPrefix(failure.name, "a rule") {
			of = sampleSSH
		}
		add("apply: "+failure.name, of.failed(failure.action, failure.err))
	}
	wrong := failures()[1]
	add("apply: the same for another resource", d.failed(sampleGroup, wrong.action, wrong.err), d.failed(sampleSSH, wrong.action, wrong.err))
	return all
}

// error is what a search for a create found.
func (f findCreated) error(ctx context.Context) error {
	_, err := f(ctx, false)
	return err
}

func errorOf(diags diag.Diagnostics) error {
	if diags.HasError() {
		return errors.New(diags.Errors()[0].Detail())
	}
	return nil
}

// secondGroup is the id of a group beside thisGroup and otherGroup.
const secondGroup = "00000000-0000-4000-8000-000000000003"

// What differs from run to run.
var (
	someRequestID = regexp.MustCompile(`\b[0-9a-f]{32}\b`)
	someDate      = regexp.MustCompile(`\b\d{4}-\d\d-\d\dT[0-9:]+Z`)
)

// messages are the diagnostics as Terraform would pass it on.
func (s sample) messages() []message {
	var all []message
	for _, d := range s.diags {
		detail := someDate.ReplaceAllString(someRequestID.ReplaceAllString(d.Detail(), "4b1c"), "2026-01-02T03:04:05Z")
		all = append(all, message{Severity: strings.ToLower(d.Severity().String()), Summary: d.Summary(), Detail: detail})
	}
	return all
}
