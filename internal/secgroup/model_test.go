package secgroup

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
	"github.com/gcore-community/terraform-provider-gcore/internal/modeltest"
)

// TestModel runs random sequences of configurations, many more of them in `make test-faults`. One that fails is shrunk.
func TestModel(t *testing.T) {
	t.Parallel()
	count := uint64(40)
	if os.Getenv("TEST_FAULTS") == "all" {
		count = 400
	}
	for seed := range modeltest.Seeds(t, count) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			s := modeltest.Generate(seed, modeltest.Options{Steps: 20, Readings: modeltest.Readings(), Faults: modeltest.Faults()})
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
