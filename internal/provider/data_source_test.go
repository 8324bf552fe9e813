package provider

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

const (
	groupData  = "gcore_cloud_security_group"
	groupsData = "gcore_cloud_security_groups"
)

// A data source can look up groups created in the same run, with rules that
// name other groups.
func TestDataSourcesInOneRun(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	config := web("tags = { team = \"net\" }\n rules = {"+httpsEntry+"}") + `
		data "gcore_cloud_security_group" "by_id" {
			group_id = gcore_cloud_security_group.web.id
		}
		data "gcore_cloud_security_group" "by_name" {
			find_one_by = { name = gcore_cloud_security_group.web.name, tag_key = keys(gcore_cloud_security_group.web.tags) }
			depends_on  = [gcore_cloud_security_group.web]
		}
		data "gcore_cloud_security_groups" "all" {
			name_regex = "^w"
			depends_on = [gcore_cloud_security_group.web]
		}
		resource "gcore_cloud_security_group" "copy" {
			name  = "copy"
			rules = data.gcore_cloud_security_group.by_id.rules
		}`
	equal := func(address string, path tfjsonpath.Path, check knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data."+address, path, check)
	}
	c.run(t, with(
		c.apply(config, group{name: "web", tags: []string{"team=net"}, rules: []string{httpsLine}}, group{name: "copy", rules: []string{httpsLine}}),
		equal(groupData+".by_name", tfjsonpath.New("security_group_rules").AtSliceIndex(0).AtMapKey("port_range_min"), knownvalue.Int64Exact(443)),
		equal(groupsData+".all", tfjsonpath.New("items").AtSliceIndex(0).AtMapKey("tags"), knownvalue.MapExact(map[string]knownvalue.Check{"team": knownvalue.StringExact("net")})),
	))
}

// The data source returns every attribute that the API returns, as stored and
// as the provider names it.
func TestGroupDataAttributes(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{NullDescriptions: true})
	made := time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)
	other := c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "peer"})
	id := c.AddGroup(gcoretest.Group{
		ID: thisGroup, ProjectID: testProject, RegionID: testRegion, Name: "web", Description: "by hand",
		CreatedAt: made, UpdatedAt: made.Add(time.Hour), RevisionNumber: 7,
		Tags: []gcoretest.Tag{{Key: "team", Value: "net"}, {Key: "cost", Value: "x", ReadOnly: true}},
		Rules: []gcoretest.Rule{
			{ID: "00000000-0000-4000-8000-00000000000b", CreatedAt: made, UpdatedAt: made, Direction: "egress", Ethertype: new("IPv6"), Protocol: new("any")},
			{
				ID: "00000000-0000-4000-8000-00000000000a", CreatedAt: made.Add(time.Second), UpdatedAt: made.Add(time.Minute), RevisionNumber: 3,
				Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("6"), PortRangeMin: new(22), PortRangeMax: new(22),
				RemoteGroupID: &other, Description: new("ssh"),
			},
		},
	})
	got, err := c.protocol(t, nil).data(groupData, map[string]any{"group_id": id, "project_id": testProject, "region_id": testRegion})
	if err != nil {
		t.Fatal(err)
	}
	empty := map[string]any{"port_range_min": nil, "port_range_max": nil, "remote_ip_prefix": nil, "remote_group_id": nil, "description": nil}
	object := func(parts ...map[string]any) map[string]any {
		whole := map[string]any{}
		for _, part := range parts {
			maps.Copy(whole, part)
		}
		return whole
	}
	want := map[string]any{
		"group_id": id, "find_one_by": nil, "with_instances": nil, "instances": nil, "project_id": int64(testProject), "region_id": int64(testRegion),
		"id": id, "name": "web", "description": "by hand", "region": "Region-76", "revision_number": int64(7),
		"created_at": "2026-05-01T10:00:00Z", "updated_at": "2026-05-01T11:00:00Z",
		"security_group_rules": []any{
			object(empty, map[string]any{
				"id": "00000000-0000-4000-8000-00000000000b", "security_group_id": id, "direction": "egress", "ethertype": "IPv6", "protocol": "any",
				"revision_number": int64(0), "created_at": "2026-05-01T10:00:00Z", "updated_at": "2026-05-01T10:00:00Z",
			}),
			object(empty, map[string]any{
				"id": "00000000-0000-4000-8000-00000000000a", "security_group_id": id, "direction": "ingress", "ethertype": "IPv4", "protocol": "6",
				"port_range_min": int64(22), "port_range_max": int64(22), "remote_group_id": other, "description": "ssh",
				"revision_number": int64(3), "created_at": "2026-05-01T10:00:01Z", "updated_at": "2026-05-01T10:01:00Z",
			}),
		},
		"tags_v2": []any{
			map[string]any{"key": "cost", "value": "x", "read_only": true}, map[string]any{"key": "team", "value": "net", "read_only": false},
		},
		"tags": map[string]any{"team": "net"},
		"rules": map[string]any{
			"egress-ipv6-all": object(empty, map[string]any{
				"direction": "egress", "ethertype": "IPv6", "protocol": "any", "remote_ip_prefix": "::/0", "self": false, "description": "",
			}),
			"ingress-ipv4-tcp-22-from-" + other: object(empty, map[string]any{
				"direction": "ingress", "ethertype": "IPv4", "protocol": "tcp", "port_range_min": int64(22), "port_range_max": int64(22),
				"remote_group_id": other, "self": false, "description": "ssh",
			}),
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// Rules are read even if the list response omits them.
	c.Fail(gcoretest.Fault{Operation: gcoretest.OperationListGroups, Effect: gcoretest.Omit{Field: "security_group_rules"}})
	found, err := c.protocol(t, testPlace).data(groupData, map[string]any{"find_one_by": map[string]any{"name": "web"}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want["rules"], found["rules"]); diff != "" {
		t.Error(diff)
	}
	all, err := c.protocol(t, testPlace).data(groupsData, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"group_id", "find_one_by", "with_instances", "instances"} {
		delete(want, name)
	}
	if diff := cmp.Diff(want, all["items"].([]any)[1]); diff != "" {
		t.Error(diff)
	}
}

// The instances that use a group are read only if they are wanted, with one request more.
func TestGroupDataInstances(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	used, unused := c.AddGroup(portalGroup()), c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "unused"})
	c.UseGroup(used, gcoretest.Instance{ID: otherGroup, Name: "db-2"}, gcoretest.Instance{ID: thisGroup, Name: "db-1"})
	for _, test := range []struct {
		id       string
		asked    any
		want     any
		requests int
	}{
		{used, nil, nil, 1},
		{used, false, nil, 1},
		{used, true, []any{map[string]any{"id": thisGroup, "name": "db-1"}, map[string]any{"id": otherGroup, "name": "db-2"}}, 2},
		{unused, true, []any{}, 2},
	} {
		p := c.protocol(t, testPlace) // with no answer to reuse
		c.ResetRequests()
		got, err := p.data(groupData, map[string]any{"group_id": test.id, "with_instances": test.asked})
		if diff := cmp.Diff(test.want, got["instances"]); diff != "" || err != nil {
			t.Errorf("%v: %s %v", test.asked, diff, err)
		}
		if c.atMost(t, test.requests, "the data source"); test.want != nil && c.CountOperations()[gcoretest.OperationListInstances] != 1 {
			t.Errorf("requests %v", c.CountOperations())
		}
	}
	c.run(t, resource.TestStep{
		Config: c.block(place1) + `
			data "gcore_cloud_security_group" "web" {
				find_one_by    = { name = "web" }
				with_instances = true
			}`,
		ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue("data."+groupData+".web",
			tfjsonpath.New("instances").AtSliceIndex(0).AtMapKey("name"), knownvalue.StringExact("db-1"))},
	})
}

// An answer that lacks instances is told apart from a complete one, and an error from an empty list.
func TestGroupDataInstancesMissing(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	id := c.AddGroup(portalGroup())
	w := c.workspace(t).reattached(c)
	w.configure(fmt.Sprintf("data %q \"web\" {\n  group_id = %q\n  with_instances = true\n}\n", groupData, id))
	fault := c.Fail(gcoretest.Fault{Operation: gcoretest.OperationListInstances, Effect: gcoretest.Answer{Status: 200, Body: `{"count": 3, "results": [{"id": "` + otherGroup + `", "name": "db"}]}`}})
	says(t, w.must(0, "plan", "-no-color"), "Some instances are missing", "counts 3 instances that use security group "+id+", but returned only 1")
	fault.Clear()
	c.Fail(gcoretest.Fault{Operation: gcoretest.OperationListInstances, Effect: gcoretest.Answer{Status: 403}})
	says(t, w.must(1, "plan", "-no-color"), "Cannot list the instances of security group", "Check the role of the key's user")
}

// tagged adds groups with these names, each tagged with a = its name and b = 1.
func (c cloud) tagged(names ...string) (ids []string) {
	for _, name := range names {
		ids = append(ids, c.AddGroup(gcoretest.Group{
			ProjectID: testProject, RegionID: testRegion, Name: name, Tags: []gcoretest.Tag{{Key: "a", Value: name}, {Key: "b", Value: "1"}},
		}))
	}
	return ids
}

func TestGroupDataLookUp(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	ids := c.tagged("web", "db", "twin", "twin")
	p := c.protocol(t, testPlace)
	by := func(pairs ...any) map[string]any {
		filter := map[string]any{}
		for i := 0; i < len(pairs); i += 2 {
			filter[pairs[i].(string)] = pairs[i+1]
		}
		return map[string]any{"find_one_by": filter}
	}
	for name, test := range map[string]struct {
		lines map[string]any
		want  string // a name, or the error
	}{
		"by name":             {by("name", "web"), "web"},
		"by id":               {map[string]any{"group_id": ids[1]}, "db"},
		"by a tag":            {by("tag_key_value", `{"a": "db"}`), "db"},
		"by tags and keys":    {by("tag_key_value", `{"a": "web", "b": "1"}`, "tag_key", []any{"a", "b"}), "web"},
		"by name and key":     {by("name", "db", "tag_key", []any{"b"}), "db"},
		"all have to match":   {by("name", "db", "tag_key_value", `{"a": "web"}`), `(?s)find_one_by.*No security group found: No .* project 1, region 76 has the name "db" and the tag a = "web" \(exact match\).*There are:.*"db" \(` + ids[1]},
		"upper case":          {by("name", "Web"), `(?s)No security group found.*the name "Web"`},
		"none":                {by("tag_key", []any{"c"}), `(?s)No security group found.*the tag key "c"`},
		"several of a name":   {by("name", "twin"), `(?s)find_one_by.*More than one security group found: Set group_id.*2 security groups.*the name "twin".*twin.*` + ids[2]},
		"several of a tag":    {by("tag_key", []any{"b"}), `(?s)More than one security group found:.*4 security groups`},
		"no such id":          {map[string]any{"group_id": otherGroup}, `(?s)group_id.*Security group not found.*Check group_id.*` + otherGroup + ` in project 1, region 76`},
		"no id":               {map[string]any{"group_id": "web"}, `(?s)group_id.*Not the id of a security group`},
		"two ways":            {map[string]any{"group_id": ids[0], "find_one_by": map[string]any{"name": "web"}}, `group_id conflicts with find_one_by`},
		"no way":              {nil, `Missing group_id or find_one_by`},
		"no filter":           {by(), `(?s)find_one_by.*find_one_by is empty`},
		"an empty list":       {by("tag_key", []any{}), `find_one_by is empty`},
		"an empty name":       {by("name", ""), `(?s)find_one_by.*name.*Empty name`},
		"a key with a space":  {by("tag_key", []any{"a b"}), `(?s)tag_key.*Invalid tag key`},
		"a null key":          {by("tag_key", []any{nil}), `(?s)tag_key.*Missing tag key`},
		"tags of another way": {by("tag_key_value", "a=web"), `(?s)tag_key_value.*Invalid tag_key_value.*jsonencode`},
		"a tag without value": {by("tag_key_value", `{"a": null}`), `Invalid tag_key_value`},
		"no tags":             {by("tag_key_value", `{}`), `Invalid tag_key_value`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := p.data(groupData, test.lines)
			switch {
			case err == nil && got["name"] != test.want:
				t.Errorf("found %v", got["name"])
			case err != nil && !regexp.MustCompile(test.want).MatchString(err.Error()):
				t.Errorf("not %s: %v", test.want, err)
			}
		})
	}
}

// The API documents its filters as exact; the provider filters the results
// again.
func TestGroupDataOfLaxFilters(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	c.tagged("web", "WEB")
	p := c.protocol(t, testPlace)
	// Every list request returns all groups.
	var body string
	for _, g := range c.Groups(testProject, testRegion) {
		body += fmt.Sprintf(`,{"id": %q, "name": %q, "tags_v2": [{"key": "a", "value": %q, "read_only": false}], "security_group_rules": []}`, g.ID, g.Name, g.Name)
	}
	c.Fail(gcoretest.Fault{Operation: gcoretest.OperationListGroups, Effect: gcoretest.Answer{Status: 200, Body: `{"count": 2, "results": [` + body[1:] + `]}`}})
	for _, lines := range []map[string]any{{"name": "web"}, {"tag_key_value": `{"a": "web"}`}} {
		got, err := p.data(groupData, map[string]any{"find_one_by": lines})
		if err != nil || got["name"] != "web" {
			t.Errorf("%v finds %v, %v", lines, got["name"], err)
		}
		got, err = p.data(groupsData, lines)
		if err != nil || len(got["items"].([]any)) != 1 {
			t.Errorf("%v finds %v, %v", lines, got["items"], err)
		}
	}
	if _, err := p.data(groupData, map[string]any{"find_one_by": map[string]any{"name": "Web"}}); err == nil ||
		!regexp.MustCompile(`(?s)The API returned these, which do not match exactly:.*"WEB".*"web"`).MatchString(err.Error()) {
		t.Errorf("got %v", err)
	}
	if _, err := p.data(groupData, map[string]any{"find_one_by": map[string]any{"tag_key": []any{"z"}}}); err == nil {
		t.Error("a tag key that no group has finds one")
	}
}

// itemNames lists the names of a data source's items.
func itemNames(t *testing.T, data map[string]any, err error) []string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, item := range data["items"].([]any) {
		names = append(names, item.(map[string]any)["name"].(string))
	}
	return names
}

func TestGroupsDataFilters(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	c.tagged("web-2", "web-1", "db", "twin", "twin")
	c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: 8, Name: "elsewhere"})
	p := c.protocol(t, testPlace)
	for name, test := range map[string]struct {
		lines map[string]any
		want  []string
	}{
		"all, by name":       {nil, []string{"db", "twin", "twin", "web-1", "web-2"}},
		"by name":            {map[string]any{"name": "twin"}, []string{"twin", "twin"}},
		"by a pattern":       {map[string]any{"name_regex": "^web-"}, []string{"web-1", "web-2"}},
		"anywhere in it":     {map[string]any{"name_regex": "b"}, []string{"db", "web-1", "web-2"}},
		"name and pattern":   {map[string]any{"name": "db", "name_regex": "^web"}, nil},
		"by key":             {map[string]any{"tag_key": []any{"a"}, "name_regex": "1"}, []string{"web-1"}},
		"by tag":             {map[string]any{"tag_key_value": `{"a": "db"}`}, []string{"db"}},
		"none is no error":   {map[string]any{"name": "none"}, nil},
		"of another region":  {map[string]any{"region_id": 8}, []string{"elsewhere"}},
		"of another project": {map[string]any{"project_id": 2}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := p.data(groupsData, test.lines)
			if diff := cmp.Diff(test.want, itemNames(t, got, err)); diff != "" {
				t.Error(diff)
			}
		})
	}
	for name, test := range map[string]struct {
		lines map[string]any
		want  string
	}{
		"a broken pattern": {map[string]any{"name_regex": "("}, `(?s)name_regex.*Invalid regular expression.*missing closing`},
		"no items":         {map[string]any{"max_items": 0}, `(?s)max_items.*at least 1`},
		"an empty name":    {map[string]any{"name": ""}, `Empty name`},
		"region 0":         {map[string]any{"region_id": 0}, `(?s)region_id.*at least 1`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := p.data(groupsData, test.lines); err == nil || !regexp.MustCompile(test.want).MatchString(err.Error()) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// Lists are read in full pages, and no further than needed.
func TestGroupsDataPages(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	for n := range 2500 {
		c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: fmt.Sprintf("g%04d", n)})
	}
	p := c.protocol(t, testPlace)
	for _, test := range []struct{ max, want, requests int }{{0, 2500, 3}, {1, 1, 1}, {1000, 1000, 1}, {1001, 1001, 2}} {
		c.ResetRequests()
		lines := map[string]any{}
		if test.max > 0 {
			lines["max_items"] = test.max
		}
		got, err := p.data(groupsData, lines)
		names := itemNames(t, got, err)
		if len(names) != test.want || !slices.IsSorted(names) {
			t.Errorf("max_items %d gives %d names", test.max, len(names))
		}
		if n := len(c.Requests()); n != test.requests {
			t.Errorf("max_items %d takes %d requests, not %d", test.max, n, test.requests)
		}
	}
	c.ResetRequests()
	if got, err := p.data(groupData, map[string]any{"find_one_by": map[string]any{"name": "g2499"}}); err != nil || got["name"] != "g2499" || len(c.Requests()) != 1 {
		t.Errorf("the last group is found as %v, %v, with %d requests", got["name"], err, len(c.Requests()))
	}
}

// Unknown values pass validation; null values fail it.
func TestDataSourcePlaces(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	for name, test := range map[string]struct {
		block, lines map[string]any
		want         string
	}{
		"no project":       {map[string]any{"cloud_region_id": 76}, nil, `(?s)project_id.*Missing project.*GCORE_CLOUD_PROJECT_ID`},
		"project unknown":  {map[string]any{"cloud_project_id": unknown{}, "cloud_region_id": 76}, nil, `(?s)The project is not known yet`},
		"key unknown":      {map[string]any{"api_key": unknown{}}, nil, `(?s)The provider is not configured.*looked up`},
		"given, not known": {map[string]any{"cloud_project_id": unknown{}, "cloud_region_id": unknown{}}, map[string]any{"project_id": 1, "region_id": 76}, ``},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := c.protocol(t, test.block).data(groupsData, test.lines)
			if (test.want == "") != (err == nil) || err != nil && !regexp.MustCompile(test.want).MatchString(err.Error()) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// A filter whose value is known only at apply is valid.
func TestDataSourceUnknownsAreValid(t *testing.T) {
	t.Parallel()
	p := newCloud(t, gcoretest.Config{}).protocol(t, testPlace)
	for _, test := range []struct {
		name  string
		lines map[string]any
	}{
		{groupData, map[string]any{"group_id": unknown{}}},
		{groupData, map[string]any{"group_id": unknown{}, "find_one_by": map[string]any{"name": "web"}}},
		{groupData, map[string]any{"find_one_by": unknown{}}},
		{groupData, map[string]any{"find_one_by": map[string]any{"name": unknown{}}}},
		{groupData, map[string]any{"find_one_by": map[string]any{"tag_key": []any{unknown{}}}}},
		{groupData, map[string]any{"find_one_by": map[string]any{"tag_key_value": unknown{}}}},
		{groupsData, map[string]any{"name": unknown{}, "name_regex": unknown{}, "max_items": unknown{}, "tag_key": unknown{}, "tag_key_value": unknown{}}},
	} {
		if err := p.validData(test.name, test.lines); err != nil {
			t.Errorf("%v: %v", test.lines, err)
		}
	}
}
