package gcoretest

import (
	"net/http"
	"time"
)

// The operations that the fake serves, as Request.Operation and Fault.Operation name them.
const (
	OperationCreateGroup   = "create group"
	OperationUpdateGroup   = "update group"
	OperationCreateRule    = "create rule"
	OperationDeleteRule    = "delete rule"
	OperationListGroups    = "list groups"
	OperationReadGroup     = "read group"
	OperationDeleteGroup   = "delete group"
	OperationListInstances = "list instances"
	OperationRevertGroup   = "revert group"
	OperationPollTask      = "poll task"
	OperationListTasks     = "list tasks"
	OperationReadProject   = "read project"
	OperationReadRegion    = "read region"
	OperationListProjects  = "list projects"
	OperationListRegions   = "list regions"
)

// serve carries out a request that satisfies the contract. The caller holds the lock.
func (s *Server) serve(c *call, now time.Time) (answer, *refusal) {
	if refused := s.locked(c); refused != nil {
		return answer{}, refused
	}
	for _, place := range []struct{ kind, parameter string }{{"Project", "project_id"}, {"Region", "region_id"}} {
		if text, ok := c.path[place.parameter]; ok && c.pathNumber(place.parameter) < 1 {
			return answer{}, notFound(place.kind, text)
		}
	}
	switch c.operation.Name {
	case OperationCreateGroup:
		return s.createGroup(c)
	case OperationUpdateGroup:
		return s.updateGroup(c, now)
	case OperationCreateRule:
		return s.createRule(c)
	case OperationDeleteRule:
		return s.deleteRule(c)
	case OperationListGroups:
		return s.listGroups(c, now)
	case OperationReadGroup:
		return s.readGroup(c, now)
	case OperationDeleteGroup:
		return s.deleteGroup(c, now)
	case OperationListInstances:
		return s.listInstances(c)
	case OperationRevertGroup:
		return s.revertGroup(c, now)
	case OperationPollTask:
		return s.pollTask(c, now)
	case OperationListTasks:
		return s.listTasks(c, now)
	case OperationReadProject:
		return jsonAnswer(http.StatusOK, s.config.project(c.projectID())), nil
	case OperationReadRegion:
		return jsonAnswer(http.StatusOK, s.config.region(c.regionID())), nil
	case OperationListProjects:
		return listPlaces(c, s.config.Projects, s.config.project, "name"), nil
	case OperationListRegions:
		return listPlaces(c, s.config.Regions, s.config.region, "display_name"), nil
	}
	return answer{}, &refusal{status: 501, class: "HTTPError", message: "The fake does not serve " + c.operation.Name}
}
