package foreign

import (
	"fmt"
	"strings"
)

// problems is the error that this package returns.
type problems struct {
	listed []string
	more   int // not listed
}

// mostProblems is the most problems that one error lists.
const mostProblems = 10

func (p *problems) note(format string, values ...any) {
	if len(p.listed) == mostProblems {
		p.more++
		return
	}
	p.listed = append(p.listed, fmt.Sprintf(format, values...))
}

func (p *problems) err() error {
	if len(p.listed) == 0 {
		return nil
	}
	return p
}

func (p *problems) Error() string {
	text := strings.Join(p.listed, "\n")
	if p.more > 0 {
		text += fmt.Sprintf("\nAnd %d more.", p.more)
	}
	return text
}
