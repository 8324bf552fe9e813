package gcoretest

import "net/http"

// locked refuses a write on a group that has an unfinished task, if groups are locked. The words are those that the
// vendor's API was seen to use for a load balancer's pool whose member was being deleted.
func (s *Server) locked(c *call) *refusal {
	if !s.config.LockGroups || c.operation.Method == http.MethodGet {
		return nil
	}
	if s.busy[c.pathID("group_id")] == 0 {
		return nil
	}
	// A group of another project is not there at all.
	if _, refused := s.find(c); refused != nil {
		return refused
	}
	return conflict("ConflictError", "Operation on resource currently locked by running task to prevent concurrent "+
		"operations. Repeat request a little later.")
}

// checkName refuses a name that another group of the same project and region has, if names are unique. Case counts.
func (s *Server) checkName(own Group, name string) *refusal {
	if !s.config.UniqueNames {
		return nil
	}
	for id, g := range s.groups {
		if id != own.ID && g.ProjectID == own.ProjectID && g.RegionID == own.RegionID && g.Name == name {
			return conflict("ConflictError", "SecurityGroup with name "+name+" already exists")
		}
	}
	return nil
}
