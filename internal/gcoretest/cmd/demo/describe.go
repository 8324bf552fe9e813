package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// summary counts requests by what they do, in the order in which each kind came first.
func summary(requests []gcoretest.Request) string {
	var kinds []string
	counts := map[string]int{}
	for _, request := range requests {
		kind := request.Method + " " + request.Operation
		if counts[kind] == 0 {
			kinds = append(kinds, kind)
		}
		counts[kind]++
	}
	if len(kinds) == 0 {
		return "none"
	}
	for i, kind := range kinds {
		kinds[i] = fmt.Sprintf("%d x %s", counts[kind], kind)
	}
	return strings.Join(kinds, ", ")
}

// describe writes groups with their tags and rules as a table, the same for the same content: ids and times are left
// out, and a remote group goes by its name.
func describe(groups []gcoretest.Group) string {
	names := map[string]string{}
	for _, group := range groups {
		names[group.ID] = group.Name
	}
	var rows [][]string
	for _, group := range groups {
		title := group.Name
		for _, tag := range group.Tags {
			title += "  " + tag.Key + "=" + tag.Value
		}
		rows = append(rows, []string{title})
		rules := make([][]string, len(group.Rules))
		for i, rule := range group.Rules {
			rules[i] = cells(rule, names)
		}
		slices.SortFunc(rules, slices.Compare[[]string])
		rows = append(rows, rules...)
	}
	return align(rows)
}

// cells are a rule's columns: direction, family, protocol, ports, other side, description.
func cells(rule gcoretest.Rule, groupNames map[string]string) []string {
	side := "from "
	if rule.Direction == "egress" {
		side = "to "
	}
	prefix := text(rule.RemoteIPPrefix)
	switch {
	case rule.RemoteGroupID != nil:
		side += "group " + cmp.Or(groupNames[*rule.RemoteGroupID], *rule.RemoteGroupID)
	case prefix == "", strings.HasSuffix(prefix, "/0"):
		side += "anywhere"
	default:
		side += prefix
	}
	return []string{
		rule.Direction, cmp.Or(text(rule.Ethertype), "any"), cmp.Or(text(rule.Protocol), "all"), ports(rule), side, text(rule.Description),
	}
}

func text(value *string) string {
	if value == nil {
		return ""
	}
	return *value
}

func ports(rule gcoretest.Rule) string {
	first, last := rule.PortRangeMin, rule.PortRangeMax
	switch {
	case first == nil && last == nil:
		return "-"
	case first == nil || last == nil:
		return strconv.Itoa(*cmp.Or(first, last))
	case *first == *last:
		return strconv.Itoa(*first)
	}
	return strconv.Itoa(*first) + "-" + strconv.Itoa(*last)
}

// align writes rows as lines. Rows of one cell are titles; the cells of the others stand below each other.
func align(rows [][]string) string {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			if len(row) > 1 {
				widths[i] = max(widths[i], len(cell))
			}
		}
	}
	lines := make([]string, len(rows))
	for i, row := range rows {
		if len(row) == 1 {
			lines[i] = row[0]
			continue
		}
		var line strings.Builder
		for j, cell := range row {
			fmt.Fprintf(&line, "  %-*s", widths[j], cell)
		}
		lines[i] = strings.TrimRight(line.String(), " ")
	}
	return strings.Join(lines, "\n")
}
