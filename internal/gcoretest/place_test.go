package gcoretest

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
)

// Every answer is held to the contract.
func TestListPlaces(t *testing.T) {
	t.Parallel()
	s := New(t, Config{
		Projects: []Place{{ID: 1, Name: "default"}, {ID: 7, Name: "prod"}, {ID: 5, Name: "Prod"}},
		Regions:  []Place{{ID: 76, Name: "Luxembourg-2"}, {ID: 3, Name: ""}},
	})
	c := newClient(t, s)
	for query, want := range map[string][]int64{
		"projects":                               {5, 7, 1},
		"projects?order_by=created_at.asc":       {1, 7, 5},
		"projects?order_by=name.asc":             {5, 1, 7},
		"projects?order_by=name.desc":            {7, 1, 5},
		"projects?name=prod":                     {5, 7},
		"projects?name=pro":                      {},
		"projects?limit=1&offset=1":              {7},
		"projects?include_deleted=true":          {5, 7, 1},
		"regions":                                {3, 76},
		"regions?display_name=luxembourg-2":      {76},
		"regions?order_by=display_name.asc":      {76, 3},
		"regions?product=containers&limit=1":     {3},
		"regions?show_volume_types=true&limit=1": {3},
	} {
		r := c.do("GET", "/cloud/v1/"+query, "")
		var list struct {
			Count   int
			Results []struct{ ID int64 }
		}
		if err := json.Unmarshal([]byte(r.text), &list); err != nil || r.status != 200 {
			t.Fatalf("%s: %d %s", query, r.status, r.text)
		}
		got := []int64{}
		for _, place := range list.Results {
			got = append(got, place.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
	// A name is the same everywhere; a number that no list has exists too.
	id := s.AddGroup(Group{ProjectID: 1, RegionID: 76, Name: "web"})
	for path, want := range map[string]string{
		"regions/76": "Luxembourg-2", "regions/3": "Region-3", "regions/9": "Region-9", "projects/7": "prod", "projects/9": "project-9",
		"securitygroups/1/76/" + id: "Luxembourg-2",
	} {
		if r := c.do("GET", "/cloud/v1/"+path, ""); !slices.Contains([]any{r.body["display_name"], r.body["name"], r.body["region"]}, any(want)) {
			t.Errorf("%s: %s", path, fmt.Sprint(r.text))
		}
	}
}
