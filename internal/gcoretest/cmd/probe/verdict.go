package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// assumption is one line of the table: what is checked, and how or why not.
type assumption struct {
	// name is the one in gcoretest's package comment, or a name of this table's own for what is published.
	name      string
	published bool
	// check returns nil if the assumption holds, an error of differs or notChecked, or what went wrong.
	check func(ctx context.Context, p *probe) error
	// why says why there is no check.
	why string
}

// verdict is what a check came to.
type verdict struct {
	kind kind
	text string
}

type kind int

const (
	hold kind = iota
	differ
	unchecked
	failure // unchecked too, since something went wrong
)

func (v verdict) String() string {
	switch v.kind {
	case hold:
		return "holds"
	case differ:
		return "differs: " + v.text
	default:
		return "not checked: " + v.text
	}
}

// verdict carries the check out. A request that the API refuses and a task that fails where the fake's would not are
// differences. What may be the fault of the account, the network or the moment (401, 403, 408, 429, 5xx) is none.
func (a assumption) verdict(ctx context.Context, p *probe) verdict {
	if a.check == nil {
		return verdict{unchecked, a.why}
	}
	err := context.Cause(ctx)
	if err == nil {
		err = a.check(ctx, p)
	}
	if err == nil {
		return verdict{kind: hold}
	}
	if _, ok := errors.AsType[inconclusive](err); ok {
		return verdict{unchecked, err.Error()}
	}
	if seen(err) {
		return verdict{differ, err.Error()}
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx) // in place of the words of a request that it cut off
	}
	return verdict{failure, err.Error()}
}

// seen tells whether an error is what the API does, and no accident.
func seen(err error) bool {
	if _, ok := errors.AsType[difference](err); ok {
		return true
	}
	if _, ok := errors.AsType[*taskFailed](err); ok {
		return true
	}
	refused, ok := errors.AsType[*refusal](err)
	return ok && refused.aboutTheRequest()
}

func (r *refusal) aboutTheRequest() bool {
	switch r.status {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusConflict, http.StatusUnprocessableEntity:
		return true
	}
	return false
}

type difference string

func (d difference) Error() string { return string(d) }

// differs says what was seen in place of what is assumed.
func differs(format string, arguments ...any) error {
	return difference(fmt.Sprintf(format, arguments...))
}

type inconclusive string

func (i inconclusive) Error() string { return string(i) }

// notChecked says why a check, this time, came to nothing.
func notChecked(format string, arguments ...any) error {
	return inconclusive(fmt.Sprintf(format, arguments...))
}

// preparing marks an error as that of a check's preparations, which says nothing about the assumption.
func preparing(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("preparing the check: %v", err) //nolint:errorlint // its kind must not show, or it would count as a difference
}

// wantRefusal judges the outcome of a request that must be refused at once with a status and, unless it is "", a class.
func wantRefusal(what string, outcome error, status int, class string) error {
	_, err := refusalOf(what, outcome, status, class)
	return err
}

// refusalOf is wantRefusal for who wants to read on in the refusal.
func refusalOf(what string, outcome error, status int, class string) (*refusal, error) {
	if outcome == nil {
		return nil, differs("%s is accepted", what)
	}
	refused, ok := errors.AsType[*refusal](outcome)
	switch {
	case !ok || !refused.aboutTheRequest() && refused.status != status:
		return nil, fmt.Errorf("%s: %w", what, outcome)
	case refused.status != status || class != "" && refused.class != class:
		return nil, differs("%s gets %s", what, refused.words())
	}
	return refused, nil
}
