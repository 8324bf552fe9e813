package main

import (
	"fmt"
	"slices"
	"strings"
)

// object is the body of a request, or a rule in one.
type object map[string]any

// ingress is an ingress rule with more fields.
func ingress(fields object) object {
	rule := object{"direction": "ingress"}
	for name, value := range fields {
		rule[name] = value
	}
	return rule
}

// tcp is an ingress rule for one port.
func tcp(port int) object {
	return ingress(object{"protocol": "tcp", "port_range_min": port, "port_range_max": port})
}

// The answers, as far as the probe reads them.
type (
	group struct {
		ID             string  `json:"id"`
		Name           string  `json:"name"`
		Description    *string `json:"description"`
		CreatedAt      string  `json:"created_at"`
		UpdatedAt      string  `json:"updated_at"`
		RevisionNumber int64   `json:"revision_number"`
		Tags           []tag   `json:"tags_v2"`
		Rules          []rule  `json:"security_group_rules"`
	}
	tag struct {
		Key   string `json:"key"`
		Value string `json:"value"`
	}
	rule struct {
		ID             string  `json:"id"`
		Direction      string  `json:"direction"`
		Ethertype      *string `json:"ethertype"`
		Protocol       *string `json:"protocol"`
		PortRangeMin   *int    `json:"port_range_min"`
		PortRangeMax   *int    `json:"port_range_max"`
		RemoteIPPrefix *string `json:"remote_ip_prefix"`
		RemoteGroupID  *string `json:"remote_group_id"`
		Description    *string `json:"description"`
		CreatedAt      string  `json:"created_at"`
		UpdatedAt      string  `json:"updated_at"`
	}
	task struct {
		ID             string            `json:"id"`
		State          string            `json:"state"`
		Error          *string           `json:"error"`
		CreatedOn      *string           `json:"created_on"`
		FinishedOn     *string           `json:"finished_on"`
		AcknowledgedAt *string           `json:"acknowledged_at"`
		RequestID      *string           `json:"request_id"`
		Created        *createdResources `json:"created_resources"`
		Data           map[string]any    `json:"data"`
	}
	createdResources struct {
		Groups *[]string `json:"security_groups"`
		Rules  *[]string `json:"security_group_rules"`
	}
	accepted struct {
		Tasks *[]string `json:"tasks"`
	}
	// listed is an entry of a list of groups, some of which are not the probe's: it reads no more of them.
	listed struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
	page[T any] struct {
		Count   int `json:"count"`
		Results []T `json:"results"`
	}
)

// text is what a nullable text says.
func text(value *string) string {
	if value == nil {
		return "null"
	}
	return *value
}

// String is a rule without its description, with what is null left out: `ingress IPv4 tcp 443-443 from 10.0.0.0/8`.
func (r rule) String() string {
	words := []string{r.Direction}
	for _, word := range []*string{r.Ethertype, r.Protocol} {
		if word != nil {
			words = append(words, *word)
		}
	}
	if r.PortRangeMin != nil || r.PortRangeMax != nil {
		words = append(words, number(r.PortRangeMin)+"-"+number(r.PortRangeMax))
	}
	if r.RemoteIPPrefix != nil {
		words = append(words, "from "+*r.RemoteIPPrefix)
	}
	if r.RemoteGroupID != nil {
		words = append(words, "from group "+*r.RemoteGroupID)
	}
	return strings.Join(words, " ")
}

func number(n *int) string {
	if n == nil {
		return ""
	}
	return fmt.Sprint(*n)
}

// lines are the rules of a group as text, sorted.
func (g group) lines() []string {
	lines := []string{}
	for _, r := range g.Rules {
		lines = append(lines, r.String())
	}
	slices.Sort(lines)
	return lines
}

// rule finds a rule by its id, nil if there is none.
func (g group) rule(id string) *rule {
	for i := range g.Rules {
		if g.Rules[i].ID == id {
			return &g.Rules[i]
		}
	}
	return nil
}

func (g group) tag(key string) (value string, ok bool) {
	for _, t := range g.Tags {
		if t.Key == key {
			return t.Value, true
		}
	}
	return "", false
}

// compareLines tells which lines are missing and which are too many, "" if none.
func compareLines(want, got []string) string {
	got = slices.Clone(got)
	var missing []string
	for _, line := range want {
		if at := slices.Index(got, line); at >= 0 {
			got = slices.Delete(got, at, at+1)
		} else {
			missing = append(missing, line)
		}
	}
	var parts []string
	if len(missing) > 0 {
		parts = append(parts, "missing: "+strings.Join(missing, ", "))
	}
	if len(got) > 0 {
		parts = append(parts, "unexpected: "+strings.Join(got, ", "))
	}
	return strings.Join(parts, "; ")
}

// request is a stored rule as a request can name it: what is null is left out, and so is the description.
func (r rule) request() object {
	named := object{"direction": r.Direction}
	for name, value := range map[string]*string{
		"ethertype": r.Ethertype, "protocol": r.Protocol, "remote_ip_prefix": r.RemoteIPPrefix, "remote_group_id": r.RemoteGroupID,
	} {
		if value != nil {
			named[name] = *value
		}
	}
	for name, value := range map[string]*int{"port_range_min": r.PortRangeMin, "port_range_max": r.PortRangeMax} {
		if value != nil {
			named[name] = *value
		}
	}
	return named
}
