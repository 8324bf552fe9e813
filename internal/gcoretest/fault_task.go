package gcoretest

import "time"

// taskOutcome is what a fault makes of a task.
type taskOutcome struct {
	duration    *time.Duration // nil: Config.TaskDuration
	failure     string         // not "": the task ends in ERROR with this text
	lost        bool           // what the task was to do is not done
	endless     bool           // the task does not end by itself
	effectFirst bool           // an endless task does what it was to do when it should have ended
	forgotten   forgetting
}

type forgetting int

const (
	remembered forgetting = iota
	forgottenAtOnce
	forgottenWhenDone
)

// FailTask accepts the request, but the task that it makes ends in ERROR with the text. With Effect what the task
// was to do is done nevertheless. A request that makes no task is answered as usual; so it is with all faults of
// tasks.
type FailTask struct {
	Text   string // "" is "Internal error"
	Effect bool
}

func (f FailTask) run(c *call) {
	c.outcome = taskOutcome{failure: f.Text, lost: !f.Effect}
	if c.outcome.failure == "" {
		c.outcome.failure = "Internal error"
	}
	c.send(c.process())
}

// DelayTask gives the request's task a time of its own, from acceptance to end, in place of Config.TaskDuration. A
// task may so take longer than others, or than the client waits.
type DelayTask struct {
	Duration time.Duration
}

func (d DelayTask) run(c *call) {
	c.outcome = taskOutcome{duration: &d.Duration}
	c.send(c.process())
}

// StallTask accepts the request, but its task stays unfinished, NEW and then RUNNING, until EndTasks. With Effect what
// the task was to do is done nevertheless at the time at which it should have ended.
type StallTask struct {
	Effect bool
}

func (s StallTask) run(c *call) {
	c.outcome = taskOutcome{endless: true, effectFirst: s.Effect}
	c.send(c.process())
}

// ForgetTask accepts the request, but the API forgets its task: a GET of it is answered with the API's 404, and no
// list has it. What the task was to do is done at its time nevertheless, unless it is Lost.
type ForgetTask struct {
	WhenDone bool // the task is forgotten when it ends, and known until then; else it is forgotten at once
	Lost     bool
}

func (f ForgetTask) run(c *call) {
	c.outcome = taskOutcome{forgotten: forgottenAtOnce, lost: f.Lost}
	if f.WhenDone {
		c.outcome.forgotten = forgottenWhenDone
	}
	c.send(c.process())
}

// LateEffect does what the request asks for, at once or with its task, which ends as usual; but reads do not show it
// yet. They show the groups that changed as they were before, until Reads of them have been made and Duration has
// passed by the server's clock, both counted from the change. A GET of the group counts, and each request that
// lists the groups of its project and region. The checks of writing requests, and Groups, Group and History, always
// see what is really there.
type LateEffect struct {
	Reads    int
	Duration time.Duration
}

func (l LateEffect) run(c *call) {
	c.late = lateness{reads: l.Reads, duration: l.Duration}
	c.send(c.process())
}

// EndTasks ends every task that has not ended, now, those of StallTask included: what they were to do is done.
func (s *Server) EndTasks() {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.settle()
	unfinished := s.pending
	s.pending = nil
	for _, t := range s.taskOrder {
		if t.outcome.endless {
			t.outcome.endless = false
			unfinished = append(unfinished, t)
		}
	}
	for _, t := range unfinished {
		if !t.done {
			t.due = now
			s.finish(t)
		}
	}
}

// forgotten tells whether the API no longer knows the task.
func (t *task) forgotten() bool {
	return t.outcome.forgotten == forgottenAtOnce || (t.outcome.forgotten == forgottenWhenDone && t.done)
}
