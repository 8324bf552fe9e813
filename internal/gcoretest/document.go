package gcoretest

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// document is a version of the OpenAPI document. kin-openapi reads and checks it. Its schemas are compiled once by the
// JSON Schema library that kin-openapi uses for OpenAPI 3.1 too: kin-openapi itself compiles them for each value.
type document struct {
	name     string
	parsed   *openapi3.T
	compiler *jsonschema.Compiler
	formats  map[string]func(string) error
}

func newDocument(name string, data []byte, v variant) (*document, error) {
	loader := openapi3.NewLoader()
	parsed, err := loader.LoadFromData(data)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	if err := parsed.Validate(loader.Context); err != nil {
		return nil, fmt.Errorf("%s is no valid OpenAPI document: %w", name, err)
	}
	tree, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	if v.neutron {
		if err := replaceRules(tree); err != nil {
			return nil, err
		}
	}
	closeObjects(tree)
	d := &document{name: name, parsed: parsed, compiler: jsonschema.NewCompiler(), formats: formats(v.hostBits)}
	d.compiler.DefaultDraft(jsonschema.Draft2020)
	d.compiler.AssertFormat()
	for name, check := range d.formats {
		d.compiler.RegisterFormat(&jsonschema.Format{Name: name, Validate: func(value any) error {
			if text, ok := value.(string); ok {
				return check(text)
			}
			return nil
		}})
	}
	if err := d.compiler.AddResource(name, tree); err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return d, nil
}

// replaceRules puts Neutron's reading of a rule in the place of Gcore's schema.
func replaceRules(tree any) error {
	rule, err := jsonschema.UnmarshalJSON(bytes.NewReader(neutronRuleJSON))
	if err != nil {
		return fmt.Errorf("reading neutron-rule.json: %w", err)
	}
	node := tree
	for _, name := range []string{"components", "schemas"} {
		object, _ := node.(map[string]any)
		node = object[name]
	}
	if schemas, ok := node.(map[string]any); ok {
		schemas["CreateSecurityGroupRuleSerializerV2"] = rule
	}
	return nil
}

// closeObjects forbids every field that a schema does not name, so that an unknown one shows. The published document
// allows them, and the API ignores them: problem.refused.
func closeObjects(node any) {
	switch node := node.(type) {
	case []any:
		for _, child := range node {
			closeObjects(child)
		}
	case map[string]any:
		_, named := node["properties"].(map[string]any)
		_, patterns := node["patternProperties"]
		if _, open := node["additionalProperties"]; named && !open && !patterns {
			node["additionalProperties"] = false
		}
		for _, child := range node {
			closeObjects(child)
		}
	}
}

// compile compiles the schema at a JSON pointer of the document.
func (d *document) compile(pointer ...string) (*jsonschema.Schema, error) {
	location := d.name + "#"
	for _, token := range pointer {
		location += "/" + url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(token))
	}
	compiled, err := d.compiler.Compile(location)
	if err != nil {
		return nil, fmt.Errorf("compiling %s: %w", location, err)
	}
	return compiled, nil
}

// contract compiles all operations, sorted by path and method.
func (d *document) contract() (*contract, error) {
	var c contract
	if d.parsed.Components != nil {
		if resources, ok := d.parsed.Components.Schemas["CreatedResourcesSerializer"]; ok {
			c.createdKinds = slices.Collect(maps.Keys(resources.Value.Properties))
		}
	}
	for path, item := range d.parsed.Paths.Map() {
		for method, described := range item.Operations() {
			o, err := d.operation(path, method, item, described)
			if err != nil {
				return nil, err
			}
			c.operations = append(c.operations, o)
		}
	}
	slices.SortFunc(c.operations, func(a, b *operation) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method))
	})
	return &c, nil
}

func (d *document) operation(path, method string, item *openapi3.PathItem, described *openapi3.Operation) (*operation, error) {
	o := &operation{
		Method: method, Path: path, Deprecated: described.Deprecated, segments: strings.Split(path, "/"),
		path: map[string]*parameter{}, query: map[string]*parameter{}, answers: map[int]*jsonschema.Schema{},
	}
	o.Name, _ = described.Extensions["x-operation"].(string)
	o.Unserved, _ = described.Extensions["x-unserved"].(bool)
	if o.Name == "" {
		return nil, fmt.Errorf("%s: %s %s has no x-operation", d.name, method, path)
	}
	lower := strings.ToLower(method)
	if err := d.addParameters(o, item.Parameters, "paths", path, "parameters"); err != nil {
		return nil, err
	}
	if err := d.addParameters(o, described.Parameters, "paths", path, lower, "parameters"); err != nil {
		return nil, err
	}
	if described.RequestBody != nil {
		body, err := d.compile("paths", path, lower, "requestBody", "content", "application/json", "schema")
		if err != nil {
			return nil, err
		}
		o.bodies = append(o.bodies, body)
	}
	return o, d.addAnswers(o, described, lower)
}

func (d *document) addParameters(o *operation, list openapi3.Parameters, pointer ...string) error {
	for i, reference := range list {
		described := reference.Value
		schema, err := d.compile(append(slices.Clone(pointer), strconv.Itoa(i), "schema")...)
		if err != nil {
			return err
		}
		p := &parameter{schema: schema, deprecated: described.Deprecated || described.Schema.Value.Deprecated, types: described.Schema.Value.Type.Slice()}
		if described.Schema.Value.Type.Is("array") {
			p.list, p.types = true, described.Schema.Value.Items.Value.Type.Slice()
		}
		if format, ok := described.Extensions["x-format"].(string); ok {
			p.format = d.formats[format]
		}
		if described.In == "path" {
			o.path[described.Name] = p
		} else {
			o.query[described.Name] = p
		}
	}
	return nil
}

func (d *document) addAnswers(o *operation, described *openapi3.Operation, lower string) error {
	for status, response := range described.Responses.Map() {
		number, _ := strconv.Atoi(status) // 0 for "default"
		o.answers[number] = nil
		if response.Value.Content.Get("application/json") == nil {
			continue
		}
		pointer := []string{"paths", o.Path, lower, "responses", status}
		if name, ok := strings.CutPrefix(response.Ref, "#/components/responses/"); ok {
			pointer = []string{"components", "responses", name}
		}
		schema, err := d.compile(append(pointer, "content", "application/json", "schema")...)
		if err != nil {
			return err
		}
		o.answers[number] = schema
	}
	return nil
}

// addBodies adds what this version of the document says about the requests of another one.
func (d *document) addBodies(c *contract) error {
	for _, o := range c.operations {
		item := d.parsed.Paths.Value(o.Path)
		if item == nil || item.GetOperation(o.Method) == nil || o.bodies == nil {
			continue
		}
		body, err := d.compile("paths", o.Path, strings.ToLower(o.Method), "requestBody", "content", "application/json", "schema")
		if err != nil {
			return err
		}
		o.bodies = append(o.bodies, body)
	}
	return nil
}
