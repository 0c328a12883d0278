//go:build nofleet

package runner

import (
	"context"
	"errors"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// shared refuses --fleet. A Redis client takes long to compile, so make demo leaves it out.
func (r *run[O]) shared(context.Context) (wrapper.Limiter, error) {
	return nil, errors.New("--fleet: this program was built without it, with -tags nofleet; run make install for one that has it")
}
