package provider

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

// subject is the object that an operation is about, as a message names it.
type subject struct {
	kind     string // "security group", "security group rule"
	name     string // what the user calls it; may be empty
	id       string // may be empty while it is not known
	location client.Location
}

// String names the object: `security group "web" (0d1e...) in project 1, region 76`. Projects and regions are in none.
func (s subject) String() string {
	return s.beside(nil)
}

// beside is String, without the id if one of the requests already shows it.
func (s subject) beside(requests []string) string {
	words := s.title()
	if s.id != "" && !slices.ContainsFunc(requests, func(request string) bool { return strings.Contains(request, s.id) }) {
		words += " (" + s.id + ")"
	}
	if s.location == (client.Location{}) {
		return words
	}
	return fmt.Sprintf("%s in project %d, region %d", words, s.location.ProjectID, s.location.RegionID)
}

func (s subject) title() string {
	if s.name == "" {
		return s.kind
	}
	return fmt.Sprintf("%s %q", s.kind, s.name)
}

// The actions whose errors say what the state has.
const (
	actionCreate = "create"
	actionUpdate = "update"
	actionDelete = "delete"
)

// titleCannot is the title of every error of the API: the action, the object.
const titleCannot = "Cannot %s %s"

// failed turns an error into the one form that all messages have: what to do, the object, the words of the API, the requests.
func (s subject) failed(action string, err error) diag.Diagnostic {
	e := explain(err)
	return diag.NewErrorDiagnostic(fmt.Sprintf(titleCannot, action, s.title()),
		fmt.Sprintf("%s\n\n%s.\n\n%s", nextStep(action, err), capitalised(s.beside(e.requests)), e))
}

// failed is subject.failed, except that an error with a cause that many resources share is explained in full only once.
func (d *providerData) failed(of subject, action string, err error) diag.Diagnostic {
	full := of.failed(action, err)
	if !isShared(err) {
		return full
	}
	words := explain(err).words
	if first, known := d.told.LoadOrStore(told{of.location, nextStep(action, err) + words}, of.String()); known {
		return diag.NewErrorDiagnostic(full.Summary(), fmt.Sprintf("The same error as for %s: %s", first, words))
	}
	return full
}

// told is what was explained in full: an error's place, advice and words, or a warning.
type told struct {
	location client.Location
	text     string
}

// isShared reports whether the cause is the key, the address, the place or a quota, which many resources share.
func isShared(err error) bool {
	return slices.ContainsFunc([]error{
		client.ErrUnauthorized, client.ErrForbidden, client.ErrUnreachable, client.ErrWebPage, client.ErrUnknownPath,
		client.ErrUnknownReference, client.ErrQuota,
	}, func(cause error) bool { return errors.Is(err, cause) })
}

// explanation is an error in words, and the requests and tasks that it is about.
type explanation struct {
	words    string
	requests []string
}

func explain(err error) explanation {
	e := explanation{words: err.Error()}
	for _, request := range requestsOf(err) {
		e.words = strings.ReplaceAll(e.words, " ("+request+")", "")
		// A failed poll already names its task.
		id, isTask := strings.CutPrefix(request, "task ")
		id, _, _ = strings.Cut(id, ":")
		repeated := slices.Contains(e.requests, capitalised(request)) ||
			isTask && slices.ContainsFunc(e.requests, func(other string) bool { return strings.Contains(other, id) })
		if !repeated {
			e.requests = append(e.requests, capitalised(request))
		}
	}
	if limit, ok := errors.AsType[timeLimit](err); ok {
		e.words = strings.ReplaceAll(e.words, limit.Error(), "timed out") // the advice has the setting
	}
	e.words = sentence(e.words)
	return e
}

// String has each request on a line that begins with spaces, since Terraform does not break such a line.
func (e explanation) String() string {
	return strings.Join(append([]string{e.words}, e.requests...), "\n  ")
}

// requestsOf are the requests, and the tasks, that an error is about.
func requestsOf(err error) []string {
	if about, ok := err.(interface{ Request() string }); ok {
		inner := errors.Unwrap(err)
		return append(requestsOf(inner), about.Request())
	}
	switch wrapped := err.(type) { //nolint:errorlint // it walks the tree itself, since each request counts
	case interface{ Unwrap() error }:
		return requestsOf(wrapped.Unwrap())
	case interface{ Unwrap() []error }:
		var all []string
		for _, one := range wrapped.Unwrap() {
			all = append(all, requestsOf(one)...)
		}
		return all
	}
	return nil
}

func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// sentence makes a Go error's text the sentence that a message wants.
func sentence(words string) string {
	words = strings.TrimSpace(words)
	if first, _, _ := strings.Cut(words, " "); !strings.Contains(first, "_") { // the name of an attribute
		words = capitalised(words)
	}
	if words == "" || strings.ContainsAny(words[len(words)-1:], ".!?") {
		return words
	}
	return words + "."
}

func capitalised(words string) string {
	first, size := utf8.DecodeRuneInString(words)
	if size == 0 {
		return words
	}
	return string(unicode.ToUpper(first)) + words[size:]
}

const (
	groupType   = "gcore_cloud_security_group"
	ruleType    = "gcore_cloud_security_group_rule"
	ruleSetType = "gcore_cloud_security_group_rule_set"
)

// importBlock imports an object into a resource of that type.
func importBlock(resourceType, id string) string {
	return fmt.Sprintf("import {\n  to = %s.<name>\n  id = %q\n}", resourceType, id)
}

// removedBlock removes a resource from the state; its object stays in the cloud.
func removedBlock(resourceType string) string {
	return fmt.Sprintf("removed {\n  from = %s.<name>\n  lifecycle {\n    destroy = false\n  }\n}", resourceType)
}

func groupImportID(group secgroup.Ref) string {
	return fmt.Sprintf("%d/%d/%s", group.Location.ProjectID, group.Location.RegionID, group.ID)
}
