// Package client calls the Gcore Cloud API: security groups, their rules and tags, and the tasks that change them.
//
// # Calls and tasks
//
// Reads answer at once. A request that changes something usually answers with the ids of tasks, and has its effect when
// the task is finished; [Client.WaitForTask] waits for one. Methods are named after the objects. Only this package knows
// which version of the API a call uses: v2 to change groups and rules, v1 for reads, group deletion and tasks. Values are
// returned as the API gives them: null stays nil, and the meaning of a protocol or a prefix is left to the caller.
//
// # Retries
//
// Reads are retried after connection errors, 408, 429, 5xx and a 2xx that is cut off or is not the API's JSON. They are
// not retried where the next try would fail alike: a certificate that is not trusted, an answer that is too large, or
// one with a field of another type. A request that changes something is sent once: what it depends on may have changed
// before the next try, the API has no idempotency key, and after an interruption nothing may be sent at all. Its caller
// decides, by [ErrNotProcessed] and [ErrAmbiguous], and pauses with [Client.Backoff].
//
//   - A context with a deadline bounds all tries. Without one there are at most five tries within a minute. An answer that
//     misses what it must have, such as an id, is asked for three times.
//   - Between two tries the client waits 0.5 s, doubled each time up to 8 s, less up to a quarter at random; or as long
//     as the Retry-After header of a 429 or 503 asks. If that is longer than the time left, the call ends at once.
//   - A single HTTP request, the body of its answer included, times out after [Config.RequestTimeout].
//
// # Sharing
//
// Calls of [Client.SecurityGroup] for one group that wait at the same time share a request, and so do their retries.
// [Client.RecentSecurityGroup] also reuses an answer of the last seconds, but none from before the end of a write of this
// client. Waits for several tasks share lists of tasks; a task is read by itself for all that a list does not say.
// Sharing only saves requests: each caller keeps its own context, time limit and number of tries.
//
// # Errors
//
// Each error names the operation. errors.As finds [Error] (an answer that is not 2xx), [TransportError] (no usable
// answer), [TaskError] (a task that failed) and [WaitError] (a wait for a task that ended early). errors.Is matches the
// Err variables of this package, which say what each means, and the errors of the context.
//
// # The key
//
// The API key is sent to the host of [Config.BaseURL] only: redirects are not followed, and plain http is refused unless
// the host is loopback. The key is masked in all logs and error texts.
//
// A [Client] is safe for concurrent use.
package client
