package gcoretest

import "time"

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

func (s *Server) groupBody(g *Group) groupBody {
	body := groupBody{
		ID: g.ID, Name: g.Name, Description: &g.Description, ProjectID: g.ProjectID, RegionID: g.RegionID,
		Region: s.config.regionName(g.RegionID), CreatedAt: objectTime(g.CreatedAt), UpdatedAt: objectTime(g.UpdatedAt),
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
