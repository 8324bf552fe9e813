package gcoretest

import (
	"cmp"
	"maps"
	"time"
)

// Readings are what the real API may do: what was seen of it, and what its documents leave open beside that.
func Readings() map[string]Config {
	return map[string]Config{
		"live":              {Reading: Live},
		"live, no lock":     {Reading: Live, NoLock: true},
		"refusals in tasks": {Reading: Live, RefuseInTask: true},
		// Groups and rules have another clock, tasks say nothing of their request, and default egress is added.
		"clocks differ": {
			Reading: Live, DateOffset: 1500 * time.Millisecond, TaskTimeOffset: 1500 * time.Millisecond,
			NoTaskData: true, AddDefaultEgress: true, RefusePort25: true,
		},
	}
}

// Scenario is a fault and what a suite may expect of an operation that meets it.
type Scenario struct {
	// Config is what the server of the scenario needs, in every reading (see In).
	Config Config
	// Core marks the fault that represents its class where not all of them are run.
	Core bool
	// Passes requires the operation to succeed all the same, given time.
	Passes bool
	// Undecided is a request for a new object that may still be carried out, or was accepted and never shows. It is not sent
	// again then, so that its operation ends with an error all the same; a later one succeeds, after some minutes that a
	// suite may want to shorten.
	Undecided bool
	// Lasts is a request that is sent again, or undone, but only after some minutes that a suite may want to shorten.
	Lasts bool
	// Hangs is a request without an answer, which the client has to give up.
	Hangs bool
	// Elsewhere allows another step, such as a refresh, to fail first.
	Elsewhere bool
	// OfTask requires an error to contain the task id.
	OfTask bool
	// Apply begins the fault for the operation of the API that does the work. The returned function ends it.
	Apply func(s *Server, operation string) (end func())
}

// In is what the server of the scenario is started with in a reading.
func (s Scenario) In(reading Config) Config {
	reading.LockGroups = reading.LockGroups || s.Config.LockGroups
	reading.TaskDuration = max(reading.TaskDuration, s.Config.TaskDuration)
	return reading
}

// MustPass reports whether an operation has to succeed that does its work by that operation of the API.
func (s Scenario) MustPass(operation string) bool {
	creates := operation == OperationCreateGroup || operation == OperationCreateRule
	return s.Passes && (!s.Undecided || !creates)
}

// Scenarios are the faults that a suite runs each of its operations with: those of the operation's request, of its task,
// and of the requests after it.
func Scenarios() map[string]Scenario {
	all := scenariosOfRequests()
	maps.Copy(all, scenariosOfTasks())
	maps.Copy(all, scenariosOfReads())
	return all
}

func scenariosOfRequests() map[string]Scenario {
	return map[string]Scenario{
		"none": {Passes: true, Apply: nothing},
		// The refresh hits this fault first, and waits less than a write does.
		"connection refused for a while": {Elsewhere: true, Apply: func(s *Server, _ string) func() {
			restore := s.Refuse()
			time.AfterFunc(400*time.Millisecond, restore)
			return restore
		}},
		"reset before processing":    {Undecided: true, Passes: true, Apply: request(Reset{})},
		"reset after processing":     {Core: true, Passes: true, Apply: request(Reset{Processed: true})},
		"429":                        {Passes: true, Apply: request(TooManyRequests(""))},
		"429 with Retry-After":       {Core: true, Passes: true, Apply: request(TooManyRequests("1"))},
		"500 before processing":      {Undecided: true, Passes: true, Apply: request(status(500, false))},
		"500 after processing":       {Passes: true, Apply: request(status(500, true))},
		"502 in HTML before":         {Undecided: true, Passes: true, Apply: request(HTMLPage(502, false))},
		"502 in HTML after":          {Core: true, Passes: true, Apply: request(HTMLPage(502, true))},
		"503 before processing":      {Lasts: true, Passes: true, Apply: request(status(503, false))},
		"503 after processing":       {Passes: true, Apply: request(status(503, true))},
		"404 in HTML":                {Apply: request(HTMLPage(404, false))},
		"outage":                     {Core: true, Undecided: true, Apply: on("", 0, status(503, false))},
		"hung before processing":     {Hangs: true, Undecided: true, Passes: true, Apply: request(Hang{})},
		"hung after processing":      {Hangs: true, Core: true, Passes: true, Apply: request(Hang{Processed: true})},
		"slow":                       {Passes: true, Apply: request(Slow{Before: 200 * time.Millisecond})},
		"truncated after processing": {Core: true, Passes: true, Apply: request(Truncate{})},
		"garbage after processing":   {Passes: true, Apply: request(GarbageJSON(true))},
		"empty object after":         {Passes: true, Apply: request(WrongShape("{}", true))},
		"processed late":             {Passes: true, Undecided: true, Apply: request(ProcessLater{After: 60 * time.Millisecond})},
	}
}

func scenariosOfTasks() map[string]Scenario {
	return map[string]Scenario{
		"task fails":                  {OfTask: true, Apply: request(FailTask{Text: "no capacity"})},
		"task fails with effect":      {Core: true, Apply: request(FailTask{Text: "no capacity", Effect: true})},
		"task never ends":             {OfTask: true, Apply: stalled(false)},
		"task outlasts the timeout":   {OfTask: true, Core: true, Apply: stalled(true)},
		"task unreadable":             {OfTask: true, Apply: on(OperationPollTask, 0, status(403, false))},
		"task forgotten at once":      {Core: true, Passes: true, Apply: request(ForgetTask{})},
		"task forgotten when done":    {Passes: true, Apply: request(ForgetTask{WhenDone: true})},
		"task forgotten and lost":     {OfTask: true, Undecided: true, Apply: request(ForgetTask{Lost: true})},
		"polls fail for a while":      {Passes: true, Apply: on(OperationPollTask, 3, status(503, false))},
		"task shows late":             {Passes: true, Apply: request(LateTask{Polls: 3})},
		"task names nothing":          {Passes: true, Apply: request(TaskResources{Null: true})},
		"task names all twice":        {Passes: true, Apply: request(TaskResources{Doubled: true})},
		"task names in another shape": {Passes: true, Apply: request(TaskResources{Value: []string{"all"}})},
	}
}

// scenariosOfReads are those of the requests that find out what became of the operation.
func scenariosOfReads() map[string]Scenario {
	return map[string]Scenario{
		"task list unavailable":       {Core: true, Elsewhere: true, Lasts: true, Apply: lostAnd(OperationListTasks, status(403, false))},
		"look-up of groups forbidden": {Elsewhere: true, Apply: lostAnd(OperationListGroups, status(403, false))},
		"effect visible late":         {Core: true, Passes: true, Apply: request(LateEffect{Reads: 3})},
		"read forbidden":              {Elsewhere: true, Apply: on(OperationReadGroup, 0, status(403, false))},
		// The object is there, whatever becomes of the project, the region or the user of the key.
		"project unknown":           {Core: true, Elsewhere: true, Apply: on(OperationReadGroup, 0, NotFound("Project", "1"))},
		"region unknown":            {Elsewhere: true, Apply: on(OperationReadGroup, 0, NotFound("Region", "76"))},
		"user unknown":              {Elsewhere: true, Apply: on(OperationReadGroup, 0, NotFound("User", "5"))},
		"404 in HTML of reads":      {Elsewhere: true, Apply: on(OperationReadGroup, 0, HTMLPage(404, false))},
		"each second read lags":     {Core: true, Elsewhere: true, Apply: lagging},
		"read without rules":        {Core: true, Elsewhere: true, Apply: on(OperationReadGroup, 0, Omit{Field: "security_group_rules"})},
		"lost, and task shows late": {Passes: true, Undecided: true, Apply: request(Together{LateTask{Duration: 10 * time.Millisecond}, Reset{Processed: true}})},
		"lost, without dates":       {Passes: true, Apply: lostBeside(NoDate{}, 0)},
		"lost, after a wrong date":  {Passes: true, Elsewhere: true, Apply: lostBeside(WrongDate{By: time.Hour}, 1)},
		"one task at a time":        {Passes: true, Config: Config{LockGroups: true, TaskDuration: 50 * time.Millisecond}, Apply: nothing},
	}
}

func nothing(*Server, string) func() { return func() {} }

// on is an effect on as many requests of that operation; 0: on all.
func on(operation string, times int, effect Effect) func(*Server, string) func() {
	return func(s *Server, request string) func() {
		return s.Fail(Fault{Operation: cmp.Or(operation, request), Times: times, Effect: effect}).Clear
	}
}

// request is an effect on the request that does the work.
func request(effect Effect) func(*Server, string) func() { return on("", 1, effect) }

func status(status int, processed bool) Answer { return Answer{Status: status, Processed: processed} }

// lagging answers each second read of a group from a copy of the data that is behind.
func lagging(s *Server, _ string) func() {
	return s.Fail(Fault{Operation: OperationReadGroup, Every: 2, Effect: StaleRead{Age: 100 * time.Millisecond}}).Clear
}

// stalled is a task that outlasts the operation's timeout and ends afterwards, with or without its effect.
func stalled(effect bool) func(*Server, string) func() {
	return func(s *Server, request string) func() {
		handle := s.Fail(Fault{Operation: request, Times: 1, Effect: StallTask{Effect: effect}})
		return func() { handle.Clear(); s.EndTasks() }
	}
}

// lostBeside loses the response, while as many other answers as that go wrong; 0: all.
func lostBeside(effect Effect, times int) func(*Server, string) func() {
	return func(s *Server, request string) func() {
		lost := s.Fail(Fault{Operation: request, Times: 1, Effect: Reset{Processed: true}})
		others := s.Fail(Fault{Times: times, Effect: effect})
		return func() { lost.Clear(); others.Clear() }
	}
}

// lostAnd loses the response, and also the request that could find out its result.
func lostAnd(operation string, effect Effect) func(*Server, string) func() {
	return func(s *Server, request string) func() {
		help := s.Fail(Fault{Operation: operation, Effect: effect})
		lost := s.Fail(Fault{Operation: request, Times: 1, Effect: Reset{Processed: true}})
		return func() { help.Clear(); lost.Clear() }
	}
}
