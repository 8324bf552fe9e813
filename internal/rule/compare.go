package rule

// GroupLimit is how many rules the API lets a group have.
const GroupLimit = 250

// Content is a rule as it is compared when rules are sent or counted: its identity and its description.
type Content struct {
	Key         Key
	Description string
}

// Content returns what a rule says, whatever its spelling.
func (r Rule) Content() Content { return Content{r.Key(), r.Description} }

// Missing lists the rules of wanted that have no counterpart of the same content in have, with repetitions counted.
func Missing(have, wanted []Rule) []Rule {
	count := make(map[Content]int, len(have))
	for _, r := range have {
		count[r.Content()]++
	}
	var missing []Rule
	for _, r := range wanted {
		content := r.Content()
		if count[content] == 0 {
			missing = append(missing, r)
			continue
		}
		count[content]--
	}
	return missing
}

// Same reports whether both lists have the same contents, in any order.
func Same(a, b []Rule) bool { return len(a) == len(b) && len(Missing(a, b)) == 0 }

// Unplanned lists the rules of have that are none of planned. Another description does not make a rule another one.
func Unplanned(have, planned []Rule) []Rule {
	keys := Keys(planned)
	var unplanned []Rule
	for _, r := range have {
		if !keys[r.Key()] {
			unplanned = append(unplanned, r)
		}
	}
	return unplanned
}

// Keys returns the identities of rules.
func Keys(rules []Rule) map[Key]bool {
	keys := make(map[Key]bool, len(rules))
	for _, r := range rules {
		keys[r.Key()] = true
	}
	return keys
}

// smtp is the port that mail servers talk to each other on, which Gcore may close for egress.
const smtp = 25

// AllowsMail reports whether a rule lets TCP or UDP out to port 25.
func (r Rule) AllowsMail() bool {
	c := r.Canonical()
	if c.Direction != Egress || c.Protocol != "" && c.Protocol != "tcp" && c.Protocol != "udp" {
		return false
	}
	return c.PortRangeMin == nil || c.PortRangeMax == nil || *c.PortRangeMin <= smtp && smtp <= *c.PortRangeMax
}
