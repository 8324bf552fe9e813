package rule

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"
)

// otherGroup stands for $SG2 of the recorded cases.
const otherGroup = "0b0e6ba5-5fa5-4a94-9d4c-3a9ad7d8b5a1"

// recordedRule is a rule as a case says it. JSON's null and an absent field
// are both nil: the cases know no difference.
type recordedRule struct {
	Direction      *string `json:"direction"`
	Ethertype      *string `json:"ethertype"`
	Protocol       *string `json:"protocol"`
	PortRangeMin   *int64  `json:"port_range_min"`
	PortRangeMax   *int64  `json:"port_range_max"`
	RemoteIPPrefix *string `json:"remote_ip_prefix"`
	RemoteGroupID  *string `json:"remote_group_id"`
	Description    *string `json:"description"`
}

func (r recordedRule) given() Given {
	g := Given{
		Direction: r.Direction, Ethertype: r.Ethertype, Protocol: r.Protocol,
		PortRangeMin: r.PortRangeMin, PortRangeMax: r.PortRangeMax,
		RemoteIPPrefix: r.RemoteIPPrefix, RemoteGroupID: r.RemoteGroupID, Description: r.Description,
	}
	switch value(r.RemoteGroupID) {
	case "$SG":
		g.RemoteGroupID, g.Self = nil, new(true)
	case "$SG2":
		g.RemoteGroupID = new(otherGroup)
	}
	return g
}

// recordedCase is one line of testdata/rule-cases.jsonl.
type recordedCase struct {
	ID       string        `json:"id"`
	Rule     recordedRule  `json:"rule"`
	Existing *recordedRule `json:"existing"`
	Status   int           `json:"status"`
	Stored   *recordedRule `json:"stored"`
	Error    string        `json:"error"`
	Message  string        `json:"message"`
}

// recordedCases reads every case. What a Given cannot express, such as another
// attribute or a port that is a text, would fail here and not be skipped.
func recordedCases(t testing.TB) []recordedCase {
	t.Helper()
	data, err := os.ReadFile("testdata/rule-cases.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var cases []recordedCase
	for line := range bytes.Lines(data) {
		var c recordedCase
		decoder := json.NewDecoder(bytes.NewReader(line))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&c); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		cases = append(cases, c)
	}
	if len(cases) != 385 {
		t.Fatalf("%d cases, want 385", len(cases))
	}
	return cases
}
