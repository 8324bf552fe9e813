package gcoretest

import (
	"fmt"
	"net/http"
	"time"
)

// groupBody is the API's SecurityGroup. `tags` and `metadata` are not in the vendor's document, but the API sends them.
type groupBody struct {
	ID             string     `json:"id"`
	Name           string     `json:"name"`
	Description    *string    `json:"description"`
	ProjectID      int64      `json:"project_id"`
	RegionID       int64      `json:"region_id"`
	Region         string     `json:"region"`
	CreatedAt      string     `json:"created_at"`
	UpdatedAt      string     `json:"updated_at"`
	RevisionNumber int64      `json:"revision_number"`
	Tags           []string   `json:"tags"`
	Metadata       []tagBody  `json:"metadata"`
	TagsV2         []tagBody  `json:"tags_v2"`
	Rules          []ruleBody `json:"security_group_rules"`
}

type tagBody struct {
	Key      string `json:"key"`
	Value    string `json:"value"`
	ReadOnly bool   `json:"read_only"`
}

type ruleBody struct {
	ID              string  `json:"id"`
	SecurityGroupID string  `json:"security_group_id"`
	Direction       string  `json:"direction"`
	Ethertype       *string `json:"ethertype"`
	Protocol        *string `json:"protocol"`
	PortRangeMin    *int    `json:"port_range_min"`
	PortRangeMax    *int    `json:"port_range_max"`
	RemoteIPPrefix  *string `json:"remote_ip_prefix"`
	RemoteGroupID   *string `json:"remote_group_id"`
	Description     *string `json:"description"`
	RevisionNumber  int64   `json:"revision_number"`
	CreatedAt       string  `json:"created_at"`
	UpdatedAt       string  `json:"updated_at"`
}

type instanceBody struct {
	ID             string     `json:"id"`
	Name           string     `json:"name"`
	Status         string     `json:"status"`
	ProjectID      int64      `json:"project_id"`
	RegionID       int64      `json:"region_id"`
	Region         string     `json:"region"`
	SecurityGroups []nameBody `json:"security_groups"`
}

type nameBody struct {
	Name string `json:"name"`
}

// pageBody is the answer of every list: count is the total over all pages.
type pageBody[T any] struct {
	Count   int `json:"count"`
	Results []T `json:"results"`
}

// objectTime is the form of a group's and a rule's dates: whole seconds, and a zone without a colon.
func objectTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05-0700") }

func (g *Group) body() groupBody {
	body := groupBody{
		ID: g.ID, Name: g.Name, Description: &g.Description, ProjectID: g.ProjectID, RegionID: g.RegionID,
		Region: regionName(g.RegionID), CreatedAt: objectTime(g.CreatedAt), UpdatedAt: objectTime(g.UpdatedAt),
		RevisionNumber: g.RevisionNumber, Tags: []string{}, TagsV2: []tagBody{}, Rules: []ruleBody{},
	}
	if g.NullDescription {
		body.Description = nil
	}
	for _, tag := range g.Tags {
		body.Tags = append(body.Tags, tag.Key+"="+tag.Value)
		body.TagsV2 = append(body.TagsV2, tagBody(tag))
	}
	body.Metadata = body.TagsV2
	for _, rule := range g.Rules {
		body.Rules = append(body.Rules, rule.body())
	}
	return body
}

func (r Rule) body() ruleBody {
	return ruleBody{
		ID: r.ID, SecurityGroupID: r.GroupID, Direction: r.Direction, Ethertype: r.Ethertype, Protocol: r.Protocol,
		PortRangeMin: r.PortRangeMin, PortRangeMax: r.PortRangeMax, RemoteIPPrefix: r.RemoteIPPrefix,
		RemoteGroupID: r.RemoteGroupID, Description: r.Description, RevisionNumber: r.RevisionNumber,
		CreatedAt: objectTime(r.CreatedAt), UpdatedAt: objectTime(r.UpdatedAt),
	}
}

// regionName is a display name; real ones look like "Luxembourg-2".
func regionName(id int64) string { return fmt.Sprintf("Region-%d", id) }

// readProject and readRegion answer for every number: the fake knows no list of them.
func readProject(c *call) answer {
	return jsonAnswer(http.StatusOK, map[string]any{
		"id": c.projectID(), "client_id": clientID, "name": fmt.Sprintf("project-%d", c.projectID()),
		"description": "", "state": "ACTIVE", "is_default": c.projectID() == 1, "task_id": nil,
		"created_at": "2019-12-31T23:59:59", "deleted_at": nil,
	})
}

func readRegion(c *call) answer {
	name := regionName(c.regionID())
	return jsonAnswer(http.StatusOK, map[string]any{
		"id": c.regionID(), "display_name": name, "keystone_name": name, "slug": fmt.Sprintf("region-%d", c.regionID()),
		"state": "ACTIVE", "country": "LU", "zone": "EMEA", "endpoint_type": "public", "access_level": "core",
		"created_at": "2019-12-31T23:59:59", "created_on": "2019-12-31T23:59:59", "task_id": nil,
		"available_volume_types": nil, "coordinates": nil, "file_share_types": nil, "external_network_id": nil,
		"metrics_database_id": nil, "ddos_endpoint_id": nil,
	})
}
