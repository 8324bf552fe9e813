// Package gcoretest is a stateful fake of the Gcore Cloud API for security groups, their rules, tags and tasks, for
// tests and demonstrations. It listens on a loopback port and answers like the real API as far as that is published,
// and where it says no, it says it like OpenStack Neutron, which does the work behind the API and was measured
// (testdata/rule-cases.jsonl). It has wire types of its own and shares no code with the client that it tests: a
// misreading of the API would otherwise be mirrored and pass.
//
// # Use
//
//	server := gcoretest.New(t, gcoretest.Config{TaskDuration: time.Second})
//	// point the client at server.URL() with the key server.APIKey()
//	server.Fail(gcoretest.Fault{Times: 1, Effect: gcoretest.Reset{Processed: true}})
//	server.AddRule(groupID, gcoretest.Rule{...}) // behind the client's back
//	server.Groups(1, 2)                          // what is really there
//	server.Requests()                            // what it took
//
// A task's effect comes at the very moment at which the task becomes FINISHED. Nothing runs in the background: every
// request and every method first carries out, in order, what has become due by the server's clock (Config.Now).
//
// # Faults
//
// What goes wrong, and where a client may notice it:
//
//   - connection: Server.Refuse (refused), Reset, Hang, Slow, Truncate
//   - answer: Answer with any status and body, and ready ones: TooManyRequests, ServiceUnavailable, NotFound, HTMLPage,
//     GarbageJSON, WrongShape; Omit, SetField, TwiceInAnswer, EmptyPage; WrongDate, NoDate
//   - task: FailTask, DelayTask, StallTask (until Server.EndTasks), ForgetTask, LateTask, TaskResources
//   - time: ProcessLater (a gateway that gives up before the API has begun), LateEffect (of a write), StaleRead
//   - others' changes in the same moment: Meanwhile, with AddRule, AddGroup and the like
//   - several of them: Together; every other request only: Fault.Every
//   - the API's own refusals: Config.NoLock, UniqueNames, GroupLimit, RuleLimit, RuleQuota, RefuseInTask and the like
//
// An outage is a Fault with Times 0, until Handle.Clear; an endpoint's outage names its Operation. Every answer, that
// of a fault too, has the headers Date, by the server's clock, and request_id.
//
// # Wrong programs and bad values
//
// The contract is a slice of the vendor's OpenAPI document (testdata/openapi.json) and of an older version of it. Every
// request is held to both, and every answer of the fake to the newer one. A breach that only a wrong program commits is
// a violation: it fails the test (New) or is listed (Violations). Such are an unknown endpoint, method, query parameter
// or JSON field, a wrong JSON type, a missing required field, null where there is none, malformed JSON, a key given
// twice, a wrong Content-Type, a deprecated operation or parameter, and a query parameter out of its bounds. A bad
// value, which a user may have written (a name, a CIDR, a port, an id, too many rules), only gets the API's 400. The
// rule is problem.byProgram in problem.go.
//
// An answer of the fake that breaks the contract is a violation too, unless a test put the object in (AddGroup, AddRule
// and the like), which may hold any values, or a fault made the answer.
//
// # What the real API leaves open
//
// Config.Reading chooses between the live API as it was seen in February 2026 (Live) and what was assumed before that
// (Older). The list is about Live; a point that says "seen" was recorded on the wire then, and its words are the API's.
// Nothing else of it is published, or the sources differ. Each point is named so that it can be checked against the real
// API. Where a Config field chooses, it stands in brackets, with what Older does if that differs.
//
//   - default-template: `rules` omitted at create gives 39 egress rules, seen: all protocols of both families, but for
//     tcp and udp port 25, and no ingress (EgressTemplate). The documents speak of ingress too since July 2026
//     [DefaultRules; Older: what a reverted group gets].
//   - default-egress: nothing is added to a list of rules [AddDefaultEgress: a non-empty list without an egress rule
//     gets both default egress rules, which count for the limit of 250].
//   - descriptions: a rule made without a description has "", seen [NullDescriptions; Older: automatic rules have null].
//   - ipv6-icmp: icmp with IPv6 gets 400, seen at the request [AcceptIPv6ICMP; Older: it is stored as ipv6-icmp].
//   - port-25: egress to port 25 is not refused. In February 2026 it was, at the POST of a group, and the documents have
//     contradicted each other since [RefusePort25: it gets 400, in the words seen then; that an omitted protocol, a range
//     over 25 and any remote count, and that PATCH, by its whole list, and a single rule are refused alike, is assumed].
//   - host-bits: a CIDR with host bits gets 400 [HostBits: kept or masked]. Other forms are read like Python's
//     ipaddress: a bare address is /32 or /128, an IPv4 netmask becomes a length, IPv6 is compressed, in lower case.
//   - ipencap: stored and answered as sent [IPEncapAsIPIP]. Either way a group cannot hold both an
//     ipencap and an ipip rule that are otherwise equal.
//   - neutron-words: what Neutron refuses comes back with its status, its error type as exception_class and its text;
//     what Gcore's schema refuses is a ValidationError whose invalid_fields are named like "rules.0.direction".
//   - full-range: ports 1-65535 become null for every protocol, as Neutron does it; Gcore does not step in.
//   - early-refusal: what can be known when a request comes is refused at once with 4xx, Neutron's checks included
//     [RefuseInTask: duplicates, limits and missing remote groups end the task in ERROR].
//   - late-refusal: what changed between acceptance and effect (group or remote group gone, the same rule made, limit
//     reached) ends the task in ERROR with Neutron's text. Such a task leaves nothing behind, a PATCH is all or
//     nothing.
//   - duplicate-race: two identical rules never both get in. In Neutron some do: AddRule makes them
//     [AllowDuplicates].
//   - patch-match: PATCH compares each wanted rule with the stored ones by their text, description included, after the
//     schema layer has rewritten CIDRs and uuids. An omitted or null field matches null, its default and, for the
//     protocol, `any`. None of these pairs matches: 1-65535 and null, 0.0.0.0/0 and null, ipencap and ipip, and where
//     they can be stored a given "" and a null description, icmp and ipv6-icmp. Of stored duplicates a list with one of
//     them keeps one [PatchKeepsTwins: all].
//   - patch-time: the comparison is made when the task runs. A rule that was added after the request was accepted
//     goes. While groups are locked only somebody who does not use this API can add one.
//   - patch-order: fields, then rules that go, then rules that come, then tags.
//   - patch-tags: tags alone are changed at once, without a task; beside other changes they come with the task.
//   - read-only-tags: a PATCH that sets a read-only tag to another value, or removes it by name, gets 400; with the
//     same value it passes, and `tags: null` keeps it.
//   - tag-case: keys that differ only in case get 409, since Neutron's database takes tags without regard to case.
//   - group-description: 255 characters at most, as in Neutron; the schema has no limit.
//   - names: need not be unique [UniqueNames: a name that another group of the project and region has, case
//     counting, gets 409 ConflictError at create and rename; its words are made up]. `default`, in any case, gets 409
//     at create and rename.
//   - locks: while a task of a group has not ended, every other write on that group, its deletion and revert included,
//     gets 409 ConflictError [NoLock; Older: no lock but with LockGroups]. Seen at a rule's POST and reported of its
//     DELETE, each beside another rule's task; the rest is assumed. A new group is not locked, nor is a remote group.
//   - default-group: exists only after AddDefaultGroup. It cannot be renamed or deleted (409); its rules and
//     description can be changed.
//   - in-use: deleting a group that an instance uses gets 409 SecurityGroupInUse, with UseGroup.
//   - instances: the entries of .../instances carry id and name, as newer documents have it.
//   - remote-cascade: deleting a group takes the rules that name it out of other groups: one revision for each.
//   - remote-visibility: a remote group of another project or region does not exist (404).
//   - revert: gives any group the rules that the vendor lists for the group `default` (DefaultRules): for both families
//     egress, and ingress for ICMP, tcp 22, tcp 3389 and udp 3389; with new ids, synchronously [DefaultRules]. The group
//     `default` begins with them too.
//   - limits: a quota gets 400 QuotaLimitExceed with info, seen at groups [Quota; GroupLimit; Older: 409]. That the
//     251st rule of a group is such a quota, refused before Neutron's checks, and its attribute, are assumed [RuleLimit].
//     There is no limit for the rules of all groups of a project and region [RuleQuota]. More than 250 rules in a list
//     are a ValidationError.
//   - revisions: a new group without rules has 2, seen, and 1 more for each rule [FirstRevision; Older: 1]; then as
//     measured on Neutron: 1 for each changed rule, 1 for a change of fields, 1 for a change of tags.
//   - extra-fields: a group has `tags`, a list of "k=v", and `metadata`, the same as tags_v2; both seen, in no document.
//   - request-id: every answer has the header request_id, seen; in an error it is that of the body, and a task has that
//     of the request that began it.
//   - clocks: there is one clock [DateOffset, TaskTimeOffset, ObjectTimeOffset].
//   - task-states: NEW for the first quarter of a task's time, then RUNNING [TaskDuration]. NEW is documented; seen were
//     only RUNNING, mostly at the first look, and FINISHED, and tasks of a second at most.
//   - read-after-write: what a task has done, reads show at once [the faults LateEffect and StaleRead].
//   - task-retention: tasks are known for as long as the server runs, up to 200000 of them [the faults ForgetTask and
//     LateTask].
//   - task-resources: created_resources is null until FINISHED and on ERROR, then has all kinds of objects. A group's
//     task lists its group but not its rules, a PATCH lists the group, a rule's creation the rule, and its deletion has
//     null; all seen [EmptyTaskResources; Older: PATCH and deletion list nothing] [the fault TaskResources].
//   - task-data: the data of a task is the request, with the group's id and null for what was not given, seen
//     [NoTaskData; Older: null].
//   - task-times: from_timestamp and to_timestamp compare with created_on as it is kept, bounds included, UTC if they
//     have no zone. Tasks are never acknowledged.
//   - list-order: groups and their rules come in the order of their ids, tags in that of their keys, tasks newest
//     first.
//   - unknown-names: unknown JSON fields and query parameters are ignored (and are a violation).
//   - ids: one in a path that is no uuid of version 4 gets 400, a well-formed one that does not exist 404. Upper case
//     is taken.
//   - unauthorized: a missing key gets 401 not_authenticated, a wrong one and another scheme than APIKey
//     token_not_valid.
//   - no-endpoint: an unknown path gets the gateway's 404, which has no exception_class. Deprecated operations, and
//     those of the API that nothing here needs, get 501, which the real API does not answer.
//   - projects: every positive project and region exists, others get 404; a region is called "Region-<id>". The lists have
//     one of each [Projects, Regions: these, with their names]. Their filters for a name compare it as a whole, in any case.
package gcoretest
