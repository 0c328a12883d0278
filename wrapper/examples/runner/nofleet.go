//go:build nofleet

package runner

import (
	"context"
	"errors"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// fleetLimiter refuses --fleet. make demo leaves the Redis client out, because it takes long to compile.
func (r *run[O]) fleetLimiter(context.Context) (wrapper.Limiter, error) {
	return nil, errors.New("--fleet: this program was built without it, with -tags nofleet; run make install for one that has it")
}
