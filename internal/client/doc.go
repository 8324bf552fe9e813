// Package client talks to the Gcore Cloud API: security groups, their rules and tags, and the tasks that change them.
//
// # Calls and tasks
//
// Reads answer at once. A request that changes something usually answers with the ids of tasks, and has its effect when
// the task is finished: [Client.WaitForTask] waits for one. The names of the methods are those of the objects; which
// version of the API a call uses (v2 for what changes groups and rules, v1 for reads, group deletion and tasks) is the
// matter of this package alone. Values are handed over as the API gave them: null stays nil, and what a protocol or a
// prefix means is for others to say.
//
// # Repeating
//
// One place decides whether a request is sent again, from its method, the answer or error, and the context:
//
//   - GET and DELETE are repeated after connection errors, 408, 429, 5xx and answers of 2xx that cannot be read.
//   - POST and PATCH are repeated only when the request certainly was not processed: no connection came about, or 429.
//     The API has no idempotency key, so a repeat in doubt could create a second object.
//   - A context with a deadline bounds all tries. Without a deadline there are five tries within a minute at most.
//   - Between two tries the client waits 0.5 s, doubled each time up to 8 s, less up to a quarter at random; or what a
//     Retry-After header of a 429 or 503 asks for. If that is longer than the time left, the call ends at once.
//   - A single HTTP request, its answer's body included, may take [Config.RequestTimeout].
//
// # Sharing
//
// Calls of [Client.SecurityGroup] for one group that wait at the same time share a request, and so do the tries of each;
// [Client.RecentSecurityGroup] also takes an answer of the last seconds, but none from before the end of a write of this
// client, which the client marks itself. Waits for several tasks share lists of tasks; the single read is for what a
// list does not tell. Sharing only saves requests: each caller keeps its own context, time and number of tries.
//
// # Errors
//
// Each error names the operation. errors.As finds [Error] (an answer that is not 2xx), [TransportError] (no usable
// answer), [TaskError] (a task that failed) and [WaitError] (waiting for a task ended early). errors.Is tells
// [ErrNotFound], [ErrUnknownPath], [ErrConflict], [ErrChanged], [ErrUnauthorized], [ErrForbidden], [ErrInvalid],
// [ErrTooManyRequests], [ErrUnavailable], [ErrAmbiguous] and the errors of the context.
//
// # The key
//
// The API key goes to the host of [Config.BaseURL] alone: redirects are not followed, and plain http is refused unless
// the host is loopback. It is masked in everything that is logged and in the texts of errors.
//
// A [Client] is safe for concurrent use.
package client
