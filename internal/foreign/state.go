// Package foreign reads the states and rule lists that other providers wrote: Gcore's own provider, 2.x and 0.x, and the
// list of OpenStack's.
//
// Anybody may have edited a state. A part that cannot be understood is an error and never dropped, since a rule without
// its remote is open to everybody. The error lists the problems, a sentence a line, and names the attribute of each,
// such as rules[3].port_range_min.
package foreign

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// Group is a security group in a state.
type Group struct {
	ID                  string
	ProjectID, RegionID *int64 // nil for the provider's default
	Name, Description   string
	// Rules are empty if RulesManaged is false: the configuration did not mention any.
	Rules        []rule.Rule
	RulesManaged bool
	Tags         map[string]string
	CreatedAt    string // as the state has it, empty if it has none
}

// Rule is a standalone rule in a state.
type Rule struct {
	rule.Rule
	ID, GroupID         string
	ProjectID, RegionID *int64 // nil for the provider's default
}

// largestState is the most bytes of a state that are read. A state of 250 rules, each there twice, has about 200 kB.
const largestState = 4 << 20

// ReadGroup reads the state of a gcore_cloud_security_group of Gcore's provider 2.x. The rules are those of its
// configuration, although the create of that provider may have lost some.
func ReadGroup(state []byte) (Group, error) {
	return read(state, func(o object) Group {
		// Alphas 1 to 10 have fewer attributes than the later ones, and code after alpha 15 has no tags_v2 and no tasks.
		group := o.group("rules", "tags", "region", "created_at", "updated_at", "revision_number", "tags_v2", "tasks", "security_group_rules")
		group.CreatedAt = o.text("created_at")
		return group
	})
}

// ReadLegacyGroup reads the state of a gcore_securitygroup of Gcore's provider 0.x, which stores 0 for each number that
// is not given, even for ICMP.
func ReadLegacyGroup(state []byte) (Group, error) {
	return read(state, func(o object) Group {
		// metadata_read_only has all tags, despite its name.
		group := o.group("security_group_rules", "metadata_map", "project_name", "region_name", "metadata_read_only", "last_updated")
		for i := range group.Rules {
			for _, port := range []**int64{&group.Rules[i].PortRangeMin, &group.Rules[i].PortRangeMax} {
				if unsetPort(*port) {
					*port = nil
				}
			}
		}
		return group
	})
}

// ReadRule reads the state of a gcore_cloud_security_group_rule of Gcore's provider 2.x, which has the spelling of its
// configuration.
func ReadRule(state []byte) (Rule, error) {
	return read(state, func(o object) Rule {
		o.only([]string{"id", "project_id", "region_id", "group_id", "tasks"}, ruleAttributes)
		return Rule{
			ID:        o.uuid("id"),
			ProjectID: o.locationID("project_id"),
			RegionID:  o.locationID("region_id"),
			GroupID:   o.uuid("group_id"),
			Rule:      o.ruleAttributes(),
		}
	})
}

// group reads a group with the names that its rules, its tags and the attributes that are not read have in the state.
func (o object) group(rules, tags string, ignored ...string) Group {
	o.only([]string{"id", "project_id", "region_id", "name", "description", rules, tags}, ignored)
	list, managed := o.objects(rules)
	group := Group{RulesManaged: managed, Rules: make([]rule.Rule, 0, len(list))}
	for _, entry := range list {
		entry.only(ruleAttributes, ruleRecord, []string{"self"})
		group.Rules = append(group.Rules, entry.listedRule())
	}
	group.Tags = o.tags(tags)
	group.ID = o.uuid("id")
	group.ProjectID, group.RegionID = o.locationID("project_id"), o.locationID("region_id")
	group.Name, group.Description = o.required("name", o.text("name")), o.text("description")
	return group
}

// read parses the state of one object and reads it with from.
func read[T any](state []byte, from func(object) T) (T, error) {
	o := object{problems: new(problems)}
	var err error
	if o.values, err = parse(state); err != nil {
		var none T
		o.problems.note("The state cannot be read: %v.", err)
		return none, o.problems
	}
	return from(o), o.problems.err()
}

func parse(state []byte) (map[string]any, error) {
	switch {
	case len(state) == 0:
		return nil, errors.New("it is not in JSON: refresh it with a Terraform of version 0.12 or later, and with the provider that wrote it")
	case len(state) > largestState:
		return nil, fmt.Errorf("it has %d bytes, and %d at most are read", len(state), largestState)
	}
	decoder := json.NewDecoder(bytes.NewReader(state))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("it is not in JSON: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the object in it")
	}
	values, isObject := value.(map[string]any)
	if !isObject {
		return nil, fmt.Errorf("it is %s where an object is expected", describe(value))
	}
	return values, nil
}
