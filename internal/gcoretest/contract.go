package gcoretest

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

//go:embed testdata/contract.json
var contractJSON []byte

// contract is the parsed contract file: what a request to the API may say.
type contract struct {
	PathParameters map[string]*schema `json:"path_parameters"`
	Operations     []*operation       `json:"operations"`
	Schemas        map[string]*schema `json:"schemas"`
}

// operation is one method of one path of the API.
type operation struct {
	Name       string             `json:"name"`
	Method     string             `json:"method"`
	Path       string             `json:"path"`
	Query      map[string]*schema `json:"query"`
	Body       string             `json:"body"`       // the schema of the request body, "" for none
	Deprecated bool               `json:"deprecated"` // withdrawn by the vendor: a client must not use it
	Unserved   bool               `json:"unserved"`   // exists in the API, but nothing here needs it

	segments []string
}

// loadContract parses the embedded contract file and makes sure that the checker can rely on it.
func loadContract() (*contract, error) {
	var loaded contract
	if err := json.Unmarshal(contractJSON, &loaded); err != nil {
		return nil, fmt.Errorf("reading the contract file: %w", err)
	}
	var all []*schema
	for _, s := range loaded.PathParameters {
		all = append(all, s)
	}
	for _, s := range loaded.Schemas {
		all = append(all, s)
	}
	for _, o := range loaded.Operations {
		o.segments = strings.Split(o.Path, "/")
		values, _ := o.match(o.segments)
		for name := range values {
			if loaded.PathParameters[name] == nil {
				return nil, fmt.Errorf("contract file: operation %q: no path parameter %q", o.Name, name)
			}
		}
		for _, s := range o.Query {
			all = append(all, s)
		}
		if _, ok := loaded.Schemas[o.Body]; o.Body != "" && !ok {
			return nil, fmt.Errorf("contract file: operation %q: no schema %q", o.Name, o.Body)
		}
	}
	for _, s := range all {
		if err := loaded.prepare(s); err != nil {
			return nil, fmt.Errorf("contract file: %w", err)
		}
	}
	return &loaded, nil
}

// prepare compiles patterns and looks up references, so that check cannot fail later.
func (c *contract) prepare(s *schema) error {
	if s == nil {
		return nil
	}
	if s.Ref != "" {
		target, ok := c.Schemas[s.Ref]
		if !ok || target.Ref != "" {
			return fmt.Errorf("no schema %q", s.Ref)
		}
		return nil
	}
	if len(s.Type) == 0 {
		return fmt.Errorf("a schema without a type: %+v", *s)
	}
	if s.Pattern != "" {
		pattern, err := regexp.Compile(s.Pattern)
		if err != nil {
			return fmt.Errorf("pattern %q: %w", s.Pattern, err)
		}
		s.pattern = pattern
	}
	if slices.Contains(s.Type, "array") && s.Items == nil {
		return fmt.Errorf("a list without items: %+v", *s)
	}
	for _, child := range s.Properties {
		if err := c.prepare(child); err != nil {
			return err
		}
	}
	for _, child := range []*schema{s.Items, s.AdditionalProperties, s.PropertyNames} {
		if err := c.prepare(child); err != nil {
			return err
		}
	}
	return nil
}

// find returns the operation for a method and an escaped path, with the unescaped path parameters. If only the
// method does not fit, pathKnown is true.
func (c *contract) find(method, escapedPath string) (found *operation, parameters map[string]string, pathKnown bool) {
	segments := strings.Split(escapedPath, "/")
	for i, segment := range segments {
		text, err := url.PathUnescape(segment)
		if err != nil {
			return nil, nil, false
		}
		segments[i] = text
	}
	for _, o := range c.Operations {
		values, ok := o.match(segments)
		if !ok {
			continue
		}
		if o.Method == method {
			return o, values, true
		}
		pathKnown = true
	}
	return nil, nil, pathKnown
}

func (o *operation) match(segments []string) (map[string]string, bool) {
	if len(segments) != len(o.segments) {
		return nil, false
	}
	values := map[string]string{}
	for i, segment := range o.segments {
		if name, ok := strings.CutPrefix(segment, "{"); ok {
			if segments[i] == "" {
				return nil, false
			}
			values[strings.TrimSuffix(name, "}")] = segments[i]
		} else if segment != segments[i] {
			return nil, false
		}
	}
	return values, true
}
