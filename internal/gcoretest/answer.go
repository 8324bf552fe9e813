package gcoretest

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

var answerSeed = maphash.MakeSeed()

// maxSound bounds the memory of answers that need no second check.
const maxSound = 100_000

// checkAnswer holds an answer of the fake itself to the contract. A breach is a mistake of the fake and fails the test,
// unless the test itself put the object in (planted). What a fault makes of the answer afterwards is not checked.
func (s *Server) checkAnswer(c *call, a answer) {
	if c.operation == nil || c.operation.Deprecated || c.operation.Unserved {
		return
	}
	schema, known := c.operation.answers[a.status]
	if !known && a.status >= 400 {
		schema, known = c.operation.answers[0]
	}
	var found []problem
	switch {
	case !known:
		found = []problem{{malformed, inAnswer, "", "the contract has no such status"}}
	case schema == nil:
		if len(a.body) > 0 {
			found = []problem{{malformed, inAnswer, "", "the contract has no body here"}}
		}
	default:
		found = s.checkAnswerBody(c, a, schema)
	}
	for _, p := range found {
		s.violate(fmt.Sprintf("the fake's answer %d to %s %s breaks the contract: %s", a.status, c.request.Method, c.record.Path, p))
	}
}

func (s *Server) checkAnswerBody(c *call, a answer, schema *jsonschema.Schema) []problem {
	var hash maphash.Hash
	hash.SetSeed(answerSeed)
	_, _ = hash.WriteString(c.operation.Name + strconv.Itoa(a.status)) // never fails
	_, _ = hash.Write(a.body)
	sum := hash.Sum64()
	if s.isSound(sum) {
		return nil
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(a.body))
	if err != nil {
		return []problem{{malformed, inAnswer, "", "no JSON: " + err.Error()}}
	}
	var found []problem
	for _, p := range check(schema, value, inAnswer, "") {
		// Neutron stores protocols that Gcore's contract does not name.
		if neutrons := s.config.Neutron && p.kind <= outOfRange; !neutrons && !s.isPlanted(value, p) {
			found = append(found, p)
		}
	}
	if len(found) == 0 {
		s.setSound(sum)
	}
	return found
}

// isPlanted tells whether a problem is about an object that a test put in: its values may be any, and a description may
// be null as in older answers. Of an object of which planted says true everything may be otherwise.
func (s *Server) isPlanted(value any, p problem) bool {
	var id string // of the innermost object that has one
	names := strings.Split(p.path, ".")
	for i := 0; ; i++ {
		if object, ok := value.(map[string]any); ok {
			if text, ok := object["id"].(string); ok {
				id = text
			}
		}
		if i == len(names) {
			break
		}
		switch node := value.(type) {
		case map[string]any:
			value = node[names[i]]
		case []any:
			at, err := strconv.Atoi(names[i])
			if err != nil || at >= len(node) {
				return false
			}
			value = node[at]
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if text, ok := value.(string); ok { // such as the id of a planted group in a rule
		if _, planted := s.planted[strings.ToLower(text)]; planted {
			return true
		}
	}
	anything, planted := s.planted[id]
	return planted && (anything || p.kind <= outOfRange || names[len(names)-1] == "description")
}

func (s *Server) isSound(sum uint64) bool {
	s.soundMu.Lock()
	defer s.soundMu.Unlock()
	return s.sound[sum]
}

func (s *Server) setSound(sum uint64) {
	s.soundMu.Lock()
	defer s.soundMu.Unlock()
	if len(s.sound) >= maxSound {
		clear(s.sound)
	}
	s.sound[sum] = true
}
