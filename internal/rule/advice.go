package rule

import (
	"maps"
	"slices"
	"strings"
)

// FieldAdvice is AttributeAdvice for a rule.
func FieldAdvice(given string) string {
	names := make([]string, len(fields))
	for i, field := range fields {
		names[i] = string(field)
	}
	return AttributeAdvice(given, "A rule", names, fieldWords)
}

// fieldWords are what users write for the attributes of a rule.
var fieldWords = map[string]string{
	"port": "port_range_min and port_range_max", "cidr": "remote_ip_prefix", "prefix": "remote_ip_prefix", "source": "remote_ip_prefix",
	"remote_ip": "remote_ip_prefix", "group": "remote_group_id", "proto": "protocol", "ip_version": "ethertype", "desc": "description",
}

// AttributeAdvice says what to write in place of an attribute that an object does not have: the one whose name is so near
// that the given one is a slip of the pen, else what a word in the given name stands for, else all that there are. owner is
// the object in a sentence, such as "A rule". names are its attributes, words those that users write for them.
func AttributeAdvice(given, owner string, names []string, words map[string]string) string {
	if name := nearest(given, names); name != "" {
		return "Write " + name + "."
	}
	// The longest word says most.
	longestFirst := func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	}
	for _, word := range slices.SortedFunc(maps.Keys(words), longestFirst) {
		if strings.Contains(strings.ToLower(given), word) {
			return "Write " + words[word] + "."
		}
	}
	return owner + " takes " + enumeration(names) + "."
}

// nearest is the name that differs in at most a third of the given letters, empty if none does or several are as near.
func nearest(given string, names []string) string {
	if len(given) > 100 { // no slip of the pen
		return ""
	}
	found, least := "", len(given)/3+1
	for _, name := range names {
		switch edits := edits(strings.ToLower(given), name); {
		case edits < least:
			found, least = name, edits
		case edits == least:
			found = ""
		}
	}
	return found
}

// edits counts the letters to insert, remove, replace or swap with their neighbour that make one word of another.
func edits(from, to string) int {
	// The counts for the beginnings of from, each row for one letter more of it, each column for one letter more of to.
	rows := make([][]int, len(from)+1)
	for i := range rows {
		rows[i] = make([]int, len(to)+1)
		rows[i][0] = i
	}
	for j := range to {
		rows[0][j+1] = j + 1
	}
	for i := range len(from) {
		for j := range len(to) {
			replaced := rows[i][j]
			if from[i] != to[j] {
				replaced++
			}
			least := min(replaced, rows[i][j+1]+1, rows[i+1][j]+1)
			if i > 0 && j > 0 && from[i] == to[j-1] && from[i-1] == to[j] {
				least = min(least, rows[i-1][j-1]+1)
			}
			rows[i+1][j+1] = least
		}
	}
	return rows[len(from)][len(to)]
}

// enumeration joins words as a sentence does: a, b and c.
func enumeration(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}
