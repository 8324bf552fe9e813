package secgroup

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
	"github.com/gcore-community/terraform-provider-gcore/internal/modeltest"
)

// TestModel runs random sequences of configurations. One that fails is shrunk; TEST_SEED runs the sequence of that seed
// alone.
func TestModel(t *testing.T) {
	t.Parallel()
	first, count := uint64(1), uint64(60)
	if text := os.Getenv("TEST_SEED"); text != "" {
		var err error
		if first, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("TEST_SEED: %v", err)
		}
		count = 1
	}
	for seed := first; seed < first+count; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			faults := append(modeltest.Scenarios(), modeltest.Interrupted, modeltest.InterruptedAtLongTask)
			s := modeltest.Generate(seed, modeltest.Options{Steps: 20, Readings: modeltest.Readings(), Faults: faults})
			if err := runModel(t, s); err != nil {
				s = modeltest.Shrink(s, 300, func(s modeltest.Sequence) bool { return runModel(t, s) != nil })
				t.Errorf("%v\n\nThe shortest sequence that fails: %v\n%s", err, runModel(t, s), s)
			}
		})
	}
}

func runModel(t *testing.T, s modeltest.Sequence) error {
	t.Helper()
	return modeltest.Run(t, s, func(cloud *gcoretest.Server) modeltest.Subject {
		return &caller{t: t, cloud: cloud, order: rand.New(rand.NewPCG(s.Seed, 1)), state: map[string]*entry{}}
	})
}
