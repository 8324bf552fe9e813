package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"
)

// report is all that was measured.
type report struct {
	LatencyMS   int64 `json:"latency_ms"`
	BinaryBytes int64 `json:"binary_bytes"`
	Rows        []row `json:"rows"`
}

// row is one command on one workload.
type row struct {
	Workload     string         `json:"workload"`
	Lock         bool           `json:"lock"` // of each group while a task of it runs
	Parallelism  int            `json:"parallelism"`
	TaskMS       int64          `json:"task_ms"`
	Command      string         `json:"command"`
	Seconds      float64        `json:"seconds"`
	BaseSeconds  float64        `json:"base_seconds"`  // of Terraform's and the provider's own work
	FloorSeconds float64        `json:"floor_seconds"` // the base, and what the API cannot but take
	Ratio        float64        `json:"ratio"`         // of the seconds to the floor
	AllRequests  int            `json:"requests"`
	Requests     map[string]int `json:"requests_by_kind"`
	Bytes        int64          `json:"bytes"`              // of the answers' bodies
	PeakKiB      int64          `json:"peak_kib,omitempty"` // resident memory of the provider; 0: not measured
	// ProcessorSeconds are what the provider's processes took of the processors; 0: not measured. The load of the machine
	// hardly changes it.
	ProcessorSeconds float64 `json:"processor_seconds,omitempty"`
}

func (r row) conditions() conditions {
	return conditions{r.Lock, r.Parallelism, time.Duration(r.TaskMS) * time.Millisecond}
}

// compare sets what the row is compared with: its base, and what the API cannot but take.
func (r *row) compare(base float64, api time.Duration) {
	r.BaseSeconds = base
	r.FloorSeconds = base + api.Seconds()
	r.Ratio = r.Seconds / r.FloorSeconds
}

// name is what a line about an exceeded limit begins with.
func (r row) name() string { return fmt.Sprintf("%s of %s, %s", r.Command, r.Workload, r.conditions()) }

// write prints the table, and writes the files that were asked for.
func (r report) write(o options) error {
	text := r.text()
	_, err := io.WriteString(o.out, text)
	if err == nil && o.table != "" {
		err = os.WriteFile(o.table, []byte(text), 0o644) //nolint:gosec // a page of the documentation
	}
	if err == nil && o.json != "" {
		var content []byte
		if content, err = json.MarshalIndent(r, "", "  "); err == nil {
			err = os.WriteFile(o.json, append(content, '\n'), 0o644) //nolint:gosec // results, for anybody
		}
	}
	if err != nil {
		return fmt.Errorf("write the results: %w", err)
	}
	return nil
}

// text is the report as a table, with the conditions before it.
func (r report) text() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s/%s, %d processors; each answer takes %d ms; the provider has %.1f MB.\n",
		runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), r.LatencyMS, float64(r.BinaryBytes)/1e6)
	fmt.Fprintf(&out, "The floor is the base, Terraform's and the provider's own work, and what answers and tasks take at the least.\n"+
		"The column processor has the seconds of processor time that the provider takes.\n\n")
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "workload\tlock\tparallelism\ttask\tcommand\tseconds\tbase\tfloor\tratio\tprocessor\tKB\tpeak MiB\trequests")
	for _, row := range r.Rows {
		memory, processor := "not measured", "not measured"
		if row.PeakKiB > 0 {
			memory, processor = fmt.Sprintf("%.0f", float64(row.PeakKiB)/1024), fmt.Sprintf("%.2f", row.ProcessorSeconds)
		}
		lock := "no"
		if row.Lock {
			lock = "yes"
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%d\t%.1f s\t%s\t%.2f\t%.2f\t%.2f\t%.2f\t%s\t%.0f\t%s\t%d: %s\n",
			row.Workload, lock, row.Parallelism, float64(row.TaskMS)/1000, row.Command, row.Seconds, row.BaseSeconds, row.FloorSeconds, row.Ratio, processor,
			float64(row.Bytes)/1000, memory, row.AllRequests, row.kinds())
	}
	_ = table.Flush() // into memory
	return out.String()
}
