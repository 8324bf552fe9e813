// Package secgroup creates, changes and deletes security groups and their rules so that no lost answer, lock or
// interruption loses one.
//
// It speaks of groups ([Ref]), rules ([rule.Rule]) and errors, and knows neither Terraform nor HTTP. What has to
// survive the end of a run is handed to a [Journal] before the request is sent.
//
// Four decisions live here, each in one place: attempt.go says which request may be sent again after which answer,
// search.go says which object came of a request whose answer was lost, guard in patch.go says which rules a PATCH
// may remove, and exchange.go says which resource may delete a single rule.
package secgroup
