package gcoretest

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// The contract is a slice of the vendor's OpenAPI document, in its newest version, and of an older version: a request
// must be valid under both, an answer under the newest. testdata/README.md has the sources.
var (
	//go:embed testdata/openapi.json
	publishedJSON []byte
	//go:embed testdata/openapi-2026-05.json
	olderJSON []byte
	//go:embed testdata/neutron-rule.json
	neutronRuleJSON []byte
)

// Contract is the slice of the vendor's OpenAPI document that the fake is held to.
func Contract() []byte { return bytes.Clone(publishedJSON) }

// contract is a compiled contract. It is immutable and shared by all servers of a process.
type contract struct {
	operations   []*operation
	createdKinds []string // of objects in created_resources
}

// operation is one method of one path of the API.
type operation struct {
	Name       string
	Method     string
	Path       string
	Deprecated bool // by the vendor: a client must not use it
	Unserved   bool // exists in the API, but nothing here needs it

	path    map[string]*parameter
	query   map[string]*parameter
	bodies  []*jsonschema.Schema       // of the request, one for each version of the document; none: no body
	answers map[int]*jsonschema.Schema // by status, 0 for all others; nil: no body

	segments []string
}

// parameter is a parameter in a path or a query.
type parameter struct {
	schema     *jsonschema.Schema
	types      []string // of the parameter, or of its items
	list       bool
	deprecated bool
	format     func(string) error // beyond the schema; nil for none
}

// variant is what a server's configuration changes in the contract.
type variant struct {
	hostBits HostBits
	neutron  bool // rules are read by Neutron's attribute layer, not by Gcore's schema
}

// contracts holds the contract of each variant. Compiling takes some 50 ms, and each test starts a server.
var contracts = struct {
	mu   sync.Mutex
	done map[variant]*contract
}{done: map[variant]*contract{}}

func loadContract(v variant) (*contract, error) {
	contracts.mu.Lock()
	defer contracts.mu.Unlock()
	if loaded, ok := contracts.done[v]; ok {
		return loaded, nil
	}
	loaded, err := newContract(v)
	if err == nil {
		contracts.done[v] = loaded
	}
	return loaded, err
}

func newContract(v variant) (*contract, error) {
	published, err := newDocument("openapi.json", publishedJSON, v)
	if err != nil {
		return nil, err
	}
	loaded, err := published.contract()
	if err != nil || v.neutron {
		return loaded, err
	}
	older, err := newDocument("openapi-2026-05.json", olderJSON, v)
	if err != nil {
		return nil, err
	}
	return loaded, older.addBodies(loaded)
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
	for _, o := range c.operations {
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

// checkParameter checks the text, or the texts of a list, of a parameter, and returns the value that its schema means.
func (p *parameter) check(texts []string, where place, name string) (value any, problems []problem) {
	if p.list {
		values := []any{}
		for _, text := range texts {
			values = append(values, typed(p.types, text))
		}
		value = values
	} else {
		if len(texts) != 1 {
			problems = append(problems, problem{malformed, where, name, "given more than once"})
		}
		value = typed(p.types, texts[0])
	}
	if p.deprecated {
		problems = append(problems, problem{deprecated, where, name, "Deprecated parameter"})
	}
	problems = append(problems, check(p.schema, value, where, name)...)
	if p.format != nil && len(problems) == 0 {
		if err := p.format(texts[0]); err != nil {
			problems = append(problems, problem{badFormat, where, name, err.Error()})
		}
	}
	return value, problems
}

// typed turns a parameter's text into the value that the schema's type wants, or leaves it a string, which the schema
// then refuses.
func typed(types []string, text string) any {
	switch {
	case slices.Contains(types, "integer"):
		if number, err := strconv.ParseInt(text, 10, 64); err == nil {
			return json.Number(strconv.FormatInt(number, 10))
		}
	case slices.Contains(types, "boolean"):
		if value, err := strconv.ParseBool(text); err == nil {
			return value
		}
	}
	return text
}
