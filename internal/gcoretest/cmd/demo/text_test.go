package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// The warning as Terraform 1.11 writes it into a pipe, and as it does for a terminal.
const (
	plainWarning = `
Warning: Provider development overrides are in effect

The following provider development overrides are set in the CLI
configuration:
 - gcore-community/gcore in /tmp/x

The behavior may therefore not match any released version of the provider and
applying changes may cause the state to become incompatible with published
releases.
`
	boxedWarning = "\x1b[33m╷\x1b[0m\x1b[0m\n" +
		"\x1b[33m│\x1b[0m \x1b[0m\x1b[1m\x1b[33mWarning: \x1b[0m\x1b[0m\x1b[1mProvider development overrides are in effect\x1b[0m\n" +
		"\x1b[33m│\x1b[0m \x1b[0m\n\x1b[33m│\x1b[0m \x1b[0mThe following provider development overrides are set in the CLI\n" +
		"\x1b[33m│\x1b[0m \x1b[0m\n\x1b[33m│\x1b[0m \x1b[0mThe behavior may therefore not match published releases.\n\x1b[33m╵\x1b[0m\x1b[0m\n"
	plan = `
Terraform used the selected providers to generate the following execution
plan. Resource actions are indicated with the following symbols:
  + create

Terraform will perform the following actions:

  # gcore_cloud_security_group.web will be created
  + resource "gcore_cloud_security_group" "web" {
      + rules = {
          + "https" = {
            }
        }
    }

Plan: 1 to add, 0 to change, 0 to destroy.

Changes to Outputs:
  + group = {
      + web = "x"
    }


Warning: Some rules may be removed

  with gcore_cloud_security_group.web
`
	apply = "gcore_cloud_security_group.web: Creating...\n"
)

func TestFilter(t *testing.T) {
	t.Parallel()
	const warning = "\nWarning: Some rules may be removed\n\n  with gcore_cloud_security_group.web\n"
	whole := plan[strings.Index(plan, "\n  # gcore"):strings.Index(plan, "\n\n\nWarning")] + "\n"
	const outlined = "\n  # gcore_cloud_security_group.web will be created\n\nPlan: 1 to add, 0 to change, 0 to destroy.\n"
	for name, test := range map[string]struct {
		outline     bool
		input, want string
	}{
		"plain warning before a plan":  {input: plainWarning + plan, want: whole + warning},
		"plain warning before a line":  {input: plainWarning + apply, want: "\n" + apply},
		"boxed warning before a line":  {input: boxedWarning + apply, want: "\n" + apply},
		"reworded warning ends at all": {input: strings.ReplaceAll(plainWarning, "releases.", "versions.") + "\n" + apply, want: "\n" + apply},
		"OpenTofu's plan":              {input: strings.ReplaceAll(plan, "Terraform", "OpenTofu"), want: whole + warning},
		"outline":                      {outline: true, input: plainWarning + plan + "\n" + apply, want: outlined + warning + "\n" + apply},
		"nothing to leave out":         {outline: true, input: apply, want: apply},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got strings.Builder
			f := filter{outline: test.outline, emit: func(line string) { got.WriteString(line + "\n") }}
			for line := range strings.Lines(test.input) {
				f.line(strings.TrimSuffix(line, "\n"))
			}
			if diff := cmp.Diff(test.want, got.String()); diff != "" {
				t.Errorf("output (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSummary(t *testing.T) {
	t.Parallel()
	request := func(method, operation string) gcoretest.Request {
		return gcoretest.Request{Method: method, Operation: operation}
	}
	for _, test := range []struct {
		requests []gcoretest.Request
		want     string
	}{
		{nil, "none"},
		{[]gcoretest.Request{request("GET", "read group")}, "1 x GET read group"},
		{[]gcoretest.Request{
			request("POST", "create group"), request("GET", "poll task"), request("GET", "poll task"), request("POST", "create group"),
		}, "2 x POST create group, 2 x GET poll task"},
	} {
		if got := summary(test.requests); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	groups := []gcoretest.Group{
		{ID: "a", Name: "first", Tags: []gcoretest.Tag{{Key: "k", Value: "v"}}, Rules: []gcoretest.Rule{
			{Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("tcp"), PortRangeMin: new(443), PortRangeMax: new(443)},
			{
				Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("tcp"), PortRangeMin: new(22), PortRangeMax: new(23),
				RemoteIPPrefix: new("10.0.0.0/8"), Description: new("SSH"),
			},
			{Direction: "egress", Ethertype: new("IPv6"), RemoteIPPrefix: new("::/0")},
			{Direction: "ingress", Protocol: new("icmp"), PortRangeMin: new(8), RemoteGroupID: new("b")},
		}},
		{ID: "b", Name: "second", Rules: []gcoretest.Rule{{Direction: "egress", RemoteGroupID: new("elsewhere")}}},
		{ID: "c", Name: "empty"},
	}
	want := strings.Trim(`
first  k=v
  egress   IPv6  all   -      to anywhere
  ingress  IPv4  tcp   22-23  from 10.0.0.0/8     SSH
  ingress  IPv4  tcp   443    from anywhere
  ingress  any   icmp  8      from group second
second
  egress   any   all   -      to group elsewhere
empty
`, "\n")
	if diff := cmp.Diff(want, describe(groups)); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
	if got := describe(nil); got != "" {
		t.Errorf("no groups: got %q", got)
	}
}

func TestTextBreaksLines(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	(&printer{w: &out}).text(strings.Repeat("word ", 50) + strings.Repeat("x", 120))
	for line := range strings.Lines(out.String()) {
		if len(line) > 101 && !strings.HasPrefix(line, "xxx") {
			t.Errorf("a line of %d characters: %q", len(line), line)
		}
	}
	if words := len(strings.Fields(out.String())); words != 51 {
		t.Errorf("%d words, want 51", words)
	}
}
