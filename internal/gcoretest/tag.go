package gcoretest

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// mergeTags applies a JSON merge patch to tags: a text sets, null removes. Read-only tags cannot be touched; a patch
// that names one with the value it has changes nothing and passes. Keys that differ only in case are refused:
// Neutron on MariaDB compares tags without case and ends in a conflict after minutes of retries.
func mergeTags(tags []Tag, patch map[string]any) ([]Tag, *refusal) {
	merged := map[string]Tag{}
	for _, tag := range tags {
		merged[tag.Key] = tag
	}
	for _, key := range slices.Sorted(maps.Keys(patch)) {
		value, set := patch[key].(string)
		old, exists := merged[key]
		switch {
		case old.ReadOnly && set && value == old.Value:
		case old.ReadOnly:
			return nil, &refusal{status: http.StatusBadRequest, class: "ValidationError",
				message: "Tag " + key + " is read-only",
				fields:  map[string][]string{"tags." + key: {"Read-only tags cannot be modified"}}}
		case set:
			merged[key] = Tag{Key: key, Value: value}
		case exists:
			delete(merged, key)
		}
	}
	folded := map[string]string{}
	result := []Tag{}
	for _, key := range slices.Sorted(maps.Keys(merged)) {
		if other, ok := folded[strings.ToLower(key)]; ok {
			return nil, conflict("ConflictError", "Tags "+other+" and "+key+" differ only in case")
		}
		folded[strings.ToLower(key)] = key
		result = append(result, merged[key])
	}
	return result, nil
}

func readOnlyTags(tags []Tag) []Tag {
	return slices.DeleteFunc(slices.Clone(tags), func(tag Tag) bool { return !tag.ReadOnly })
}

// setTags replaces the tags: one revision if the set changes, none otherwise.
func (s *Server) setTags(g *Group, tags []Tag, now time.Time) {
	if !slices.Equal(g.Tags, tags) {
		g.Tags = slices.Clone(tags)
		s.touch(g, now)
	}
}
