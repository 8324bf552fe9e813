package gcoretest

import (
	"fmt"
	"net/http"
	"strings"
)

// refusal is a request that the API does not carry out. Inside a task only its message shows.
type refusal struct {
	status  int
	class   string // exception_class; "" for an answer that is not the API's own
	message string
	fields  map[string][]string // invalid_fields
	info    map[string]any
}

// errorBody is the API's error answer.
type errorBody struct {
	ExceptionClass string              `json:"exception_class,omitempty"`
	Message        string              `json:"message"`
	RequestID      string              `json:"request_id"`
	Info           map[string]any      `json:"info,omitempty"`
	InvalidFields  map[string][]string `json:"invalid_fields,omitempty"`
}

func (r *refusal) answer(requestID string) answer {
	return jsonAnswer(r.status, errorBody{r.class, r.message, requestID, r.info, r.fields})
}

func badRequest(class, message string) *refusal {
	return &refusal{status: http.StatusBadRequest, class: class, message: message}
}

func conflict(class, message string) *refusal {
	return &refusal{status: http.StatusConflict, class: class, message: message}
}

// serverError is what Neutron makes of a request that it fails over.
func serverError() *refusal {
	return &refusal{status: http.StatusInternalServerError, class: "HTTPInternalServerError",
		message: "Request Failed: internal server error while processing your request."}
}

// notFound is the vendor's documented wording: "<Kind> <id> could not be found".
func notFound(kind, id string) *refusal {
	return &refusal{status: http.StatusNotFound, class: "NotFoundError", message: kind + " " + id + " could not be found"}
}

// groupDoesNotExist is Neutron's wording, for a remote group and for a group that goes while a task waits.
func groupDoesNotExist(id string) *refusal {
	return &refusal{status: http.StatusNotFound, class: "SecurityGroupNotFound",
		message: "Security group " + id + " does not exist"}
}

// quotaExceeded refuses what would bring the usage of an attribute to a number beyond the limit.
func (s *Server) quotaExceeded(attribute string, usage, wanted, limit int) *refusal {
	quota := s.config.Quota
	if quota.Class == "QuotaLimitExceed" || quota.Class == "ValidationError" {
		return &refusal{status: quota.Status, class: quota.Class,
			message: fmt.Sprintf("Quota limit for %s exceeded by %d", attribute, wanted-limit),
			info: map[string]any{
				"attribute": attribute, "current_usage": usage, "requested_usage": wanted, "limit": limit,
			}}
	}
	resource := map[string]string{groupCount: "security_group", ruleCount: "security_group_rule"}[attribute]
	return &refusal{status: quota.Status, class: quota.Class,
		message: "Quota exceeded for resources: ['" + resource + "']."}
}

// The attributes of quotas. That of groups was seen, that of rules is made up.
const (
	groupCount = "firewall_count"
	ruleCount  = "security_group_rule_count"
)

// checkRuleCount refuses more rules than a group, and than all groups of its project and region, may hold.
func (s *Server) checkRuleCount(g Group, wanted int) *refusal {
	usage := len(g.Rules)
	if wanted <= usage {
		return nil
	}
	if limit := s.config.RuleLimit; wanted > limit {
		return s.quotaExceeded(ruleCount, usage, wanted, limit)
	}
	all := 0
	for _, other := range s.groups {
		if other.ProjectID == g.ProjectID && other.RegionID == g.RegionID {
			all += len(other.Rules)
		}
	}
	if quota := s.config.RuleQuota; quota > 0 && all+wanted-usage > quota {
		return s.quotaExceeded(ruleCount, all, all+wanted-usage, quota)
	}
	return nil
}

// validationError is the answer to a request that misses the contract.
func validationError(problems []problem) *refusal {
	fields := map[string][]string{}
	var texts []string
	for _, p := range problems {
		if p.path != "" {
			fields[p.path] = append(fields[p.path], p.message)
		}
		texts = append(texts, p.String())
	}
	// A list of 250 bad rules must not make an error text of a thousand lines.
	if len(texts) > 5 {
		texts = append(texts[:5], fmt.Sprintf("and %d more", len(texts)-5))
	}
	return &refusal{status: http.StatusBadRequest, class: "ValidationError",
		message: "Validation error: " + strings.Join(texts, "; "), fields: fields}
}
