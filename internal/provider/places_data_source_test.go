package provider

import (
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// placesCloud has names that are odd, alike or the same.
func placesCloud(t *testing.T) cloud {
	t.Helper()
	return newCloud(t, gcoretest.Config{
		Projects: []gcoretest.Place{{ID: 1, Name: "default"}, {ID: 7, Name: "prod"}, {ID: 5, Name: "Prod"}, {ID: 9, Name: "twice"}, {ID: 8, Name: "twice"}},
		Regions:  []gcoretest.Place{{ID: 76, Name: "Luxembourg-2"}, {ID: 3, Name: "San Jose"}, {ID: 2, Name: "Luxembourg-2", State: "DELETED"}},
	})
}

// A configuration can name project and region, and a provider block neither.
func TestNamesOfPlaces(t *testing.T) {
	t.Parallel()
	c := placesCloud(t)
	w := c.workspace(t).reattached(c)
	w.env = append(w.env, "GCORE_CLOUD_PROJECT_ID=", "GCORE_CLOUD_REGION_ID=")
	config := "data \"gcore_cloud_projects\" \"all\" {}\ndata \"gcore_cloud_regions\" \"all\" {}\n" +
		web("project_id = data.gcore_cloud_projects.all.ids[\"default\"]\nregion_id = data.gcore_cloud_regions.all.ids[\"Luxembourg-2\"]")
	w.configure(config)
	w.must(0, "apply", "-auto-approve")
	if diff := c.differs([]group{{name: "web"}}); diff != "" {
		t.Error(diff)
	}
	w.must(0, "plan", "-detailed-exitcode")
	w.configure(strings.ReplaceAll(config, `"default"`, `"twice"`))
	says(t, w.must(1, "plan", "-no-color"), "The given key does not identify an element in this collection value")
	for operation, words := range map[string]string{gcoretest.OperationListProjects: "Cannot list projects", gcoretest.OperationListRegions: "Cannot list regions"} {
		fault := c.Fail(gcoretest.Fault{Operation: operation, Effect: gcoretest.Answer{Status: 403}})
		says(t, w.must(1, "plan", "-no-color"), words, "Check the role of the key's user", capitalised(strings.TrimPrefix(words, "Cannot list "))+".")
		fault.Clear()
	}
}

func TestPlacesData(t *testing.T) {
	t.Parallel()
	p := placesCloud(t).protocol(t, nil)
	project := func(id int64, name string) map[string]any {
		return map[string]any{
			"id": id, "client_id": int64(501), "name": name, "description": "", "state": "ACTIVE", "is_default": id == 1, "created_at": "2019-12-31T23:59:59Z",
		}
	}
	region := map[string]any{
		"id": int64(76), "display_name": "Luxembourg-2", "keystone_name": "Luxembourg-2", "state": "ACTIVE", "country": "LU", "zone": "EMEA",
		"endpoint_type": "public", "access_level": "core", "created_at": "2019-12-31T23:59:59Z",
	}
	other := maps.Clone(region)
	maps.Copy(other, map[string]any{"id": int64(3), "display_name": "San Jose", "keystone_name": "San Jose"})
	deleted := maps.Clone(region)
	maps.Copy(deleted, map[string]any{"id": int64(2), "state": "DELETED"})
	object := func(items []any, ids map[string]any) map[string]any {
		return map[string]any{"items": items, "ids": ids}
	}
	for _, test := range []struct {
		source, name string // with a filter or "" for none
		want         map[string]any
	}{
		{"projects", "", object([]any{project(5, "Prod"), project(1, "default"), project(7, "prod"), project(8, "twice"), project(9, "twice")},
			map[string]any{"Prod": int64(5), "default": int64(1), "prod": int64(7)})},
		{"projects", "prod", object([]any{project(7, "prod")}, map[string]any{"prod": int64(7)})},
		{"projects", "none", object([]any{}, map[string]any{})},
		{"regions", "", object([]any{deleted, region, other}, map[string]any{"Luxembourg-2": int64(76), "San Jose": int64(3)})},
		{"regions", "san jose", object([]any{other}, map[string]any{"San Jose": int64(3)})},
		{"regions", "san", object([]any{}, map[string]any{})},
	} {
		filter := map[string]string{"projects": "name", "regions": "display_name"}[test.source]
		lines := map[string]any{}
		test.want[filter] = nil
		if test.name != "" {
			lines[filter], test.want[filter] = test.name, test.name
		}
		got, err := p.data("gcore_cloud_"+test.source, lines)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s %s: %s", test.source, test.name, diff)
		}
	}
	if _, err := p.data("gcore_cloud_projects", map[string]any{"name": ""}); err == nil || !strings.Contains(err.Error(), "string length must be at least 1") {
		t.Error(err)
	}
}
