package gcoretest

import "net/http"

// locked refuses a write on a group while a task of the group runs, in the words of the live API.
func (s *Server) locked(c *call) *refusal {
	id := c.pathID("group_id")
	if s.config.NoLock || c.operation.Method == http.MethodGet || s.busy[id] == 0 {
		return nil
	}
	// A group of another project is not there at all.
	if _, refused := s.find(c); refused != nil {
		return refused
	}
	return conflict("ConflictError", "Resource `"+id+"` is already locked by another task. Please try again later.")
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
