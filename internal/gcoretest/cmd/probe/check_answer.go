package main

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
)

// unknownID is a well-formed id, a uuid of version 4, of nothing.
const unknownID = "7c2f1f0a-5f0e-4d9b-9a53-0d8d3f1c6b2e"

// upper is an id in the other spelling.
func upper(id string) string { return strings.ToUpper(id) }

func checkUnknownNames(ctx context.Context, p *probe) error {
	tasks, err := p.patch(ctx, p.bench.ID, object{"tf_acc_probe": 1})
	if err != nil {
		return err
	}
	if tasks > 0 {
		return differs("a PATCH of an unknown field makes a task")
	}
	_, err = call[page[listed]](ctx, p.api, http.MethodGet, p.readPath()+"?limit=1&tf_acc_probe=1", nil)
	return err
}

func checkIDs(ctx context.Context, p *probe) error {
	for _, malformed := range []string{"tf-acc-probe", "3b241101-e2bb-1255-8caf-4136c566a962"} {
		_, err := p.read(ctx, malformed)
		if err := wantRefusal("the id "+malformed, err, http.StatusBadRequest, ""); err != nil {
			return err
		}
	}
	_, err := p.read(ctx, unknownID)
	refused, err := refusalOf("an id of nothing", err, http.StatusNotFound, "NotFoundError")
	if err != nil {
		return err
	}
	// The provider takes a group for gone only if the message names it.
	if !strings.Contains(strings.ToLower(refused.message), unknownID) {
		return differs("the 404 of an id of nothing does not name it: %q", refused.message)
	}
	g, err := p.read(ctx, upper(p.bench.ID))
	if err == nil && g.ID != p.bench.ID {
		return differs("the id of a group that is read by its id in upper case is %s", g.ID)
	}
	return err
}

// checkRequestID looks at an answer, at a refusal and at a task.
func checkRequestID(ctx context.Context, p *probe) error {
	for _, id := range []string{p.bench.ID, unknownID} {
		got, err := p.api.send(ctx, http.MethodGet, p.readPath(id), nil)
		if err != nil {
			return err
		}
		header := got.header.Get("request_id")
		var body struct {
			RequestID string `json:"request_id"`
		}
		if err := json.Unmarshal(got.body, &body); err != nil {
			return differs("an answer %d is no JSON", got.status)
		}
		if len(header) != 32 || got.status >= 400 && header != body.RequestID {
			return differs("an answer %d has the header request_id %q, and in its body %q", got.status, header, body.RequestID)
		}
	}
	got, err := p.api.send(ctx, http.MethodPost, p.groupPath(p.bench.ID, "rules"), tcp(5556))
	if err != nil {
		return err
	}
	var begun accepted
	if err := json.Unmarshal(got.body, &begun); err != nil || begun.Tasks == nil || len(*begun.Tasks) != 1 {
		return preparing(newRefusal(http.MethodPost, p.groupPath(p.bench.ID, "rules"), got))
	}
	done, err := p.await(ctx, makesRule, (*begun.Tasks)[0])
	if header := got.header.Get("request_id"); err == nil && text(done.RequestID) != header {
		return differs("a task has the request_id %q, and the request that began it %q", text(done.RequestID), header)
	}
	return preparing(err)
}

// checkUnauthorized sends one wrong key only: several could look like an attack.
func checkUnauthorized(ctx context.Context, p *probe) error {
	for _, request := range []struct{ what, authorization, class string }{
		{"no key", "", "not_authenticated"},
		{"a wrong key", "APIKey tf-acc-probe", "token_not_valid"},
	} {
		path := p.readPath(p.bench.ID)
		got, err := p.api.sendAs(ctx, request.authorization, http.MethodGet, path, nil)
		if err != nil {
			return err
		}
		refused := newRefusal(http.MethodGet, path, got)
		if refused.status != http.StatusUnauthorized || refused.class != request.class {
			return differs("%s gets %s", request.what, refused.words())
		}
	}
	return nil
}

func checkNoEndpoint(ctx context.Context, p *probe) error {
	path := "/cloud/v2/tf-acc-probe"
	got, err := p.api.send(ctx, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	if refused := newRefusal(http.MethodGet, path, got); refused.status != http.StatusNotFound || refused.class != "" {
		return differs("an unknown path gets %s", refused.words())
	}
	return nil
}
