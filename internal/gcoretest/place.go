package gcoretest

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Place is a project or a region.
type Place struct {
	ID   int64
	Name string // "": one that is made from the id
	// State is that of a region; "": ACTIVE.
	State string
}

// placeBody is the API's Project or Region.
type placeBody map[string]any

// project and region answer for every number, whether the lists have it or not.
func (c Config) project(id int64) placeBody {
	return placeBody{
		"id": id, "client_id": clientID, "name": nameOfPlace(c.Projects, id, "project"),
		"description": "", "state": "ACTIVE", "is_default": id == 1, "task_id": nil,
		"created_at": "2019-12-31T23:59:59", "deleted_at": nil,
	}
}

func (c Config) region(id int64) placeBody {
	name, state := c.regionName(id), "ACTIVE"
	if at := slices.IndexFunc(c.Regions, func(p Place) bool { return p.ID == id }); at >= 0 {
		state = cmp.Or(c.Regions[at].State, state)
	}
	return placeBody{
		"id": id, "display_name": name, "keystone_name": name, "slug": fmt.Sprintf("region-%d", id),
		"state": state, "country": "LU", "zone": "EMEA", "endpoint_type": "public", "access_level": "core",
		"created_at": "2019-12-31T23:59:59", "created_on": "2019-12-31T23:59:59", "task_id": nil,
		"available_volume_types": nil, "coordinates": nil, "file_share_types": nil, "external_network_id": nil,
		"metrics_database_id": nil, "ddos_endpoint_id": nil,
	}
}

// regionName is a display name.
func (c Config) regionName(id int64) string { return nameOfPlace(c.Regions, id, "Region") }

func nameOfPlace(places []Place, id int64, kind string) string {
	for _, place := range places {
		if place.ID == id && place.Name != "" {
			return place.Name
		}
	}
	return fmt.Sprintf("%s-%d", kind, id)
}

// listPlaces lists projects or regions, the newest first unless order_by says otherwise. The filter for the name has the
// name's own field. No project is deleted, and every region supports every product.
func listPlaces(c *call, places []Place, body func(int64) placeBody, nameField string) answer {
	name := func(place placeBody) string { text, _ := place[nameField].(string); return text }
	found := []placeBody{}
	for _, place := range places {
		listed := body(place.ID)
		if wanted := textField(c.query, nameField); wanted == nil || strings.EqualFold(*wanted, name(listed)) {
			found = append(found, listed)
		}
	}
	field, direction := "created_at", "desc"
	if order := textField(c.query, "order_by"); order != nil {
		field, direction, _ = strings.Cut(*order, ".")
	}
	if field == nameField {
		slices.SortStableFunc(found, func(a, b placeBody) int { return cmp.Compare(name(a), name(b)) })
	}
	if direction == "desc" {
		slices.Reverse(found)
	}
	const limit = 100
	return jsonAnswer(http.StatusOK, pageBody[placeBody]{len(found), page(c, found, limit)})
}
