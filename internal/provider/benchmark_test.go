package provider

import (
	"context"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// many is the number of rules that a benchmark's group has: the API's limit.
const many = 250

// wire is the provider called as Terraform calls it, without Terraform.
type wire struct {
	tfprotov6.ProviderServer
	types  map[string]tftypes.Object
	config *tfprotov6.DynamicValue // of the provider
}

func newWire(b *testing.B, c cloud) wire {
	b.Helper()
	server, err := providerserver.NewProtocol6WithError(&gcore{
		version: "test", getenv: func(string) string { return "" }, grace: time.Second,
		clientOptions: on(fast),
	})()
	if err != nil {
		b.Fatal(err)
	}
	schema, err := server.GetProviderSchema(b.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		b.Fatal(err)
	}
	w := wire{ProviderServer: server, types: map[string]tftypes.Object{}}
	for name, s := range schema.ResourceSchemas {
		w.types[name] = s.ValueType().(tftypes.Object)
	}
	config := object(schema.Provider.ValueType().(tftypes.Object), map[string]tftypes.Value{
		"api_key": tftypes.NewValue(tftypes.String, c.APIKey()), "base_url": tftypes.NewValue(tftypes.String, c.URL()),
		"cloud_project_id": tftypes.NewValue(tftypes.Number, testProject), "cloud_region_id": tftypes.NewValue(tftypes.Number, testRegion),
	})
	w.config = dynamic(b, config)
	w.configure(b)
	return w
}

// configure begins a run: the register of owners knows of one plan, or of one
// apply.
func (w wire) configure(b *testing.B) {
	b.Helper()
	configured, err := w.ConfigureProvider(b.Context(), &tfprotov6.ConfigureProviderRequest{Config: w.config})
	fine(b, err, configured.Diagnostics)
}

// object is a value of a type whose other attributes are null.
func object(of tftypes.Object, given map[string]tftypes.Value) tftypes.Value {
	values := map[string]tftypes.Value{}
	for name, attribute := range of.AttributeTypes {
		values[name] = tftypes.NewValue(attribute, nil)
	}
	maps.Copy(values, given)
	return tftypes.NewValue(of, values)
}

func dynamic(b *testing.B, value tftypes.Value) *tfprotov6.DynamicValue {
	b.Helper()
	encoded, err := tfprotov6.NewDynamicValue(value.Type(), value)
	if err != nil {
		b.Fatal(err)
	}
	return &encoded
}

func fine(b *testing.B, err error, diagnostics []*tfprotov6.Diagnostic) {
	b.Helper()
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			b.Fatal(d.Summary, d.Detail)
		}
	}
	if err != nil {
		b.Fatal(err)
	}
}

// groupOfMany is the configuration of a group with inline rules.
func (w wire) groupOfMany(b *testing.B) *tfprotov6.DynamicValue {
	b.Helper()
	of := w.types[groupType]
	rules := of.AttributeTypes["rules"].(tftypes.Map)
	entries := map[string]tftypes.Value{}
	for port := range many {
		entries[fmt.Sprintf("port-%d", port+1)] = object(rules.ElementType.(tftypes.Object), map[string]tftypes.Value{
			"direction": tftypes.NewValue(tftypes.String, "ingress"), "protocol": tftypes.NewValue(tftypes.String, "tcp"),
			"port_range_min": tftypes.NewValue(tftypes.Number, port+1), "port_range_max": tftypes.NewValue(tftypes.Number, port+1),
			"remote_ip_prefix": tftypes.NewValue(tftypes.String, "0.0.0.0/0"),
		})
	}
	return dynamic(b, object(of, map[string]tftypes.Value{
		"name": tftypes.NewValue(tftypes.String, "web"), "rules": tftypes.NewValue(rules, entries),
	}))
}

// made is the configuration and state of a group with inline rules that was
// created earlier.
func (w wire) made(ctx context.Context, b *testing.B) (config, state *tfprotov6.DynamicValue, private []byte) {
	b.Helper()
	config = w.groupOfMany(b)
	nothing := dynamic(b, tftypes.NewValue(w.types[groupType], nil))
	planned, err := w.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: groupType, PriorState: nothing, ProposedNewState: config, Config: config,
	})
	fine(b, err, planned.Diagnostics)
	applied, err := w.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: groupType, PriorState: nothing, PlannedState: planned.PlannedState, Config: config, PlannedPrivate: planned.PlannedPrivate,
	})
	fine(b, err, applied.Diagnostics)
	return config, applied.NewState, applied.Private
}

// BenchmarkPlanOfInlineRules validates and plans 250 rules without changes.
func BenchmarkPlanOfInlineRules(b *testing.B) {
	w := newWire(b, cloud{Server: gcoretest.New(b, gcoretest.Config{})})
	config, state, private := w.made(b.Context(), b)
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		w.configure(b)
		b.StartTimer()
		validated, err := w.ValidateResourceConfig(b.Context(), &tfprotov6.ValidateResourceConfigRequest{TypeName: groupType, Config: config})
		fine(b, err, validated.Diagnostics)
		planned, err := w.PlanResourceChange(b.Context(), &tfprotov6.PlanResourceChangeRequest{
			TypeName: groupType, PriorState: state, ProposedNewState: state, Config: config, PriorPrivate: private,
		})
		fine(b, err, planned.Diagnostics)
	}
}

// BenchmarkReadOfInlineRules refreshes 250 rules: from the request to the
// state.
func BenchmarkReadOfInlineRules(b *testing.B) {
	w := newWire(b, cloud{Server: gcoretest.New(b, gcoretest.Config{})})
	_, state, private := w.made(b.Context(), b)
	b.ReportAllocs()
	for b.Loop() {
		read, err := w.ReadResource(b.Context(), &tfprotov6.ReadResourceRequest{TypeName: groupType, CurrentState: state, Private: private})
		fine(b, err, read.Diagnostics)
	}
}

// BenchmarkReadOfStandaloneRules refreshes 250 rules, each its own resource.
func BenchmarkReadOfStandaloneRules(b *testing.B) {
	c := cloud{Server: gcoretest.New(b, gcoretest.Config{})}
	w := newWire(b, c)
	w.made(b.Context(), b)
	group := c.Groups(testProject, testRegion)[0]
	var states []*tfprotov6.DynamicValue
	for _, r := range group.Rules {
		states = append(states, dynamic(b, object(w.types[ruleType], map[string]tftypes.Value{
			"id": tftypes.NewValue(tftypes.String, r.ID), "group_id": tftypes.NewValue(tftypes.String, group.ID),
			"direction":  tftypes.NewValue(tftypes.String, "ingress"),
			"project_id": tftypes.NewValue(tftypes.Number, testProject), "region_id": tftypes.NewValue(tftypes.Number, testRegion),
		})))
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, state := range states {
			read, err := w.ReadResource(b.Context(), &tfprotov6.ReadResourceRequest{TypeName: ruleType, CurrentState: state})
			fine(b, err, read.Diagnostics)
		}
	}
}

// BenchmarkRulesFromAnswer maps 250 rules of a response to state entries.
func BenchmarkRulesFromAnswer(b *testing.B) {
	c := cloud{Server: gcoretest.New(b, gcoretest.Config{})}
	newWire(b, c).made(b.Context(), b)
	api, err := client.New(client.Config{BaseURL: c.URL(), APIKey: c.APIKey()})
	if err != nil {
		b.Fatal(err)
	}
	group, err := api.SecurityGroup(b.Context(), client.Location{ProjectID: testProject, RegionID: testRegion}, c.Groups(testProject, testRegion)[0].ID)
	if err != nil {
		b.Fatal(err)
	}
	prior := entriesFromAPI(nil, group.ID, group.Rules)
	b.ReportAllocs()
	for b.Loop() {
		if entries := entriesFromAPI(prior, group.ID, group.Rules); len(entries) != many {
			b.Fatal(len(entries))
		}
	}
}
