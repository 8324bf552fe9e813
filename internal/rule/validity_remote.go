package rule

import "strings"

// groupProblems are those of a group's id. The API wants a UUID of version 4,
// which is what OpenStack gives to each group.
func (g Given) groupProblems() []Problem {
	choice := `Write the id of a security group, such as "0b0e6ba5-5fa5-4a94-9d4c-3a9ad7d8b5a1".`
	if !g.Standalone {
		choice += " For the group that holds the rule write self = true instead."
	}
	switch id := value(g.RemoteGroupID); {
	case g.RemoteGroupID == nil, IsUUID(id) && id[14] == '4' && strings.ContainsAny(id[19:20], "89abAB"):
		return nil
	case id == "":
		return refuse(FieldRemoteGroupID, "Empty remote_group_id", `remote_group_id is "". %s`, g.remoteChoice())
	case IsUUID(id):
		return refuse(FieldRemoteGroupID, "Not the id of a security group",
			"remote_group_id is %s, a UUID of another kind than security groups have (version 4). Check where it comes from. %s",
			Quote(id), choice)
	default:
		return refuse(FieldRemoteGroupID, "Not the id of a security group", "remote_group_id is %s. %s", Quote(id), choice)
	}
}

// IsUUID reports whether a text is a UUID of any version as RFC 9562 prints it, in either case.
func IsUUID(text string) bool {
	if len(text) != 36 {
		return false
	}
	for i, c := range []byte(text) {
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if !strings.ContainsRune("0123456789abcdefABCDEF", rune(c)) {
				return false
			}
		}
	}
	return true
}

// remoteProblems say which remotes there are if there is more than one.
func (g Given) remoteProblems() []Problem {
	prefix, group, self := value(g.RemoteIPPrefix), value(g.RemoteGroupID), value(g.Self)
	if prefix == "" && group == "" || prefix == "" && !self || group == "" && !self {
		return nil // one at most, as in nearly every rule
	}
	first := FieldRemoteIPPrefix
	var remotes []string
	if prefix != "" {
		remotes = append(remotes, "remote_ip_prefix "+Quote(prefix))
	} else {
		first = FieldRemoteGroupID
	}
	if group != "" {
		remotes = append(remotes, "remote_group_id "+Quote(group))
	}
	if self {
		remotes = append(remotes, "self = true")
	}
	return refuse(first, "More than one remote", "The rule has %s. A rule has one remote: keep one of them, "+
		"or write a rule for each.", strings.Join(remotes, " and "))
}
