package gcoretest

import (
	"encoding/json"
	"slices"
	"time"
)

// taskOutcome is what a fault makes of a task.
type taskOutcome struct {
	duration    *time.Duration // nil: Config.TaskDuration
	failure     string         // not "": the task ends in ERROR with this text
	lost        bool           // what the task was to do is not done
	endless     bool           // the task does not end by itself
	effectFirst bool           // an endless task does what it was to do when it should have ended
	forgotten   forgetting
	unseen      lateness // how long the task is not known
	resources   *TaskResources
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

func (f FailTask) run(c *call) { runPrepared(f, c) }

func (f FailTask) prepare(c *call) {
	c.outcome.failure, c.outcome.lost = f.Text, !f.Effect
	if c.outcome.failure == "" {
		c.outcome.failure = "Internal error"
	}
}

// DelayTask gives the request's task a time of its own, from acceptance to end, in place of Config.TaskDuration. A
// task may so take longer than others, or than the client waits.
type DelayTask struct {
	Duration time.Duration
}

func (d DelayTask) run(c *call)     { runPrepared(d, c) }
func (d DelayTask) prepare(c *call) { c.outcome.duration = &d.Duration }

// StallTask accepts the request, but its task stays unfinished, NEW and then RUNNING, until EndTasks. With Effect what
// the task was to do is done nevertheless at the time at which it should have ended.
type StallTask struct {
	Effect bool
}

func (s StallTask) run(c *call)     { runPrepared(s, c) }
func (s StallTask) prepare(c *call) { c.outcome.endless, c.outcome.effectFirst = true, s.Effect }

// ForgetTask accepts the request, but the API forgets its task: a GET of it is answered with the API's 404, and no
// list has it. What the task was to do is done at its time nevertheless, unless it is Lost.
type ForgetTask struct {
	WhenDone bool // the task is forgotten when it ends, and known until then; else it is forgotten at once
	Lost     bool
}

func (f ForgetTask) run(c *call) { runPrepared(f, c) }

func (f ForgetTask) prepare(c *call) {
	c.outcome.forgotten, c.outcome.lost = forgottenAtOnce, f.Lost
	if f.WhenDone {
		c.outcome.forgotten = forgottenWhenDone
	}
}

// LateTask accepts the request, but its task is not known at first: GETs of it are answered with the API's 404, and no
// list has it, until Polls GETs of it have been made and Duration has passed since its acceptance.
type LateTask struct {
	Polls    int
	Duration time.Duration
}

func (l LateTask) run(c *call)     { runPrepared(l, c) }
func (l LateTask) prepare(c *call) { c.outcome.unseen = lateness{reads: l.Polls, duration: l.Duration} }

// TaskResources changes the created_resources of the request's task, once that has finished.
type TaskResources struct {
	Absent  bool     // the field is missing
	Null    bool     // it is null
	Doubled bool     // it names each object twice
	Groups  []string // it names these groups; nil: as usual
	Rules   []string // it names these rules; nil: as usual
	Value   any      // it is this value; nil: as usual
}

func (r TaskResources) run(c *call)     { runPrepared(r, c) }
func (r TaskResources) prepare(c *call) { c.outcome.resources = &r }

// apply returns the field as JSON, nil for none.
func (r TaskResources) apply(usual map[string]any) json.RawMessage {
	switch {
	case r.Absent:
		return nil
	case r.Null:
		return json.RawMessage("null")
	case r.Value != nil:
		return jsonAnswer(0, r.Value).body
	}
	for kind, replaced := range map[string][]string{"security_groups": r.Groups, "security_group_rules": r.Rules} {
		if replaced != nil {
			usual[kind] = replaced
		}
		if ids, ok := usual[kind].([]string); ok && r.Doubled {
			usual[kind] = append(slices.Clone(ids), ids...)
		}
	}
	return jsonAnswer(0, usual).body
}

// LateEffect does what the request asks for, at once or with its task, which ends as usual; but reads do not show it
// yet. They show the groups that changed as they were before, until Reads of them have been made and Duration has
// passed by the server's clock, both counted from the change. A GET of the group counts, and each request that
// lists the groups of its project and region. The checks of writing requests, and Groups, Group and History, always
// see what is really there. StaleRead is the same from the reader's side.
type LateEffect struct {
	Reads    int
	Duration time.Duration
}

func (l LateEffect) run(c *call)     { runPrepared(l, c) }
func (l LateEffect) prepare(c *call) { c.late = lateness{reads: l.Reads, duration: l.Duration} }

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

// known tells whether the API knows the task at a time.
func (t *task) known(at time.Time) bool {
	unseen := t.outcome.unseen
	return !t.forgotten() && unseen.reads <= 0 && !at.Before(t.createdAt.Add(unseen.duration)) && !t.createdAt.After(at)
}

// forgotten tells whether the API no longer knows the task.
func (t *task) forgotten() bool {
	return t.outcome.forgotten == forgottenAtOnce || (t.outcome.forgotten == forgottenWhenDone && t.done)
}
