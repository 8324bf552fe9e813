package rule

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// mostFaults is how many faults one error lists: a mistake is often repeated hundreds of times.
const mostFaults = 10

// Faults collects what is wrong with a description of many rules, to say it in one error. The zero value has none.
type Faults struct {
	texts []string
	known map[string]bool
}

// Add takes a fault, a sentence or several. One that is there already is not taken twice.
func (f *Faults) Add(text string) {
	if f.known[text] {
		return
	}
	if f.known == nil {
		f.known = map[string]bool{}
	}
	f.known[text] = true
	f.texts = append(f.texts, text)
}

// Err is one error with the faults in the order of their coming: one alone as it is, several as a list that ends after
// the first ten. It does not end with a full stop, which Terraform adds. Without faults it is nil.
func (f *Faults) Err() error {
	lines := slices.Clone(f.texts)
	switch more := len(lines) - mostFaults; {
	case len(lines) == 0:
		return nil
	case len(lines) == 1:
		return errors.New(strings.TrimSuffix(lines[0], "."))
	case more > 0:
		lines = append(lines[:mostFaults], fmt.Sprintf("and %d more", more))
	}
	return fmt.Errorf("there are %d mistakes:\n- %s", len(f.texts), strings.TrimSuffix(strings.Join(lines, "\n- "), "."))
}
