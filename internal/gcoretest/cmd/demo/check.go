package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// cloudHolds is a check that the cloud's groups, tags and rules are exactly these, and shows them.
func cloudHolds(expected string) func(*demo) error {
	return func(d *demo) error {
		expected, found := strings.TrimSpace(expected), describe(d.cloud.Groups(project, region))
		if found != expected {
			return fmt.Errorf("the cloud is not as declared. Expected:\n\n%s\n\nFound:\n\n%s", expected, found)
		}
		d.out.text("The cloud now, as the API tells it:")
		d.out.output("")
		for line := range strings.Lines(found) {
			d.out.output(strings.TrimSuffix(line, "\n"))
		}
		d.out.output("")
		return nil
	}
}

// onlyReads is a check that a plan looked at the cloud, and sent nothing that could change it.
func onlyReads(d *demo) error {
	if len(d.log) == 0 {
		return errors.New("the plan read nothing from the cloud")
	}
	for _, request := range d.log {
		if request.Writes() {
			return fmt.Errorf("a plan sent %s %s", request.Method, request.Path)
		}
	}
	return nil
}

// keeps is a check of how many rules the step left alone, told by their ids.
func keeps(expected int) func(*demo) error {
	return func(d *demo) error {
		before, count := ruleIDs(d.groups), 0
		for _, id := range ruleIDs(d.cloud.Groups(project, region)) {
			if slices.Contains(before, id) {
				count++
			}
		}
		if count != expected {
			return fmt.Errorf("%d of the %d rules that were there kept their ids, expected %d", count, len(before), expected)
		}
		d.out.text(fmt.Sprintf("%d of the %d rules that were there kept their ids: they were not touched.", count, len(before)))
		return nil
	}
}

func ruleIDs(groups []gcoretest.Group) []string {
	var ids []string
	for _, group := range groups {
		for _, rule := range group.Rules {
			ids = append(ids, rule.ID)
		}
	}
	return ids
}

// openSSH is what somebody does in the portal in a hurry, and forgets.
func openSSH(d *demo) error {
	groups := d.cloud.Groups(project, region)
	at := slices.IndexFunc(groups, func(g gcoretest.Group) bool { return g.Name == "demo-web" })
	if at < 0 {
		return errors.New("there is no group demo-web")
	}
	d.cloud.AddRule(groups[at].ID, gcoretest.Rule{
		Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("tcp"),
		PortRangeMin: new(22), PortRangeMax: new(22), Description: new("temporary"),
	})
	return nil
}

// nothingLeft is a check that neither the cloud nor Terraform's state holds anything.
func nothingLeft(d *demo) error {
	if groups := d.cloud.Groups(project, region); len(groups) > 0 {
		return fmt.Errorf("the cloud still holds:\n\n%s", describe(groups))
	}
	content, err := os.ReadFile(filepath.Join(d.terraform.Directory, "terraform.tfstate"))
	if err != nil {
		return fmt.Errorf("read Terraform's state: %w", err)
	}
	var state struct {
		Resources []struct{ Type, Name string } `json:"resources"`
	}
	if err := json.Unmarshal(content, &state); err != nil {
		return fmt.Errorf("read Terraform's state: %w", err)
	}
	if len(state.Resources) > 0 {
		return fmt.Errorf("the state of Terraform still holds %v", state.Resources)
	}
	d.out.text("Neither the cloud nor Terraform's state holds anything.")
	return nil
}
